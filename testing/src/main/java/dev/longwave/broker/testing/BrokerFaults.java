package dev.longwave.broker.testing;

import dev.longwave.broker.Broker;
import java.util.Set;

/** What the contract tests can break between a broker and its servers. */
public interface BrokerFaults {

    /** A way to break it. */
    enum Fault {
        /** The node's connections are reset; it can connect again at once. */
        CUT,
        /** The node's connections are reset, and new ones refused. */
        REFUSE,
        /** What the node sends and what is sent to it disappears; no connection is reset. */
        BLACKHOLE,
        /** What is published is stored, but the node is not told of it live. */
        LOSE_LIVE,
        /** What the node publishes is stored, but the answer does not reach it. */
        LOSE_ACK,
        /** The servers are killed without warning, and started again when healed. */
        KILL,
        /** The servers stand still without closing a connection. */
        FREEZE
    }

    /** {@return the faults that can be made; tests of the others are skipped} */
    Set<Fault> possible();

    /**
     * Makes a fault, and returns once it is in force.
     *
     * @param node one of the brokers made for the test; of no matter to {@link Fault#KILL} and
     *     {@link Fault#FREEZE}
     */
    Injected inject(Fault fault, Broker node);

    /** A fault in force. */
    interface Injected extends AutoCloseable {

        /** Heals it, and returns once the servers can be reached again. */
        @Override
        void close();
    }
}
