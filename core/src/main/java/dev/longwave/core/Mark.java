package dev.longwave.core;

import dev.longwave.broker.Position;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Something rare that happened to a stream, kept for operators: see {@link StreamReport}. */
public sealed interface Mark {

    /** {@return when it happened, by this node's clock} */
    Instant at();

    /** {@return the topic or pattern of the stream} */
    String topic();

    /**
     * The client was told that events are missing.
     *
     * @param gap which, and why
     */
    record Missed(Instant at, String topic, Gap gap) implements Mark {}

    /**
     * The stream fell so far behind that the topic's log on this node had moved on.
     *
     * @param after the last event that was taken before; null for none
     */
    record Lapped(Instant at, String topic, @Nullable Position after) implements Mark {}

    /**
     * The stream has read all that it needs of the broker's history, and goes on in the topic's log
     * on this node.
     *
     * @param upTo the last event that was read from history
     */
    record CaughtUp(Instant at, String topic, Position upTo) implements Mark {}

    /**
     * The topic was removed from the stream, which stayed open.
     *
     * @param progress how far it had come
     */
    record Left(Instant at, Progress progress) implements Mark {

        @Override
        public String topic() {
            return progress.topic();
        }
    }
}
