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
    @ValueSource(strings = {"a", "a/*", "*", "**", "*/a/**"})
    void takesAPatternWhereOneMayBe(String pattern) {
        assertThat(TopicName.checkedOrPattern(pattern)).isEqualTo(pattern);
    }

    @ParameterizedTest
    @CsvSource({
        "/*,topic-segment",
        "*//a,topic-segment",
        "**/a,topic-pattern",
        "a/**/*,topic-pattern",
        "*\u200B/**,topic-character",
    })
    void namesTheRuleThatAPatternBreaks(String pattern, String rule) {
        assertThatThrownBy(() -> TopicName.checkedOrPattern(pattern))
                .isInstanceOfSatisfying(
                        InvalidTopicException.class, e -> assertThat(e.rule()).isEqualTo(rule));
    }
}
