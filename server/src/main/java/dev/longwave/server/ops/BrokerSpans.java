package dev.longwave.server.ops;

import dev.longwave.broker.Attributes;
import dev.longwave.broker.BrokerException;
import org.jspecify.annotations.Nullable;

/** Records what the broker is asked to do for events that belong to a trace. */
public interface BrokerSpans {

    /** Records nothing. */
    BrokerSpans NONE = (_, _, _) -> BrokerSpan.NONE;

    /** One request to the broker. */
    @FunctionalInterface
    interface BrokerSpan {

        /** One that is not recorded. */
        BrokerSpan NONE = _ -> {};

        /** The broker has answered, or {@code failure} says why not. */
        void end(@Nullable BrokerException failure);
    }

    /**
     * A request to the broker begins; the thread that makes it ends the span.
     *
     * @param operation what is asked, such as {@code publish}
     * @param topic the topic; empty if there are several
     * @param attributes of the event, which name its trace if it belongs to one
     */
    BrokerSpan begin(String operation, String topic, Attributes attributes);
}
