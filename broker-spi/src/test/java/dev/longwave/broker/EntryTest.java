package dev.longwave.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class EntryTest {

    private final Entry entry =
            Entry.of(new Position(1, 2), Instant.EPOCH, Message.of(new byte[] {'x'}));

    @Test
    void hasNoTopicUnlessItIsToldOne() {
        assertThat(entry.topic()).isNull();
        assertThat(entry.in("jobs/ü 1").topic()).isEqualTo("jobs/ü 1");
        assertThat(entry.in("jobs/1").position()).isEqualTo(entry.position());
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\nb", "a\rdata: b", "\0", "a\u0085"})
    void refusesATopicThatWouldBreakAnEventStream(String topic) {
        assertThatThrownBy(() -> entry.in(topic))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("control character");
    }
}
