package dev.longwave.server.presence;

import java.time.Duration;
import java.util.List;

/**
 * The leases of all nodes, which expire unless renewed. Safe for many threads; every method blocks,
 * and throws {@link dev.longwave.broker.BrokerUnavailableException} without an answer.
 */
interface Leases {

    /** Adds or renews leases, a few hundred at a time. */
    void put(List<Lease> some, Duration ttl);

    /** Removes a lease, or does nothing if there is none. */
    void remove(Lease.Key key);

    /** {@return the leases of a topic that have not expired, at most {@code max}} */
    List<Lease> in(String topic, int max);
}
