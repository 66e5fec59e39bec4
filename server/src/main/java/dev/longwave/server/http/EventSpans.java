package dev.longwave.server.http;

import dev.longwave.broker.Message;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Records the events that clients publish on connections of their own. Safe for many threads. */
@FunctionalInterface
public interface EventSpans {

    /** Records nothing. */
    EventSpans NONE = (_, message) -> new Begun(message, _ -> {});

    /**
     * An event that is being published.
     *
     * @param message what to publish: it may name the trace
     * @param end to be called at the end, with the failure if there is one
     */
    record Begun(Message message, Consumer<@Nullable RuntimeException> end) {}

    /** A client publishes {@code message}, which names the client's trace if it has one. */
    Begun begin(String topic, Message message);
}
