package dev.longwave.server.presence;

import dev.longwave.broker.Broker;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * The members of topics, on all nodes. Safe for many threads. Topics are {@linkplain
 * dev.longwave.core.TopicName#checked valid}, and never patterns. Without a broker that keeps
 * presence, every method throws a {@link dev.longwave.server.http.ProblemException} that says so.
 */
public interface Rooms extends AutoCloseable {

    /**
     * {@return the rooms of one node, which renews the leases of its members while they are open}
     *
     * @param everywhere is notified of joins and leaves in all topics that this node knows; null
     *     for no listener
     * @throws dev.longwave.broker.BrokerUnavailableException if the broker cannot be reached
     */
    static Rooms open(Broker broker, PresenceSettings settings, @Nullable RoomListener everywhere) {
        return broker.presence()
                .<Rooms>map(presence ->
                        LeasedRooms.start(
                                new BrokerLeases(presence),
                                hearing -> TopicHints.open(broker, hearing),
                                settings,
                                everywhere,
                                System::nanoTime,
                                InstantSource.system()))
                .orElseGet(NoRooms::new);
    }

    /** {@return whether the broker keeps presence, so that the other methods can be used} */
    boolean areKept();

    /**
     * Adds a connection to a topic. Does not block: other nodes learn of it in a moment, or, if the
     * broker is not available, as soon as it is. A connection that is there already is replaced.
     *
     * @return ends it
     * @throws dev.longwave.server.http.ProblemException if this node has too many members
     */
    Membership enter(String topic, Member member);

    /**
     * {@return some of the members of {@code topic}, and the counts} May block for a few seconds.
     *
     * @param after the {@link MemberPage#next()} of the page before; empty for the first page
     * @param max how many to return at most, 1 or more
     * @throws dev.longwave.server.http.ProblemException if that cannot be said now, or there are
     *     more than this node may know
     */
    MemberPage members(String topic, String after, int max);

    /**
     * {@return how many are in {@code topic}} May block for a few seconds.
     *
     * @throws dev.longwave.server.http.ProblemException as {@link #members} does
     */
    Counts counts(String topic);

    /**
     * Notifies {@code listener} of joins and leaves from now on. Ask {@link #members} for the
     * members that are there already, after this has returned. May block for a few seconds; if the
     * broker is not available then, the watch begins with those who are there when it is.
     *
     * @return ends it
     */
    Watch watch(String topic, RoomListener listener);

    /** Removes the members of this node, and stops its threads. */
    @Override
    void close();
}
