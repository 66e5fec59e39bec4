package dev.longwave.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LineFormatTest {

    private final LineFormat text = new LineFormat(false, "run", "", "");
    private final LineFormat json = new LineFormat(true, "run", "log", "");

    @Test
    void makesTheLineTheDataOfAnEvent() {
        assertThat(text.line(3, utf8("say \"hi\"\t€")))
                .contains(new Line(3, "{\"id\":\"run-3\",\"data\":\"say \\\"hi\\\"\\t€\"}"));
    }

    @Test
    void addsTypeAndKey() {
        assertThat(new LineFormat(false, "run", "price", "ACME").line(1, utf8("12")))
                .contains(
                        new Line(
                                1,
                                "{\"id\":\"run-1\",\"type\":\"price\",\"key\":\"ACME\",\"data\":\"12\"}"));
    }

    @Test
    void keepsTheTextOfAJsonLineAndAddsWhatIsMissing() {
        assertThat(jsonLine(" { \"data\": {\"n\": 1.10e400} } "))
                .contains("{\"id\":\"run-1\",\"type\":\"log\", \"data\": {\"n\": 1.10e400} }");
        assertThat(jsonLine("{\"id\":\"mine\",\"data\":[]}"))
                .contains("{\"type\":\"log\",\"id\":\"mine\",\"data\":[]}");
        assertThat(jsonLine("{\"type\":\"x\",\"id\":\"mine\"}"))
                .contains("{\"type\":\"x\",\"id\":\"mine\"}");
        assertThat(jsonLine("{}")).contains("{\"id\":\"run-1\",\"type\":\"log\"}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"1", "[]", "\"x\"", "{", "{\"a\":1} x", "{\"a\":1}{}", "hello", "{a:1}"})
    void refusesALineThatIsNotOneJsonObject(String line) {
        assertThat(jsonLine(line)).isEmpty();
    }

    @Test
    void endsATopicWithoutData() {
        assertThat(text.end(4))
                .isEqualTo(new Line(4, "{\"id\":\"run-4\",\"data\":\"\",\"end\":true}"));
    }

    private Optional<String> jsonLine(String line) {
        return json.line(1, utf8(line)).map(Line::json);
    }

    @Test
    void sendsBytesThatAreNoTextAsTheyAre() {
        assertThat(new LineFormat(false, "run", "", "").line(1, new byte[] {(byte) 0xc3, 'x'}))
                .map(Line::json)
                .contains("{\"id\":\"run-1\",\"encoding\":\"base64\",\"data\":\"w3g=\"}");
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
