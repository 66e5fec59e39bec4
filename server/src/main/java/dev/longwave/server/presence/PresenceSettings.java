package dev.longwave.server.presence;

import dev.longwave.broker.Settings;
import java.time.Duration;

/**
 * Settings of presence.
 *
 * @param lease how long a member stays in a topic after its node was last heard of
 * @param grace how long a user may be without a connection before it has left
 * @param refresh how often the leases of a topic that someone watches are read
 * @param maxMembers how many members a node keeps in mind, and how many it may have of its own
 */
public record PresenceSettings(Duration lease, Duration grace, Duration refresh, int maxMembers) {

    private static final int RENEWALS_PER_LEASE = 3;
    private static final int HEAP_PER_MEMBER = 16 << 10; // of which a member takes a sixth at most

    /** Reads the section {@code presence}. */
    public static PresenceSettings read(Settings settings) {
        Settings presence = settings.section("presence");
        return new PresenceSettings(
                presence.duration(
                        "lease",
                        Duration.ofSeconds(15),
                        Duration.ofSeconds(3),
                        Duration.ofSeconds(30),
                        "How long the members of a node that was killed remain in their topics."
                                + " Each node renews its leases three times in that time."),
                presence.duration(
                        "grace",
                        Duration.ofSeconds(2),
                        Duration.ZERO,
                        Duration.ofSeconds(30),
                        "How long a user may be without a connection to a topic before others are"
                                + " told that it has left."),
                presence.duration(
                        "refresh",
                        Duration.ofSeconds(2),
                        Duration.ofMillis(500),
                        Duration.ofSeconds(10),
                        "How often a node reads the members of each topic that is watched on it."),
                (int)
                        presence.number(
                                "max-members",
                                Math.clamp(
                                        Runtime.getRuntime().maxMemory() / HEAP_PER_MEMBER,
                                        1,
                                        10_000_000),
                                "the heap / 16 KiB",
                                1,
                                10_000_000,
                                "The maximum number of memberships that the clients of one node"
                                    + " have, and of members that the node keeps in memory for all"
                                    + " topics watched on it."));
    }

    /** {@return how often a lease is renewed} */
    Duration renewal() {
        return lease.dividedBy(RENEWALS_PER_LEASE);
    }
}
