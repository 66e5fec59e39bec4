package dev.longwave.broker;

import java.time.Duration;
import java.util.Map;

/**
 * Who is in a topic, as leases that expire unless renewed. Safe for many threads; every method may
 * block, and throws {@link BrokerUnavailableException} when no answer came in time, after which
 * trying again is harmless.
 */
public interface Presence {

    /**
     * Adds or renews a member.
     *
     * @param member an id unique in the topic, 1 to 128 characters
     * @param info what to tell of the member; small, opaque
     * @param ttl how long it is a member unless renewed, more than zero
     */
    void put(String topic, String member, String info, Duration ttl);

    /** Removes a member, or does nothing if there is no such one. */
    void remove(String topic, String member);

    /** {@return the info of each member that has not expired, at most {@code max} of them} */
    Map<String, String> members(String topic, int max);

    /** {@return how many members have not expired} */
    long count(String topic);
}
