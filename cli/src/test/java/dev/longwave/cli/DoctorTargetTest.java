package dev.longwave.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

final class DoctorTargetTest {

    private static DoctorTarget target(String url) {
        return new DoctorTarget.Converter().convert(url);
    }

    @ParameterizedTest
    @CsvSource({
        "https://example.org, https://example.org",
        "https://example.org/, https://example.org",
        "https://example.org:8443/live/, https://example.org:8443/live",
        "https://example.org/events/news?x=1, https://example.org",
        "http://[::1]:8080/live/events?topic=a, http://[::1]:8080/live",
        "https://example.org/eventsource, https://example.org/eventsource"
    })
    void findsTheServerThatAUrlIsOf(String url, String base) {
        assertThat(target(url).base()).isEqualTo(base);
        assertThat(target(url).probe("events=1")).hasToString(base + "/probe?events=1");
    }

    @Test
    void knowsWhereTheServerSpeaksWebSocket() {
        assertThat(target("https://example.org/live").webSocket())
                .hasToString("wss://example.org/live/connection/websocket");
        assertThat(target("http://example.org").webSocket())
                .hasToString("ws://example.org/connection/websocket");
        assertThat(target("wss://example.org/ws/news").webSocket())
                .hasToString("wss://example.org/ws/news");
    }

    @Test
    void addsToTheQueryOfAStream() {
        assertThat(target("http://h/events?topic=a").stream("since=earliest"))
                .hasToString("http://h/events?topic=a&since=earliest");
        assertThat(target("http://h/events/a").stream("since=earliest"))
                .hasToString("http://h/events/a?since=earliest");
        assertThat(target("http://h/x").topic("a b/c", ""))
                .hasToString("http://h/x/events/a%20b/c");
    }

    @ParameterizedTest
    @CsvSource({
        "https://h/events/a?access_token=x, access_token",
        "https://h/events/a?topic=b&TOKEN=x, TOKEN",
        "https://h/events/a?q=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln, q",
        "https://me:secret@h/events/a, user and password"
    })
    void findsACredentialInAUrl(String url, String name) {
        assertThat(target(url).credential()).contains(name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://h",
                "https://h/events/token",
                "https://h/events/a?ticket=x&since=PT5M"
            })
    void takesNothingElseForACredential(String url) {
        assertThat(target(url).credential()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "example.org", "ftp://example.org", "https:///x", "http://a b"})
    void refusesWhatIsNoUrlToExamine(String text) {
        assertThatThrownBy(() -> target(text)).isInstanceOf(TypeConversionException.class);
    }
}
