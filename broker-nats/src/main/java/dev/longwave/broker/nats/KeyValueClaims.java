package dev.longwave.broker.nats;

import io.nats.client.Connection;
import io.nats.client.api.StorageType;
import java.time.Duration;
import java.util.Optional;

/**
 * Claims of keys, each for some time and by one caller in the deployment. Safe for many threads.
 */
final class KeyValueClaims {
    /*
     * A claim is a lease without a value. If several callers create it, the servers accept one. Where
     * the servers do not end leases, a caller replaces an expired lease by naming the revision that it
     * found: again the servers accept one.
     */
    private final LeaseBucket bucket;

    private KeyValueClaims(LeaseBucket bucket) {
        this.bucket = bucket;
    }

    /**
     * {@return the claims in {@code bucket}, which is created unless it exists}
     *
     * @param connection remains open when the claims are no longer used
     * @param bucket a name of letters, digits, dashes, and underscores
     * @param replicas how many servers store a new bucket
     * @param timeout the time to wait for each answer
     * @throws dev.longwave.broker.BrokerConfigurationException if the bucket has the wrong
     *     configuration, or the servers have no JetStream
     * @throws dev.longwave.broker.BrokerUnavailableException if no answer arrives in time
     */
    static KeyValueClaims open(
            Connection connection, String bucket, int replicas, Duration timeout) {
        // On disk: a key must remain claimed when a server restarts.
        var configuration = LeaseBucket.named(bucket, replicas).storageType(StorageType.File);
        return new KeyValueClaims(LeaseBucket.open(connection, configuration.build(), timeout));
    }

    /**
     * {@return whether this is the first claim: see {@link dev.longwave.broker.Broker#claim}}
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
                ? bucket.create(token, ttl) // removed a moment ago, by age
                : bucket.isOver(held.get()) && bucket.replace(token, held.get().revision(), ttl);
    }
}
