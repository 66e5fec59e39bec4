package dev.longwave.broker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SpiVersionTest {

    @Test
    void acceptsItself() {
        assertThat(SpiVersion.accepts(SpiVersion.CURRENT)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "1.0, 1.0, true",
        "1.2, 1.0, true",
        "1.2, 1.2, true",
        "1.10, 1.9, true",
        "1.2, 1.3, false",
        "1.9, 1.10, false",
        "2.0, 1.0, false",
        "1.0, 2.0, false",
        "1.0, 1, false",
        "1.0, 1.0.1, false",
        "1.0, -1.0, false",
        "1.0, 1.x, false"
    })
    void acceptsWhatThisVersionStillOffers(String current, String version, boolean accepted) {
        assertThat(SpiVersion.accepts(current, version)).isEqualTo(accepted);
    }
}
