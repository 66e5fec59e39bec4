package dev.longwave.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.broker.Entry;
import dev.longwave.broker.Message;
import dev.longwave.broker.Position;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class EventTest {

    private static final Format<Frame> OTHER =
            new Format<>() {
                @Override
                public Frame encode(Event event) {
                    return new Frame(this) {};
                }
            };

    private final Event event =
            Event.message(
                    1,
                    new TopicId("a"),
                    Entry.of(
                            new Position(1, 1),
                            Instant.EPOCH,
                            Message.of("x".getBytes(StandardCharsets.UTF_8))));

    @Test
    void keepsOneFramePerFormat() {
        LineFormat.LineFrame line = event.frame(LineFormat.LINES);
        Frame other = event.frame(OTHER);

        assertThat(event.frame(LineFormat.LINES)).isSameAs(line);
        assertThat(event.frame(OTHER)).isSameAs(other).isNotSameAs(line);
        assertThat(line.bytes).asString(StandardCharsets.UTF_8).isEqualTo("x\n");
    }

    @Test
    void isCountedByItsDataWhetherEncodedOrNot() {
        int before = event.size();

        event.frame(LineFormat.LINES);

        assertThat(event.size()).isEqualTo(before).isGreaterThan(1);
    }
}
