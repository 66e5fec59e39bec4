package dev.longwave.broker.nats;

import dev.longwave.broker.Presence;
import io.nats.client.Connection;
import java.time.Duration;
import java.util.Map;

/** Who is in a topic, as leases in a key-value bucket. */
final class KeyValuePresence implements Presence {

    private KeyValuePresence() {}

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
        throw new UnsupportedOperationException();
    }

    @Override
    public void put(String topic, String member, String info, Duration ttl) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void remove(String topic, String member) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Map<String, String> members(String topic, int max) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long count(String topic) {
        throw new UnsupportedOperationException();
    }
}
