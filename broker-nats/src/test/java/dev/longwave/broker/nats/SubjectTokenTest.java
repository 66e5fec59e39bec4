package dev.longwave.broker.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SubjectTokenTest {

    @ParameterizedTest
    @ValueSource(
            strings = {"a", "a.b", "*", ">", " ", "$SYS", "é", "e\u0301", "日本語", "😀", "\0", "="})
    void standsForOneText(String text) {
        String token = SubjectToken.of(text);

        assertThat(token).matches("[A-Za-z0-9_-]+");
        assertThat(SubjectToken.text(token)).isEqualTo(text);
    }

    @Test
    void holdsTheLongestKey() {
        assertThat(SubjectToken.of("x".repeat(255))).hasSize(340);
    }

    @Test
    void refusesWhatItCannotTellApart() {
        for (String text : List.of("", "\uD83D", "\uDE00\uD83D")) {
            assertThatThrownBy(() -> SubjectToken.of(text))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void refusesWhatIsNoToken() {
        for (String token : List.of("=", "a.b", "_w")) {
            assertThatThrownBy(() -> SubjectToken.text(token))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}
