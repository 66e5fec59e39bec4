package dev.longwave.server.centrifuge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class JsonSliceTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "[]",
                "0",
                "-0",
                "1.5e+10",
                "\"\"",
                "true",
                "false",
                "null",
                " \t\r\n1 ",
                "{\"a\":[1,{\"b\":null}],\"c\":\"\\u00e9\\n\\\\\"}",
                "[[[]]]",
                "\"\u20ac\ud83d\ude00\"",
                "1E400",
                "[1 , 2]",
                "{ \"a\" : 1 }",
                "\"\\ud800\""
            })
    void takesWhatIsJson(String text) {
        assertThat(parsed(text)).isPresent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "}",
                "[1,]",
                "{\"a\"}",
                "{\"a\":}",
                "{a:1}",
                "{\"a\":1,}",
                "01",
                "1.",
                ".5",
                "+1",
                "-",
                "1e",
                "NaN",
                "tru",
                "nulls",
                "'a'",
                "\"",
                "\"\\x\"",
                "\"\\u12\"",
                "\"\n\"",
                "1 2",
                "{} {}",
                "[1 2]",
                "\ufeff1",
                "/**/1",
                "\u0000",
                "[\u0000]",
                "\"\u0001\""
            })
    void takesNothingElse(String text) {
        assertThat(parsed(text)).isEmpty();
    }

    @Test
    void takesNoJsonThatIsNestedTooDeep() {
        assertThat(parsed("[".repeat(100) + "]".repeat(100))).isPresent();
        assertThat(parsed("[".repeat(200) + "]".repeat(200))).isEmpty();
        assertThat(parsed("[".repeat(1_000_000))).isEmpty();
    }

    @Test
    void findsTheMembersOfAnObject() {
        var members =
                parsed(
                                "{ \"a\" : [1, 2]"
                                    + " ,\"b\\u0063\":\"x\\ty\\\"\\ud83d\\ude00\",\"d\":-7,\"e\":true}")
                        .orElseThrow()
                        .members(10);

        assertThat(members.keySet()).containsExactly("a", "bc", "d", "e");
        assertThat(new String(member(members, "a").bytes(), StandardCharsets.UTF_8))
                .isEqualTo("[1, 2]");
        assertThat(member(members, "bc").text()).isEqualTo("x\ty\"\ud83d\ude00");
        assertThat(member(members, "d").number()).isEqualTo(-7);
        assertThat(member(members, "e").flag()).isTrue();
    }

    @Test
    void refusesWhatIsOfAnotherKind() {
        assertThatThrownBy(() -> parsed("[]").orElseThrow().members(1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> parsed("1.5").orElseThrow().number())
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> parsed("1").orElseThrow().text())
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> parsed("null").orElseThrow().flag())
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> parsed("{\"a\":1,\"a\":2}").orElseThrow().members(9))
                .hasMessageContaining("twice");
        assertThatThrownBy(() -> parsed("{\"a\":1,\"b\":2}").orElseThrow().members(1))
                .hasMessageContaining("max=1");
    }

    private static JsonSlice member(Map<String, JsonSlice> members, String name) {
        return Objects.requireNonNull(members.get(name));
    }

    private static Optional<JsonSlice> parsed(String text) {
        return JsonSlice.parse(text.getBytes(StandardCharsets.UTF_8));
    }
}
