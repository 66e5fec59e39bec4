package dev.longwave.broker.nats;

import dev.longwave.broker.Presence;
import io.nats.client.Connection;
import io.nats.client.api.StorageType;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** The members of topics, as leases in a key-value bucket. Safe for many threads. */
final class KeyValuePresence implements Presence {
    /*
     * A member is a lease with the key "<topic>.<member>", both encoded as tokens. So the members of a
     * topic match "<topic>.*", for which the servers have an index.
     *
     * Other applications may write to the bucket: keys that are not such tokens are left out.
     */
    private final LeaseBucket bucket;

    private KeyValuePresence(LeaseBucket bucket) {
        this.bucket = bucket;
    }

    /**
     * {@return the members in {@code bucket}, which is created unless it exists}
     *
     * @param connection remains open when the members are no longer used
     * @param bucket a name of letters, digits, dashes, and underscores
     * @param replicas how many servers store a new bucket
     * @param timeout the time to wait for each answer
     * @throws dev.longwave.broker.BrokerConfigurationException if the bucket has the wrong
     *     configuration, or the servers have no JetStream
     * @throws dev.longwave.broker.BrokerUnavailableException if no answer arrives in time
     */
    static KeyValuePresence open(
            Connection connection, String bucket, int replicas, Duration timeout) {
        // In memory: members renew their leases after a server has restarted.
        var configuration = LeaseBucket.named(bucket, replicas).storageType(StorageType.Memory);
        return new KeyValuePresence(LeaseBucket.open(connection, configuration.build(), timeout));
    }

    @Override
    public void put(String topic, Member member, Duration ttl) {
        bucket.put(key(topic, member.id()), member.info(), ttl);
    }

    @Override
    public void putAll(List<Lease> leases, Duration ttl) {
        bucket.putAll(
                leases.stream()
                        .map(lease ->
                                new LeaseBucket.Content(
                                        key(lease.topic(), lease.member().id()),
                                        lease.member().info()))
                        .toList(),
                ttl);
    }

    @Override
    public void remove(String topic, String memberId) {
        bucket.remove(key(topic, memberId));
    }

    @Override
    public List<Member> members(String topic, int max) {
        return members(bucket.keys(all(topic)), max);
    }

    @Override
    public List<Member> members(String topic, String after, int max) {
        // All keys are read for each page; their values only for those that are in it.
        var keys = new TreeMap<String, String>(Member::compareIds);
        for (String key : bucket.keys(all(topic))) {
            id(key).ifPresent(id -> keys.put(id, key));
        }
        return members(List.copyOf(keys.tailMap(after, false).values()), max);
    }

    private List<Member> members(List<String> keys, int max) {
        var found = new LinkedHashMap<String, Member>(); // a key may be listed twice
        if (max > 0) {
            bucket.visit(
                    keys,
                    max,
                    lease -> {
                        member(lease).ifPresent(member -> found.put(member.id(), member));
                        return found.size() < max;
                    });
        }
        return List.copyOf(found.values());
    }

    @Override
    public long count(String topic) {
        if (bucket.endedByServers()) {
            return bucket.keys(all(topic)).size();
        }
        var found = new HashSet<String>();
        bucket.visit(
                bucket.keys(all(topic)),
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

    private static Optional<Member> member(LeaseBucket.Lease lease) {
        return id(lease.key()).flatMap(id -> member(id, lease.value()));
    }

    private static Optional<Member> member(String id, String info) {
        try {
            return Optional.of(Member.of(id, info));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    private static Optional<String> id(String key) {
        try {
            return Optional.of(SubjectToken.text(key.substring(key.indexOf('.') + 1)));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }
}
