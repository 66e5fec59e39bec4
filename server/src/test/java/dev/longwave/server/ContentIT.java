package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What may be said of a body: its media type, its content coding, and its text. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ContentIT {

    private static final String NDJSON = "application/x-ndjson";

    private final TestServer server = TestServer.with("limits.data=1KiB", "sse.max-block=1000B");

    @AfterAll
    void close() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"garbage", "", "/", "text/plain; charset=\"", "*", "a b/c"})
    void takesNoNoticeOfWhatIsNoMediaType(String type) throws Exception {
        assertThat(post("/events/type", utf8("yo"), "content-type", type))
                .contains("\"topic\":\"type\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Application/X-NDJSON",
                "application/x-ndjson; charset=\"",
                "application/x-ndjson ;charset=utf-8",
                "application/x-ndjson;"
            })
    void knowsLinesByTypeAndSubtype(String type) throws Exception {
        assertThat(post("/events/lines", utf8("{\"data\":\"u\"}"), "content-type", type))
                .contains("\"published\":1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"identity", "", "Identity,", "gzip", "x-gzip", "GZIP", "identity, gzip"})
    void decodesTheCodingsItKnows(String coding) throws Exception {
        String topic = "coded-" + Integer.toHexString(coding.hashCode());
        byte[] data = utf8("some text");
        boolean gzip = coding.toLowerCase(java.util.Locale.ROOT).contains("gzip");

        String answer =
                post("/events/" + topic, gzip ? gzip(data) : data, "content-encoding", coding);

        assertThat(answer).contains("\"topic\"");
        assertThat(server.get("/history/" + topic).body()).contains("\"data\":\"some text\"");
    }

    @Test
    void decodesGzipOverHttp1() throws Exception {
        byte[] body = gzip(utf8("zipped"));
        for (String coding : new String[] {"gzip", "br", "identity"}) {
            try (var connection = new RawHttp1(server.port())) {
                connection.send(
                        "POST /events/http1 HTTP/1.1",
                        "Content-Type: image/png",
                        "Content-Encoding: " + coding,
                        "Content-Length: " + body.length);
                RawHttp1.Head head = connection.send(body).head();

                assertThat(head.code()).isEqualTo(coding.equals("br") ? 415 : 200);
                assertThat(head.header("Accept-Encoding"))
                        .isEqualTo(coding.equals("br") ? "gzip" : "");
                assertThat(connection.body(head)).isNotEmpty();
            }
        }
        assertThat(server.get("/history/http1").body())
                .contains(Base64.getEncoder().encodeToString(utf8("zipped")))
                .contains(Base64.getEncoder().encodeToString(body));
    }

    @ParameterizedTest
    @ValueSource(strings = {"br", "gzip, gzip", "gzip, br", "garbage"})
    void refusesOtherCodingsInWords(String coding) throws Exception {
        assertThat(post("/events/a", utf8("x"), "content-encoding", coding))
                .contains("content-encoding-unsupported", "\"status\":415");
    }

    @ParameterizedTest
    @CsvSource({"/events/a,''", "/events/a,application/x-ndjson", "/publish,''"})
    void refusesWhatIsNotGzip(String path, String type) throws Exception {
        byte[] whole = gzip(utf8("{\"topic\":\"a\",\"data\":\"x\"}"));

        for (byte[] body :
                new byte[][] {Arrays.copyOf(whole, whole.length - 1), utf8("{\"data\":1}")}) {
            assertThat(post(path, body, "content-encoding", "gzip", "content-type", type))
                    .contains("content-encoding-malformed", "\"status\":400");
        }
    }

    @Test
    void boundsWhatBodiesDecodeTo() throws Exception {
        byte[] bomb = gzip(new byte[64 << 20]);

        assertThat(post("/events/a", bomb, "content-encoding", "gzip")).contains("data-too-large");
        assertThat(post("/publish", bomb, "content-encoding", "gzip")).contains("body-too-large");
        assertThat(post("/events/a", bomb, "content-encoding", "gzip", "content-type", NDJSON))
                .contains("body-too-large", "\"line\":1");
    }

    @Test
    void publishesLinesOfAGzipStream() throws Exception {
        byte[] lines = gzip(utf8("{\"data\":\"one\"}\n{\"data\":\"two\"}\n"));

        assertThat(post("/events/gz", lines, "content-encoding", "gzip", "content-type", NDJSON))
                .contains("\"published\":2");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '^',
            value = {
                "/events/u,^{\"data\":\"a\\ud83dz\"}^",
                "/events/u,^{\"data\":\"x\",\"key\":\"\\ud83d\"}^",
                "/events/u,^{\"data\":\"x\",\"id\":\"\\udc00\"}^",
                "/events/u,^{\"data\":\"x\",\"attributes\":{\"a\":\"\\ud83d\"}}^",
                "/events/u,^{\"data\":{\"\\ud83d\":1}}^",
                "/publish,^{\"topic\":\"\\ud83d\",\"data\":1}^"
            })
    void refusesHalvesOfCharactersInJson(String path, String json) throws Exception {
        assertThat(post(path, utf8(json), "content-type", NDJSON))
                .contains("json-malformed", "\"status\":400", "\"line\":1");
        assertThat(post("/publish", utf8("{\"events\":[" + json + "]}")))
                .contains("json-malformed", "\"status\":400");
    }

    @ParameterizedTest
    @CsvSource({
        "/events/q?type=%ff, parameter-malformed",
        "/events/q?type=%C3%28, parameter-malformed",
        "/events/q?type=%zz, request-malformed",
        "/events/q?type=%, request-malformed",
        "/events/q?%ff=x, query-malformed",
        "/events/q?type=a&type=b, parameter-malformed",
        "/history/q?limit=%ff, parameter-malformed"
    })
    void refusesQueriesThatAreNotUtf8(String path, String rule) throws Exception {
        try (var connection = new RawHttp1(server.port())) {
            RawHttp1.Head head =
                    connection
                            .send(
                                    (path.startsWith("/history") ? "GET " : "POST ")
                                            + path
                                            + " HTTP/1.1",
                                    "Content-Length: 0")
                            .head();

            assertThat(head.code()).isEqualTo(400);
            assertThat(connection.body(head)).contains(rule);
        }
    }

    @Test
    void takesAPlusInAQueryForASpace() throws Exception {
        assertThat(server.post("/events/plus?type=a+b%2Bc", "x").statusCode()).isEqualTo(200);
        assertThat(server.get("/history/plus").body()).contains("\"type\":\"a b+c\"");
    }

    @Test
    void refusesEventsThatWouldBeTooLargeForAStream() throws Exception {
        assertThat(server.post("/events/block", "x".repeat(850)).statusCode()).isEqualTo(200);

        assertThat(server.post("/events/block", "x".repeat(1000)).body())
                .contains("block-too-large", "\"maxBytes\":1000", "\"status\":413");
        assertThat(server.post("/events/block", "\n".repeat(200)).body())
                .contains("block-too-large");
        assertThat(
                        post(
                                "/events/block",
                                utf8("{\"data\":\"" + "x".repeat(1000) + "\"}"),
                                "content-type",
                                NDJSON))
                .contains("block-too-large", "\"line\":1");
    }

    /** Over HTTP/2, and returns the body of the response. */
    private String post(String path, byte[] body, String... headers) throws IOException {
        try (var connection = new RawHttp2(server.port(), 1 << 16, RawHttp2.LARGEST_WINDOW)) {
            int stream = connection.postWith(path, headers);
            for (int at = 0; at < body.length; at += 1 << 13) {
                byte[] part = Arrays.copyOfRange(body, at, Math.min(body.length, at + (1 << 13)));
                connection.data(stream, part, at + part.length == body.length);
            }
            return new String(connection.body(stream), StandardCharsets.UTF_8);
        }
    }

    private static byte[] gzip(byte[] data) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(bytes)) {
            gzip.write(data);
        }
        return bytes.toByteArray();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
