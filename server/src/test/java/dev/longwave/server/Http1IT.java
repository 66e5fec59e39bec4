package dev.longwave.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * HTTP/1 as clients should not send it, and as some do: what each is answered, that nothing of a
 * request runs as another, and that none of it is logged as a fault of the server. {@code |} stands
 * for CR LF.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class Http1IT {

    /** What a smuggler wants to have run. */
    private static final String INNER =
            "POST /events/inner HTTP/1.1|Host: h|Content-Length: 1|Connection: close||x";

    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.1 (\\d{3})");

    private final Warnings warnings = Warnings.recorded();
    private final TestServer server = TestServer.with();

    @AfterAll
    void close() {
        server.close();
        warnings.close();
    }

    @AfterEach
    void logsNothingThatSomeoneMustLookAt() {
        assertThat(warnings.records())
                .allMatch(line -> line.startsWith("dev.longwave.server.net.ClientFaults"));
    }

    static Stream<Arguments> smuggled() {
        String post = "POST /events/outer HTTP/1.1|Host: h|";
        return Stream.of(
                Arguments.of(400, post + "Content-Length: 5|Transfer-Encoding: chunked||0||"),
                Arguments.of(400, post + "Transfer-Encoding: chunked|Content-Length: 6||0||X"),
                Arguments.of(400, post + "Content-Length: 3|Content-Length: 0||abc"),
                Arguments.of(400, post + "Content-Length : 3||abc"),
                Arguments.of(400, post + "Content-Length: +3||abc"),
                Arguments.of(501, post + "Transfer-Encoding: xchunked||0||"),
                Arguments.of(501, post + "Transfer-Encoding: identity||abc"),
                Arguments.of(400, post + "Transfer-Encoding:| chunked|Content-Length: 5||0||"),
                Arguments.of(400, post + "Transfer-Encoding: chunked||3;a\nabc|0||"),
                Arguments.of(400, post + "Transfer-Encoding: chunked||+3|abc|0||"),
                Arguments.of(400, post + "Transfer-Encoding: chunked||3|abcXX0||"),
                Arguments.of(400, "POST /events/o HTTP/1.0|Transfer-Encoding: chunked||0||"),
                Arguments.of(400, "GET /health/live HTTP/1.1|Host: h|A: b\nC: d||"),
                Arguments.of(
                        400,
                        "POST /events/a//b HTTP/1.1|Host: h|Expect: 100-continue"
                                + "|Content-Length: 1000||"),
                Arguments.of(404, "POST /nope HTTP/1.1|Host: h|Content-Length: 1000||"));
    }

    @ParameterizedTest
    @MethodSource("smuggled")
    void runsNothingThatIsWithinARequest(int status, String sent) throws Exception {
        String answer = exchange(sent + INNER);

        assertThat(statuses(answer)).containsExactly(status);
        assertThat(answer).contains("Connection: close", "application/problem+json");
        assertThat(history("inner")).isEmpty();
    }

    /** The whole body is there, so it can be skipped, and the next request is answered. */
    @Test
    void goesOnAfterABodyThatWasNotRead() throws Exception {
        String body = INNER.replace("|", "\r\n");

        String answer =
                exchange(
                        "POST /events/a//b HTTP/1.1|Host: h|Expect: 100-continue|Content-Length: "
                                + body.length()
                                + "||"
                                + body
                                + "GET /health/live HTTP/1.1|Host: h|Connection: close||");

        assertThat(statuses(answer)).containsExactly(400, 200);
        assertThat(history("inner")).isEmpty();
    }

    /** A reset would have the client lose the answer. */
    @Test
    void answersWhileTheClientStillSends() throws Exception {
        String answer =
                exchange(
                        "POST /nope HTTP/1.1|Host: h|Content-Length: 60000||"
                                + "x".repeat(60_000 - 1));

        assertThat(statuses(answer)).containsExactly(404);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '@',
            value = {
                "2;a=b|yo|0||",
                "1|y|1|o|0|X-Sum: 1||",
                "02|yo|00;last||",
            })
    void readsChunks(String chunks) throws Exception {
        String answer =
                exchange(
                        "POST /events/chunks HTTP/1.1|Host: h|Transfer-Encoding: chunked"
                                + "|Trailer: X-Sum|Connection: close||"
                                + chunks);

        assertThat(statuses(answer)).containsExactly(200);
        JsonNode events = history("chunks");
        assertThat(events.get(events.size() - 1).get("data").textValue()).isEqualTo("yo");
    }

    @Test
    void asksForABodyThatTheClientWaitsToSend() throws Exception {
        try (var client = connection()) {
            send(
                    client,
                    "POST /events/e HTTP/1.1|Host: h|Expect: 100-continue|Content-Length: 2||");
            var in = client.getInputStream();
            assertThat(new String(in.readNBytes(25), StandardCharsets.US_ASCII))
                    .isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");

            send(client, "yo");

            assertThat(new String(in.readNBytes(15), StandardCharsets.US_ASCII))
                    .isEqualTo("HTTP/1.1 200 OK");
        }
    }

    /** The client learns from the answer that it need not send the body. */
    @Test
    void doesNotAskForABodyThatNobodyReads() throws Exception {
        String answer =
                exchange("POST /nope HTTP/1.1|Host: h|Expect: 100-continue|Content-Length: 2||");

        assertThat(statuses(answer)).containsExactly(404);
        assertThat(answer).contains("Connection: close");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/health/live", "/", "/history/x", "/nope"})
    void sendsNoBodyInAnswerToHead(String path) throws Exception {
        String answer =
                exchange(
                        "HEAD %s HTTP/1.1|Host: h||HEAD %s HTTP/1.1|Host: h|Connection: close||"
                                .formatted(path, path));

        assertThat(statuses(answer)).hasSize(2);
        assertThat(answer.replaceFirst("(?s)^.*?\r\n\r\n", "")).startsWith("HTTP/1.1 ");
        assertThat(answer).endsWith("\r\n\r\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            quoteCharacter = '`',
            value = {
                "/events/n/a|b n/a|b",
                "/events/n/room[1] n/room[1]",
                "/events/n/^{} n/^{}",
                "/events/n/café n/café",
                "/./events/n/dot n/dot",
                "/events/x/../n/up n/up",
                "/events/n/a;b=c n/a;b=c",
                "http://h/events/n/absolute n/absolute",
            })
    void publishesToTheTopicThatTheTargetNames(String target, String topic) throws Exception {
        String answer =
                exchangeRaw(
                        "POST %s HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx"
                                .formatted(target));

        assertThat(statuses(answer)).containsExactly(200);
        assertThat(answer).contains("\"topic\":\"" + topic + "\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"//", "//events/t", "/;x", "/events/%zz", "/%", "/a#b", "/events%2Ft"})
    void refusesTargetsThatNameNothing(String target) throws Exception {
        String answer = exchange("POST %s HTTP/1.1|Host: h|Connection: close||".formatted(target));

        assertThat(statuses(answer)).containsAnyOf(400, 404, 405);
        assertThat(answer).contains("application/problem+json");
        assertThat(history("t")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /health/live HTTP/1.0||",
                "GET /health/live HTTP/1.0|Connection: keep-alive||",
                "||GET /health/live HTTP/1.1|Host: h|Connection: close||",
                "GET http://h/health/live HTTP/1.1|Host: x|Connection: close||"
            })
    void answersOldAndUnusualClients(String sent) throws Exception {
        assertThat(statuses(exchange(sent))).containsExactly(200);
    }

    @Test
    void endsAStreamOfHttp10WithTheConnection() throws Exception {
        server.publish("old", "one");
        try (var client = connection()) {
            send(client, "GET /events/old?since=earliest HTTP/1.0||");
            var read = new StringBuilder();
            while (read.indexOf("data: one\n") < 0) {
                read.append((char) client.getInputStream().read());
            }

            assertThat(read).doesNotContain("chunked");
        }
    }

    @Test
    void saysWhatTheServerAllows() throws Exception {
        String answer = exchange("OPTIONS * HTTP/1.1|Host: h|Connection: close||");

        assertThat(statuses(answer)).containsExactly(204);
        assertThat(answer).contains("Allow: GET, HEAD, POST, DELETE, OPTIONS\r\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "|",
                "HTTP2-Settings: !!!!||",
                "HTTP2-Settings: AAAA||",
                "HTTP2-Settings: AAIAAAAC||",
                "HTTP2-Settings: AAMAAABk|Content-Length: 1||x"
            })
    void answersWhatCannotBeUpgraded(String rest) throws Exception {
        String answer =
                exchange(
                        "GET /health/live HTTP/1.1|Host: h|Connection: Upgrade, HTTP2-Settings"
                                + "|Upgrade: h2c|"
                                + rest
                                + "GET /health/live HTTP/1.0||");

        assertThat(statuses(answer)).containsExactly(200, 200);
    }

    @Test
    void answersNothingToAClientThatDoesNotSpeakHttp() throws Exception {
        try (var client = connection()) {
            send(client, "INVALID CONNECTION PREFACE||");

            assertThat(client.getInputStream().readAllBytes()).isEmpty();
        }
    }

    @Test
    void findsNothingWrongWithAClientThatLeavesAfterItsUpgrade() throws Exception {
        try (Warnings warnings = Warnings.recorded();
                var client = connection()) {
            send(
                    client,
                    "GET /health/live HTTP/1.1|Host: h|Connection: Upgrade, HTTP2-Settings"
                            + "|Upgrade: h2c|HTTP2-Settings: AAMAAABkAAQAAP__||");
            client.shutdownOutput();

            String answer = new String(client.getInputStream().readAllBytes(), ISO_8859_1);

            assertThat(answer).startsWith("HTTP/1.1 101 ").doesNotContain(" 500 ");
            assertThat(warnings.records()).isEmpty();
        }
    }

    @Test
    void upgradesToHttp2() throws Exception {
        try (var client = connection()) {
            send(
                    client,
                    "GET /health/live HTTP/1.1|Host: h|Connection: Upgrade, HTTP2-Settings"
                            + "|Upgrade: h2c|HTTP2-Settings: iooAAAABAAMAAABk||"
                            + "PRI * HTTP/2.0||SM||");
            client.getOutputStream().write(new byte[] {0, 0, 0, 4, 0, 0, 0, 0, 0});

            var read = new StringBuilder();
            while (read.indexOf("\"ready\":true") < 0) {
                read.append((char) client.getInputStream().read());
            }

            assertThat(read.toString()).startsWith("HTTP/1.1 101 Switching Protocols\r\n");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST /events/left HTTP/1.1|Host: h|Content-Length: 100||abc",
                "POST /events/left HTTP/1.1|Host: h|Transfer-Encoding: chunked||10|abc",
                "POST /events/left HTTP/1.1|Host: h|Content-Type: application/x-ndjson"
                        + "|Transfer-Encoding: chunked||10|{\"data\"",
                "GET /x",
                "GET / HTTP/1.1|Host: h|A"
            })
    void publishesNothingOfAClientThatLeaves(String sent) throws Exception {
        try (var client = connection()) {
            send(client, sent);
            client.shutdownOutput();

            assertThat(client.getInputStream().readAllBytes()).isEmpty();
        }
        assertThat(history("left")).isEmpty();
    }

    @Test
    void keepsWhatClientsSendOutOfTheLog() throws Exception {
        String answer =
                exchange(
                        "POST /events/a HTTP/1.1|Host: h|Transfer-Encoding: chunked||z\n"
                                + "FORGED\u001b[31m|");

        assertThat(statuses(answer)).containsExactly(400);
        assertThat(warnings.records()).noneMatch(line -> line.contains("FORGED"));
    }

    /** The publisher learns how far it came. */
    @Test
    void saysHowManyLinesCameBeforeTheFault() throws Exception {
        String answer =
                exchange(
                        "POST /events/lines HTTP/1.1|Host: h|Content-Type: application/x-ndjson"
                                + "|Transfer-Encoding: chunked||d|{\"data\":\"a\"}\n|x|");

        assertThat(statuses(answer)).containsExactly(400);
        assertThat(answer).contains("\"published\":1", "\"line\":2");
    }

    private JsonNode history(String topic) throws IOException, InterruptedException {
        return TestServer.json(server.get("/history/" + topic)).get("events");
    }

    private Socket connection() throws IOException {
        var client = new Socket(InetAddress.getLoopbackAddress(), server.port());
        client.setSoTimeout(300_000);
        return client;
    }

    private static void send(Socket client, String text) throws IOException {
        client.getOutputStream().write(text.replace("|", "\r\n").getBytes(StandardCharsets.UTF_8));
    }

    /** What the server answers, until it ends the connection. */
    private String exchange(String sent) throws IOException {
        return exchangeRaw(sent.replace("|", "\r\n"));
    }

    private String exchangeRaw(String sent) throws IOException {
        try (var client = connection()) {
            client.getOutputStream().write(sent.getBytes(StandardCharsets.UTF_8));
            return new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static List<Integer> statuses(String answer) {
        var statuses = new ArrayList<Integer>();
        STATUS.matcher(answer)
                .results()
                .forEach(found -> statuses.add(Integer.valueOf(found.group(1))));
        return statuses;
    }
}
