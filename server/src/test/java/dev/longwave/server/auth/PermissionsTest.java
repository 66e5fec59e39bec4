package dev.longwave.server.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longwave.broker.TopicPattern;
import dev.longwave.server.auth.Permissions.Action;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PermissionsTest {

    @ParameterizedTest
    @CsvSource({
        "a, a, true",
        "a, A, false",
        "a, a/b, false",
        "a/*, a/b, true",
        "a/*, a/*, true",
        "a/*, a/b/c, false",
        "a/*, a/**, false",
        "a/**, a/**, true",
        "a/**, a/b/*, true",
        "a/**, a, false",
        "a/**, **, false",
        "*, **, false",
        "**, **, true",
        "a/../b, b, false",
        "caf\u00e9, cafe\u0301, false"
    })
    void allowsAPatternOnlyAsAWhole(String allowed, String wanted, boolean expected) {
        Permissions permissions = subscribe(Permissions.patterns(List.of(allowed), null));

        assertThat(permissions.allow(Action.SUBSCRIBE, wanted)).isEqualTo(expected);
    }

    @Test
    void allowsOneActionAndNoOther() {
        Permissions permissions = subscribe(Permissions.patterns(List.of("a"), null));

        assertThat(permissions.allow(Action.PUBLISH, "a")).isFalse();
        assertThat(permissions.allow(Action.PRESENCE, "a")).isFalse();
    }

    @Test
    void putsTheSubjectIntoPatterns() {
        Permissions permissions =
                subscribe(Permissions.patterns(List.of("users/{sub}/**", "inbox-{sub}"), "bob"));

        assertThat(permissions.allow(Action.SUBSCRIBE, "users/bob/a")).isTrue();
        assertThat(permissions.allow(Action.SUBSCRIBE, "inbox-bob")).isTrue();
        assertThat(permissions.allow(Action.SUBSCRIBE, "users/alice/a")).isFalse();
        assertThat(permissions.allow(Action.SUBSCRIBE, "users/{sub}/a")).isFalse();
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", "*", "**", "a*", "bob/../alice", "bob/alice", "/"})
    void putsNoSubjectIntoPatternsThatIsMoreThanPartOfASegment(@Nullable String subject) {
        assertThat(Permissions.patterns(List.of("users/{sub}/**"), subject)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a//b", "/a", "**/a"})
    void refusesWhatIsNoPattern(String text) {
        assertThatThrownBy(() -> Permissions.patterns(List.of(text), null))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static Permissions subscribe(List<TopicPattern> patterns) {
        return new Permissions(patterns, List.of(), List.of());
    }
}
