package dev.longwave.broker.nats;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class StreamFactsTest {

    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    @Test
    void hasAllAfterAPlaceThatNothingIsRemovedBehind() {
        assertThat(facts(11, 20, 3, 10).hasAllAfter(9)).isFalse();
        assertThat(facts(11, 20, 3, 10).hasAllAfter(10)).isTrue();
        assertThat(facts(11, 20, 3, 10).hasAllAfter(15)).isTrue();
    }

    @Test
    void cannotTellOfATopicThatHasAsManyAsItMay() {
        assertThat(facts(1, 20, 10, 10).hasAllAfter(15)).isFalse();
        assertThat(facts(1, 20, 9, 10).hasAllAfter(15)).isTrue();
        assertThat(facts(1, 20, 10, 10).hasAllSince(NOON)).isFalse();
    }

    @Test
    void hasAllOfAStreamThatIsNew() {
        StreamFacts unused = facts(1, 0, 0, 10, null, null);

        assertThat(unused.hasAllAfter(0)).isTrue();
        assertThat(unused.hasAllSince(Instant.EPOCH)).isTrue();
    }

    @Test
    void hasAllSinceATimeThatItsOldestMessageIsBefore() {
        StreamFacts facts = facts(11, 20, 3, 10, NOON, NOON.plusSeconds(10));

        assertThat(facts.hasAllSince(NOON)).isFalse();
        assertThat(facts.hasAllSince(NOON.plusMillis(1))).isTrue();
    }

    @Test
    void hasAllSinceATimeAfterItsNewestMessageThoughAllAreGone() {
        StreamFacts facts = facts(21, 20, 0, 10, null, NOON);

        assertThat(facts.hasAllSince(NOON)).isFalse();
        assertThat(facts.hasAllSince(NOON.plusMillis(1))).isTrue();
        assertThat(facts.hasAllAfter(20)).isTrue();
        assertThat(facts.hasAllAfter(19)).isFalse();
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

    private static StreamFacts facts(long first, long last, long count, long limit) {
        return facts(first, last, count, limit, NOON, NOON.plusSeconds(10));
    }

    private static StreamFacts facts(
            long first,
            long last,
            long count,
            long limit,
            @Nullable Instant firstTime,
            @Nullable Instant lastTime) {
        return new StreamFacts(7, first, firstTime, last, lastTime, count, limit, true);
    }
}
