package dev.longwave.server.centrifuge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.broker.Position;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class StreamOffsetTest {

    private static final long EPOCH = -5; // its text is longer than that of a signed number

    @Test
    void isTheNumberItselfWhereABrokerCounts() {
        assertThat(StreamOffset.of(new Position(EPOCH, 0))).hasValue(0);
        assertThat(StreamOffset.of(new Position(EPOCH, 42))).hasValue(42);
        assertThat(StreamOffset.of(new Position(EPOCH, (1L << 40) - 1))).hasValue((1L << 40) - 1);
    }

    @Test
    void fitsANumberOfJavaScriptForTheTimesOfRedis() {
        long now = Instant.parse("2026-01-01T00:00:00Z").toEpochMilli();
        long late = Instant.parse("2074-01-01T00:00:00Z").toEpochMilli();

        assertThat(StreamOffset.of(new Position(EPOCH, now, 4095)).orElseThrow())
                .isLessThan(StreamOffset.of(new Position(EPOCH, late, 4095)).orElseThrow())
                .isLessThan(StreamOffset.MAX);
    }

    @Test
    void isNoneWhereThereIsNoWholeNumberForIt() {
        assertThat(StreamOffset.of(new Position(EPOCH, 42, 1))).isEmpty();
        assertThat(StreamOffset.of(new Position(EPOCH, 1L << 41, 4096))).isEmpty();
        assertThat(StreamOffset.of(new Position(EPOCH, 1L << 60))).isEmpty();
        assertThat(StreamOffset.of(new Position(EPOCH, Long.MAX_VALUE, Long.MAX_VALUE))).isEmpty();
    }

    @Test
    void growsWithThePositionAndLeadsBackToIt() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        List<Position> positions = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            long major = random.nextLong() >>> (1 + random.nextInt(62));
            long minor = random.nextInt(3) == 0 ? random.nextInt(6000) : 0;
            var position = new Position(EPOCH, major, minor);
            if (StreamOffset.of(position).isPresent()) {
                positions.add(position);
            }
        }
        positions.sort(
                Comparator.comparingLong(Position::major).thenComparingLong(Position::minor));

        long last = -1;
        for (Position position : positions.stream().distinct().toList()) {
            long offset = StreamOffset.of(position).orElseThrow();
            assertThat(offset).as("seed=%d %s", seed, position).isGreaterThan(last);
            assertThat(StreamOffset.position(StreamOffset.epoch(position), offset))
                    .as("seed=%d", seed)
                    .hasValue(position);
            last = offset;
        }
        assertThat(last).isLessThanOrEqualTo(StreamOffset.MAX);
        assertThat(positions).hasSizeGreaterThan(1000);
    }

    @Test
    void knowsNoPositionThatWasNeverTold() {
        assertThat(StreamOffset.position("_", 0)).isEmpty();
        assertThat(StreamOffset.position("", 1)).isEmpty();
        assertThat(StreamOffset.position("a", -1)).isEmpty();
        assertThat(StreamOffset.position("a", StreamOffset.MAX + 1)).isEmpty();
    }
}
