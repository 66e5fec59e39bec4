package dev.longwave.broker;

import java.time.InstantSource;
import java.util.function.Consumer;

/** What the server gives to a broker. Immutable. */
public final class BrokerContext {

    private final String node;
    private final InstantSource clock;
    private final Consumer<BrokerStatus> onStatus;

    private BrokerContext(Builder builder) {
        this.node = builder.node;
        this.clock = builder.clock;
        this.onStatus = builder.onStatus;
    }

    /**
     * {@return a builder of a context}
     *
     * @param node see {@link #node()}
     */
    public static Builder builder(String node) {
        return new Builder(node);
    }

    /** {@return this node's name, unique in its deployment} */
    public String node() {
        return node;
    }

    /** {@return the time} */
    public InstantSource clock() {
        return clock;
    }

    /**
     * {@return the consumer to tell of each change of state} It is safe for many threads, and does
     * not block.
     */
    public Consumer<BrokerStatus> onStatus() {
        return onStatus;
    }

    /** Builds a context: by default with the system's clock, and nobody to tell of a state. */
    public static final class Builder {

        private final String node;
        private InstantSource clock = InstantSource.system();
        private Consumer<BrokerStatus> onStatus = _ -> {};

        private Builder(String node) {
            this.node = node;
        }

        /** Sets the {@linkplain BrokerContext#clock() clock}. */
        public Builder clock(InstantSource value) {
            clock = value;
            return this;
        }

        /** Sets the {@linkplain BrokerContext#onStatus() consumer of states}. */
        public Builder onStatus(Consumer<BrokerStatus> value) {
            onStatus = value;
            return this;
        }

        /** {@return the context} */
        public BrokerContext build() {
            return new BrokerContext(this);
        }
    }
}
