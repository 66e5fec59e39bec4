package dev.longwave.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class DurationsTest {

    @ParameterizedTest
    @CsvSource({
        "5s, PT5S",
        "2m, PT2M",
        "1h, PT1H",
        "250ms, PT0.25S",
        "7d, PT168H",
        "1h30m, PT1H30M",
        "1d2h3m4s5ms, PT26H3M4.005S",
        "0s, PT0S",
        "PT5S, PT5S",
        "P1D, PT24H",
        "PT-1S, PT-1S"
    })
    void readsUnitsAndIso8601(String text, Duration duration) {
        assertThat(Durations.parse(text)).isEqualTo(duration);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "5", "s", "5 s", "-5s", "1m1h", "1.5s", "5sec", "PT", "9999999999s"})
    void saysWhatItExpects(String text) {
        assertThatThrownBy(() -> Durations.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("such as 5s, 2m, 1h30m, or PT5S");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0s", "5s", "2m", "1h30m", "1d2h3m4s5ms"})
    void writesWhatItReads(String text) {
        assertThat(Durations.text(Durations.parse(text))).isEqualTo(text);
    }

    @Test
    void isWhatSettingsUnderstand() {
        var settings = new Settings(Map.of("a", "15s"));

        assertThat(
                        settings.duration(
                                "a", Duration.ZERO, Duration.ZERO, Duration.ofDays(1), "For it."))
                .isEqualTo(Duration.ofSeconds(15));
    }
}
