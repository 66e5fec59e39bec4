package dev.longwave.cli.demo;

import org.jspecify.annotations.Nullable;

/** Where the demo publishes to. Called from several threads; may block. */
@FunctionalInterface
public interface EventPublisher {

    /**
     * Publishes one event.
     *
     * @param topic the topic, which need not exist beforehand
     * @param type the event type, or null for a plain message
     * @param key what the event is the latest value of, or null
     * @param data the event's data
     * @param end whether this is the last event of the topic
     * @throws RuntimeException if it could not be published; the demo tries again later
     */
    void publish(
            String topic, @Nullable String type, @Nullable String key, String data, boolean end);
}
