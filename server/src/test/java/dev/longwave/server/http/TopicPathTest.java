package dev.longwave.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TopicPathTest {

    @ParameterizedTest
    @CsvSource({
        "a, a",
        "a%2Fb, a/b",
        "a+b, a+b",
        "a%20b, a b",
        "%C3%BC, ü",
        "%f0%9f%98%80, \uD83D\uDE00",
        "\uD83D\uDE00%20, '\uD83D\uDE00 '",
        "%EF%BF%BD, \uFFFD"
    })
    void decodesPercentEncodedUtf8(String raw, String topic) {
        assertThat(TopicPath.decoded(raw)).isEqualTo(topic);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "%",
                "%2",
                "a%",
                "%zz",
                "%C3",
                "%C3%28",
                "%ff",
                "%\uFF11\uFF12",
                "\uFFFD",
                "\uD83D",
                "a\uDE00%20"
            })
    void refusesWhatIsNot(String raw) {
        assertThatThrownBy(() -> TopicPath.decoded(raw)).isInstanceOf(ProblemException.class);
    }
}
