package dev.longwave.broker.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ServerVersionTest {

    @ParameterizedTest
    @CsvSource({
        "2.11.3,           2, 11, 3, false",
        "2.9.10,           2,  9, 10, false",
        "v2.15.1,          2, 15, 1, false",
        "2.10.0-preview,   2, 10, 0, true",
        "2.12.0-RC.1,      2, 12, 0, true",
        "2.12.1+build.5,   2, 12, 1, false",
        "2.12.1-beta+5,    2, 12, 1, true",
        "3.0,              3,  0, 0, false",
    })
    void readsWhatServersSay(String text, int major, int minor, int patch, boolean preview) {
        assertThat(ServerVersion.parse(text))
                .isEqualTo(new ServerVersion(major, minor, patch, preview));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "2", "two.eleven", "2.11.x", "2.-1.0", "99999999999.0.0"})
    void refusesWhatIsNoVersion(String text) {
        assertThatThrownBy(() -> ServerVersion.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("text=" + text);
    }

    @Test
    void isAtLeastItsOwnLineAndThoseBefore() {
        var version = ServerVersion.parse("2.11.0-preview");

        assertThat(version.atLeast(2, 11)).as("a pre-release has the features").isTrue();
        assertThat(version.atLeast(2, 9)).isTrue();
        assertThat(version.atLeast(1, 99)).isTrue();
        assertThat(version.atLeast(2, 12)).isFalse();
        assertThat(version.atLeast(3, 0)).isFalse();
    }

    @Test
    void comparesByNumbersAndPutsPreReleasesFirst() {
        var inOrder =
                Stream.of("1.99.9", "2.9.10", "2.10.0-preview", "2.10.0", "2.10.2", "2.11.0")
                        .map(ServerVersion::parse)
                        .toList();

        assertThat(inOrder).isSorted();
        assertThat(inOrder).doesNotHaveDuplicates();
    }
}
