package dev.longwave.broker.nats;

import io.nats.client.Connection;
import java.time.Duration;

/** Keys that are taken for a while, of which the first caller in the deployment gets each. */
final class KeyValueClaims {

    private KeyValueClaims() {}

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
        throw new UnsupportedOperationException();
    }

    /** As {@link dev.longwave.broker.Broker#claim}. */
    boolean claim(String key, Duration ttl) {
        throw new UnsupportedOperationException();
    }
}
