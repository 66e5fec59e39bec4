package dev.longwave.broker.nats;

import dev.longwave.broker.Presence;
import io.nats.client.Connection;
import io.nats.client.api.StorageType;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;

/** Who is in a topic, as leases in a key-value bucket. Safe for many threads. */
final class KeyValuePresence implements Presence {
    /*
     * A member is a lease with the key "<topic>.<member>", both as tokens, so that those of a topic
     * are what matches "<topic>.*": the servers have an index for that, and send no others.
     */
    private static final int MAX_MEMBER_LENGTH = 128;

    private final LeaseBucket bucket;

    private KeyValuePresence(LeaseBucket bucket) {
        this.bucket = bucket;
    }

    /**
     * {@return the leases kept in {@code bucket}, which is created if it is not there}
     *
     * @param connection which stays the caller's
     * @param bucket letters, digits, dashes and underscores
     * @param replicas how many servers hold a bucket that is created
     * @param timeout for each answer
     * @throws dev.longwave.broker.BrokerConfigurationException if the bucket is not as it must be,
     *     or the servers have no JetStream
     * @throws dev.longwave.broker.BrokerUnavailableException if no answer came in time
     */
    static KeyValuePresence open(
            Connection connection, String bucket, int replicas, Duration timeout) {
        // In memory: who is still there renews its lease when a server has started anew.
        var configuration = LeaseBucket.named(bucket, replicas).storageType(StorageType.Memory);
        return new KeyValuePresence(LeaseBucket.open(connection, configuration.build(), timeout));
    }

    @Override
    public void put(String topic, String member, String info, Duration ttl) {
        if (member.isEmpty() || member.length() > MAX_MEMBER_LENGTH) {
            throw new IllegalArgumentException(
                    "member id has a bad length length=%d min=1 max=%d"
                            .formatted(member.length(), MAX_MEMBER_LENGTH));
        }
        bucket.put(key(topic, member), info, ttl);
    }

    @Override
    public void remove(String topic, String member) {
        bucket.remove(key(topic, member));
    }

    @Override
    public Map<String, String> members(String topic, int max) {
        var found = new LinkedHashMap<String, String>();
        if (max > 0) {
            bucket.visit(
                    all(topic),
                    max,
                    lease -> {
                        found.put(member(lease), lease.value());
                        return found.size() < max;
                    });
        }
        return found;
    }

    @Override
    public long count(String topic) {
        if (bucket.endedByServers()) {
            return bucket.keys(all(topic)).size();
        }
        var found = new HashSet<String>();
        bucket.visit(
                all(topic),
                Integer.MAX_VALUE,
                lease -> {
                    found.add(lease.key());
                    return true;
                });
        return found.size();
    }

    private static String key(String topic, String member) {
        return SubjectToken.of(topic) + '.' + SubjectToken.of(member);
    }

    private static String all(String topic) {
        return SubjectToken.of(topic) + ".*";
    }

    private static String member(LeaseBucket.Lease lease) {
        String key = lease.key();
        return SubjectToken.text(key.substring(key.indexOf('.') + 1));
    }
}
