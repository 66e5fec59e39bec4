package dev.longwave.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class JsonObjectTest {

    @Test
    void readsScalars() {
        var json = JsonObject.parse(" {\"a\":\"x\" , \"b\": -1.5e3,\"c\":true,\"d\":null}\n");

        assertThat(json.required("a")).isEqualTo("x");
        assertThat(json.required("b")).isEqualTo("-1.5e3");
        assertThat(json.required("c")).isEqualTo("true");
        assertThat(json.nullable("d")).isNull();
    }

    @Test
    void readsEscapes() {
        var json = JsonObject.parse("{\"\\u00fc\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\uD83D\\ude00\"}");

        assertThat(json.required("\u00fc")).isEqualTo("\"\\/\b\f\n\r\t\uD83D\uDE00");
    }

    @Test
    void readsWhatIsInside() {
        var json =
                JsonObject.parse(
                        "{\"a\":{\"x\": [1, {\"y\":\"]\"}]},\"b\":[ {\"c\":1}"
                                + " ,{\"c\":2}],\"d\":[]}");

        assertThat(json.required("a")).isEqualTo("{\"x\": [1, {\"y\":\"]\"}]}");
        assertThat(json.object("a").required("x")).isEqualTo("[1, {\"y\":\"]\"}]");
        assertThat(json.objects("b"))
                .extracting(element -> element.required("c"))
                .containsExactly("1", "2");
        assertThat(json.objects("d")).isEmpty();
    }

    @Test
    void namesTheMemberThatIsMissing() {
        var json = JsonObject.parse("{\"d\":null}");

        assertThatThrownBy(() -> json.required("a")).hasMessageEndingWith("member=a");
        assertThatThrownBy(() -> json.required("d")).hasMessageEndingWith("member=d");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x",
                "{",
                "{}x",
                "{\"a\"}",
                "{\"a\":}",
                "{\"a\":1,}",
                "{\"a\":01}",
                "{\"a\":[1}",
                "{\"a\":[1,]}",
                "{\"a\":\"b}",
                "{\"a\":\"\\u12\"}",
                "{\"a\":\"\\x\"}",
                "{\"a\":\"\n\"}",
                "{\"a\":1 \"b\":2}"
            })
    void refusesEverythingElse(String text) {
        assertThatThrownBy(() -> JsonObject.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not a JSON object");
    }
}
