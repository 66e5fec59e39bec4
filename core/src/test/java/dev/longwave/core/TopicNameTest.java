package dev.longwave.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TopicNameTest {

    @ParameterizedTest
    @ValueSource(
            strings = {"a", "a/b", "jobs/42", "ünï/\uD83D\uDE00", "a b", "a.b>c", "a*", "**b", "0"})
    void takesAnyOrdinaryName(String name) {
        assertThat(TopicName.checked(name)).isEqualTo(name);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '^',
            value = {
                "^^,topic-length",
                "/a,topic-segment",
                "a/,topic-segment",
                "a//b,topic-segment",
                "a/*,topic-pattern",
                "**,topic-pattern",
            })
    void namesTheRuleThatIsBroken(String name, String rule) {
        assertThatThrownBy(() -> TopicName.checked(name))
                .isInstanceOfSatisfying(
                        InvalidTopicException.class, e -> assertThat(e.rule()).isEqualTo(rule));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\nb", "a\0", "a\u200Bb", "a\u202Eb", "\uD800", "a\u2028"})
    void refusesControlAndFormatCharacters(String name) {
        assertThatThrownBy(() -> TopicName.checked(name)).isInstanceOf(InvalidTopicException.class);
    }

    @Test
    void countsBytesNotCharacters() {
        assertThat(TopicName.checked("ü".repeat(127))).hasSize(127);
        assertThatThrownBy(() -> TopicName.checked("ü".repeat(128)))
                .hasMessageContaining("length=256");
    }

    @ParameterizedTest
    @CsvSource({
        "a, a, true",
        "a, b, false",
        "a, a/b, false",
        "a/*, a/b, true",
        "a/*, a, false",
        "a/*, a/b/c, false",
        "a/**, a/b, true",
        "a/**, a/b/c, true",
        "a/**, a, false",
        "a/**, ab/c, false",
        "**, a, true",
        "**, a/b, true",
        "*, a, true",
        "*, a/b, false",
        "*/x, a/x, true",
        "*/x, a/y, false",
        "a*, ab, false",
    })
    void matchesPatternsBySegment(String pattern, String topic, boolean matches) {
        assertThat(TopicPattern.parse(pattern).matches(topic)).isEqualTo(matches);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a//b", "**/a", "a/**/b"})
    void refusesPatternsThatMakeNoSense(String pattern) {
        assertThatThrownBy(() -> TopicPattern.parse(pattern))
                .isInstanceOf(InvalidTopicException.class);
    }
}
