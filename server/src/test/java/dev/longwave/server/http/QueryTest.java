package dev.longwave.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class QueryTest {

    @ParameterizedTest
    @CsvSource({
        "a=b, b",
        "a=, ''",
        "a, ''",
        "a=b=c, b=c",
        "&&x=y&a=b&, b",
        "a=b+c%2B, 'b c+'",
        "a=%C3%BC, ü",
        "a=ü, ü",
        "%61=%f0%9f%98%80, \uD83D\uDE00",
        "a=%EF%BF%BD, \uFFFD"
    })
    void readsParametersAsBrowsersWriteThem(String raw, String value) {
        assertThat(Query.parsed(raw).value("a")).contains(value);
    }

    @Test
    void keepsAllValuesOfANameInOrder() {
        Query query = Query.parsed("topic=b&x&topic=a&topic");

        assertThat(query.values("topic")).isEqualTo(List.of("b", "a", ""));
        assertThat(query.names()).containsExactly("topic", "x");
        assertThat(query.contains("y")).isFalse();
        assertThat(query.value("y")).isEmpty();
    }

    @Test
    void refusesToIgnoreAValue() {
        assertThatThrownBy(() -> Query.parsed("a=1&a=2").value("a"))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        e -> assertThat(e.problem().facts()).containsEntry("parameter", "a"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a=%ff",
                "a=%zz",
                "a=%",
                "a=%4",
                "a=%C3%28",
                "a=%ED%A0%BD",
                "a=%C0%AF",
                "a=\uFFFD",
                "a=\uD83D"
            })
    void refusesValuesThatAreNotUtf8(String raw) {
        assertThatThrownBy(() -> Query.parsed("b=c&" + raw))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        e -> {
                            assertThat(e.problem().rule()).isEqualTo("parameter-malformed");
                            assertThat(e.problem().facts()).containsEntry("parameter", "a");
                        });
    }

    @Test
    void refusesNamesThatAreNotUtf8() {
        assertThatThrownBy(() -> Query.parsed("%ff=a"))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        e -> assertThat(e.problem().rule()).isEqualTo("query-malformed"));
    }
}
