package dev.longwave.broker.nats;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class StreamFactsTest {

    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    @Test
    void knowsWhichSubjectsMayHaveLostMessagesByCount() {
        Map<String, Long> counts = Map.of("a", 9L, "b", 10L, "c", 1L);

        assertThat(facts(1, 20, counts, 10).full()).containsExactly("b");
        assertThat(facts(1, 20, counts, -1).full()).isEmpty();
        assertThat(facts(1, 20, counts, 10).count()).isEqualTo(20);
    }

    @Test
    void knowsWhenTooFewMessagesCameForAnyToBeLostByCount() {
        assertThat(facts(1, 20, Map.of(), 10).hasGotFewSince(10)).isTrue();
        assertThat(facts(1, 20, Map.of(), 10).hasGotFewSince(9)).isFalse();
        assertThat(facts(1, 20, Map.of(), -1).hasGotFewSince(0)).isTrue();
    }

    @Test
    void knowsSinceWhenNothingWasRemovedForItsAge() {
        StreamFacts facts = facts(11, 20, NOON, NOON.plusSeconds(10));

        assertThat(facts.removedNoneByAgeSince(NOON)).isFalse();
        assertThat(facts.removedNoneByAgeSince(NOON.plusMillis(1))).isTrue();
        assertThat(facts(1, 20, NOON, NOON).removedNoneByAgeSince(Instant.EPOCH)).isTrue();
        assertThat(facts(1, 0, null, null).removedNoneByAgeSince(Instant.EPOCH)).isTrue();
    }

    @Test
    void knowsSinceWhenThoughAllAreGone() {
        StreamFacts facts = facts(21, 20, null, NOON);

        assertThat(facts.removedNoneByAgeSince(NOON)).isFalse();
        assertThat(facts.removedNoneByAgeSince(NOON.plusMillis(1))).isTrue();
    }

    @Test
    void makesAnEpochOfTheStreamsLife() {
        ZonedDateTime created = NOON.atZone(ZoneOffset.UTC);

        assertThat(StreamFacts.epoch("A", created))
                .isEqualTo(StreamFacts.epoch("A", created))
                .isNotEqualTo(StreamFacts.epoch("B", created))
                .isNotEqualTo(StreamFacts.epoch("A", created.plusNanos(1)))
                .isBetween(0L, (1L << 40) - 1);
    }

    private static StreamFacts facts(
            long first, long last, Map<String, Long> counts, long countLimit) {
        return new StreamFacts(7, first, NOON, last, NOON, counts, countLimit, true);
    }

    private static StreamFacts facts(
            long first, long last, @Nullable Instant firstTime, @Nullable Instant lastTime) {
        return new StreamFacts(7, first, firstTime, last, lastTime, Map.of(), 10, true);
    }
}
