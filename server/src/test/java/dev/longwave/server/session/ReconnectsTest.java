package dev.longwave.server.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class ReconnectsTest {

    private static final Duration RETRY = Duration.ofSeconds(2);

    @Test
    void tellsFewClientsWhatIsConfigured() {
        var few = new Reconnects(RETRY, 1000, () -> 100);

        assertThat(few.firstMillis()).isEqualTo(2000);
        assertThat(spread(few)).allMatch(millis -> millis >= 2000 && millis <= 4000);
        assertThat(few.longestMillis()).isEqualTo(4000);
    }

    @Test
    void givesManyClientsMoreTime() {
        var many = new Reconnects(RETRY, 1000, () -> 10_000);

        assertThat(spread(many))
                .allMatch(millis -> millis >= 2000 && millis <= 12_000)
                .anyMatch(millis -> millis > 7000);
        assertThat(LongStream.generate(many::firstMillis).limit(1000).boxed())
                .allMatch(millis -> millis >= 2000 && millis <= 12_000)
                .anyMatch(millis -> millis > 7000);
        assertThat(many.spreadSeconds()).isBetween(2L, 12L);
    }

    @Test
    void letsNobodyWaitForMoreThanAMinuteLonger() {
        var crowd = new Reconnects(RETRY, 1, () -> 1_000_000);

        assertThat(crowd.longestMillis()).isEqualTo(62_000);
    }

    @Test
    void doesNotLookAtTheirNumberIfNoneIsSet() {
        var crowd = new Reconnects(RETRY, 0, () -> 1_000_000);

        assertThat(crowd.firstMillis()).isEqualTo(2000);
        assertThat(crowd.longestMillis()).isEqualTo(4000);
    }

    private static List<Long> spread(Reconnects reconnects) {
        return LongStream.generate(reconnects::spreadMillis).limit(1000).boxed().toList();
    }
}
