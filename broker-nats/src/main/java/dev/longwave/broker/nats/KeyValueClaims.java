package dev.longwave.broker.nats;

import io.nats.client.Connection;
import io.nats.client.api.StorageType;
import java.time.Duration;
import java.util.Optional;

/**
 * Keys that are taken for a while, of which the first caller in the deployment gets each. Safe for
 * many threads.
 */
final class KeyValueClaims {
    /*
     * A claim is a lease without a value. The servers let one of several create it. Where they do
     * not end leases, one of several replaces the one that is over, as each names the revision that
     * it found.
     */
    private final LeaseBucket bucket;

    private KeyValueClaims(LeaseBucket bucket) {
        this.bucket = bucket;
    }

    /**
     * {@return the claims kept in {@code bucket}, which is created if it is not there}
     *
     * @param connection which stays the caller's
     * @param bucket letters, digits, dashes and underscores
     * @param replicas how many servers hold a bucket that is created
     * @param timeout for each answer
     * @throws dev.longwave.broker.BrokerConfigurationException if the bucket is not as it must be,
     *     or the servers have no JetStream
     * @throws dev.longwave.broker.BrokerUnavailableException if no answer came in time
     */
    static KeyValueClaims open(
            Connection connection, String bucket, int replicas, Duration timeout) {
        // On disk: what was claimed must not be free again when a server starts anew.
        var configuration = LeaseBucket.named(bucket, replicas).storageType(StorageType.File);
        return new KeyValueClaims(LeaseBucket.open(connection, configuration.build(), timeout));
    }

    /**
     * As {@link dev.longwave.broker.Broker#claim}.
     *
     * @param key any text, not empty
     * @param ttl at most {@link LeaseBucket#LONGEST}
     */
    boolean claim(String key, Duration ttl) {
        String token = SubjectToken.of(key);
        if (bucket.create(token, ttl)) {
            return true;
        }
        if (bucket.endedByServers()) {
            return false;
        }
        Optional<LeaseBucket.Lease> held = bucket.find(token);
        return held.isEmpty()
                ? bucket.create(token, ttl) // deleted a moment ago, as it was too old
                : bucket.isOver(held.get()) && bucket.replace(token, held.get().revision(), ttl);
    }
}
