package dev.longwave.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TopicPatternTest {

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
    void matchesTopicsBySegment(String pattern, String topic, boolean matches) {
        assertThat(TopicPattern.parse(pattern).matches(topic)).isEqualTo(matches);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a//b", "**/a", "a/**/b"})
    void refusesWhatMakesNoSense(String pattern) {
        assertThatThrownBy(() -> TopicPattern.parse(pattern))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("pattern m");
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", "**", "a/*", "*/a", "a/*/b", "a/**", "a*/*", "**/a"})
    void knowsAPattern(String text) {
        assertThat(TopicPattern.isPattern(text)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "a*", "*a", "***", "a/***", "a**/b", "a*b/c", "**b"})
    void knowsATopic(String text) {
        assertThat(TopicPattern.isPattern(text)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "**, **, true",
        "**, *, true",
        "**, a/*/b, true",
        "*, **, false",
        "*, a, true",
        "a/*, a/*, true",
        "a/*, a/**, false",
        "a/**, a/*, true",
        "a/**, a/*/b, true",
        "a/**, a/*/**, true",
        "a/*/**, a/**, false",
        "*/**, a/**, true",
        "a/*/c, a/b/c, true",
        "a/b, a/*, false",
        "b/**, a/**, false",
    })
    void coversAnotherIfItMatchesAllTopicsOfIt(String pattern, String other, boolean covers) {
        assertThat(TopicPattern.parse(pattern).covers(TopicPattern.parse(other))).isEqualTo(covers);
    }

    @Test
    void givesItsSegments() {
        assertThat(TopicPattern.parse("a/*/b*/**").segments())
                .containsExactly("a", "*", "b*", "**");
    }
}
