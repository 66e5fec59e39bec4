package dev.longwave.server.presence;

import java.util.List;
import java.util.function.Consumer;

/**
 * Tells other nodes at once what they would read from the leases a little later. A hint may get
 * lost. Safe for many threads.
 */
interface Hints extends AutoCloseable {

    /** No other node is there to be told. */
    Hints NONE =
            new Hints() {
                @Override
                public void publish(List<Change> changes) {
                    // Nobody is there.
                }

                @Override
                public void close() {
                    // Nothing is open.
                }
            };

    /**
     * Tells other nodes. May block.
     *
     * @throws dev.longwave.broker.BrokerException if they may not have been told
     */
    void publish(List<Change> changes);

    @Override
    void close();

    /** Opens the hints of a node. */
    @FunctionalInterface
    interface Opening {

        /**
         * Begins to listen.
         *
         * @param hearing what to do with the hints of other nodes; does not block
         */
        Hints open(Consumer<List<Change>> hearing);
    }
}
