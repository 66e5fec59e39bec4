package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longwave.broker.Attributes;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Binary data and attributes over HTTP: published, in history, and on a stream. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class MessageContentIT {

    private static final String NDJSON = "application/x-ndjson";
    private static final String BINARY = "application/octet-stream";
    private static final byte[] ALL_BYTES = allBytes();

    private final TestServer server = TestServer.with("limits.data=1KiB");

    @AfterAll
    void close() {
        server.close();
    }

    private static byte[] allBytes() {
        byte[] bytes = new byte[256];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) i;
        }
        return bytes;
    }

    // One event

    @Test
    void takesBinaryDataByItsContentType() throws Exception {
        HttpResponse<String> response = post("/events/c/binary", ALL_BYTES, BINARY);

        assertThat(response.statusCode()).isEqualTo(200);
        JsonNode event = only("c/binary");
        assertThat(event.get("encoding").textValue()).isEqualTo("base64");
        assertThat(Base64.getDecoder().decode(event.get("data").textValue())).isEqualTo(ALL_BYTES);
        assertThat(event.get("attributes").toString())
                .isEqualTo("{\"content-type\":\"application/octet-stream\"}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "text/plain",
                "text/plain;charset=UTF-8",
                "Text/Plain; charset=\"utf-8\"",
                "application/x-www-form-urlencoded",
                "application/x-www-form-urlencoded; charset=UTF-8"
            })
    void takesNoNoticeOfTheContentTypesThatClientsSendUnasked(String contentType) throws Exception {
        post("/events/c/unasked", "a".getBytes(StandardCharsets.UTF_8), contentType);

        JsonNode event = newest("c/unasked");
        assertThat(event.has("attributes")).isFalse();
        assertThat(event.has("encoding")).isFalse();
        assertThat(event.get("data").textValue()).isEqualTo("a");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/json",
                "text/html; charset=utf-8",
                "text/plain; charset=utf-8; format=flowed",
                "application/vnd.acme+json"
            })
    void keepsTheContentTypeOfText(String contentType) throws Exception {
        post("/events/c/typed", "{\"a\":\"é\"}".getBytes(StandardCharsets.UTF_8), contentType);

        JsonNode event = newest("c/typed");
        assertThat(event.get("attributes").get("content-type").textValue()).isEqualTo(contentType);
        assertThat(event.has("encoding")).isFalse();
        assertThat(event.get("data").textValue()).isEqualTo("{\"a\":\"é\"}");
    }

    @ParameterizedTest
    @CsvSource({"application/json", "text/plain", "text/csv"})
    void refusesTextThatIsNotUtf8(String contentType) throws Exception {
        HttpResponse<String> response = post("/events/c/bad", new byte[] {'a', -1}, contentType);

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(rule(response)).isEqualTo("data-not-utf-8");
        assertThat(history("c/bad")).isEmpty();
    }

    @Test
    void takesAttributesFromTheQuery() throws Exception {
        post(
                "/events/c/query?type=t&attribute.b=%C3%A9%20x&attribute.a=1"
                        + "&attribute.content-type=image/png",
                ALL_BYTES, BINARY);

        JsonNode event = only("c/query");
        assertThat(event.get("attributes").toString())
                .isEqualTo("{\"a\":\"1\",\"b\":\"é x\",\"content-type\":\"image/png\"}");
        assertThat(event.get("type").textValue()).isEqualTo("t");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "attribute.A=1",
                "attribute.=1",
                "attribute.a=",
                "attribute.a=%0A",
                "attribute.a=%20x",
                "attribute.content-type=text"
            })
    void refusesAttributesThatBreakARule(String query) throws Exception {
        HttpResponse<String> response = server.post("/events/c/refused?" + query, "x");

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(rule(response)).isEqualTo("message-invalid");
        assertThat(TestServer.json(response).get("detail").textValue()).contains("attribute");
        assertThat(history("c/refused")).isEmpty();
    }

    @Test
    void keepsTheTraceOfARequest() throws Exception {
        String parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        server.post("/events/c/trace", "x", "traceparent", parent, "tracestate", "a=1,b=2");
        server.post("/events/c/trace", "x", "traceparent", "nonsense", "tracestate", "a=1");

        List<JsonNode> events = history("c/trace");
        assertThat(events.getFirst().get("attributes").toString())
                .isEqualTo("{\"traceparent\":\"%s\",\"tracestate\":\"a=1,b=2\"}".formatted(parent));
        assertThat(events.getLast().has("attributes")).isFalse();
    }

    // Lines and batches

    @Test
    void takesBinaryDataAndAttributesInABatch() throws Exception {
        String data = Base64.getEncoder().encodeToString(ALL_BYTES);
        HttpResponse<String> response =
                server.post(
                        "/publish",
                        """
                        {"events":[
                          {"topic":"c/batch","data":"%1$s","encoding":"base64"},
                          {"topic":"c/batch","data":"%1$s","encoding":"base64",
                           "attributes":{"content-type":"image/png","b":"é"}},
                          {"topic":"c/batch","data":"YQ==","encoding":"base64",
                           "attributes":{"content-type":"text/plain"}},
                          {"topic":"c/batch","data":{"n":1},"attributes":{"a":"1"},"encoding":null},
                          {"topic":"c/batch","data":"","encoding":"base64"}
                        ]}\
                        """
                                .formatted(data));

        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        List<JsonNode> events = history("c/batch");
        assertThat(events)
                .extracting(event ->
                        event.path("encoding").asText() + ' ' + event.path("data").asText())
                .containsExactly("base64 " + data, "base64 " + data, " a", " {\"n\":1}", "base64 ");
        assertThat(events)
                .extracting(event -> event.path("attributes").toString())
                .containsExactly(
                        "{\"content-type\":\"application/octet-stream\"}",
                        "{\"b\":\"é\",\"content-type\":\"image/png\"}",
                        "{\"content-type\":\"text/plain\"}",
                        "{\"a\":\"1\"}",
                        "{\"content-type\":\"application/octet-stream\"}");
    }

    @Test
    void takesBinaryDataAndAttributesInLines() throws Exception {
        HttpResponse<String> response =
                server.post(
                        "/events/c/lines",
                        """
                        {"data":"/wA=","encoding":"base64"}
                        {"data":"x","attributes":{"a":"1"}}
                        """,
                        "Content-Type",
                        NDJSON);

        assertThat(response.statusCode()).isEqualTo(200);
        List<JsonNode> events = history("c/lines");
        assertThat(events.getFirst().get("data").textValue()).isEqualTo("/wA=");
        assertThat(events.getLast().get("attributes").toString()).isEqualTo("{\"a\":\"1\"}");
    }

    @Test
    void takesAsManyAndAsLongAttributesAsThereMayBe() throws Exception {
        String value = "v".repeat(Attributes.MAX_BYTES - 1);
        String line = "{\"data\":\"x\",\"attributes\":{\"n\":\"%s\"}}";

        HttpResponse<String> most =
                server.post("/events/c/most", line.formatted(value), "Content-Type", NDJSON);
        HttpResponse<String> more =
                server.post("/events/c/most", line.formatted(value + 'v'), "Content-Type", NDJSON);

        assertThat(most.statusCode()).isEqualTo(200);
        assertThat(rule(more)).isEqualTo("message-invalid");
        assertThat(only("c/most").get("attributes").get("n").textValue()).isEqualTo(value);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"data\":\"x\",\"encoding\":\"base32\"}",
                "{\"data\":\"x\",\"encoding\":\"base64\"}",
                "{\"data\":\"_-_-\",\"encoding\":\"base64\"}",
                "{\"data\":1,\"encoding\":\"base64\"}",
                "{\"data\":\"x\",\"encoding\":64}",
                "{\"data\":\"x\",\"attributes\":[]}",
                "{\"data\":\"x\",\"attributes\":{\"a\":1}}",
                "{\"data\":\"x\",\"attributes\":{\"A\":\"1\"}}"
            })
    void refusesAnEventThatBreaksARule(String line) throws Exception {
        HttpResponse<String> response =
                server.post("/events/c/broken", line, "Content-Type", NDJSON);

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(rule(response)).isEqualTo("message-invalid");
    }

    @Test
    void limitsTheDecodedLengthOfData() throws Exception {
        String line = "{\"data\":\"%s\",\"encoding\":\"base64\"}";
        String longest = Base64.getEncoder().encodeToString(new byte[1024]);
        String longer = Base64.getEncoder().encodeToString(new byte[1025]);

        assertThat(
                        server.post("/events/c/l", line.formatted(longest), "Content-Type", NDJSON)
                                .statusCode())
                .isEqualTo(200);
        assertThat(
                        server.post("/events/c/l", line.formatted(longer), "Content-Type", NDJSON)
                                .statusCode())
                .isEqualTo(413);
    }

    // Streams

    @Test
    void sendsBinaryDataAsBase64OnAStream() throws Exception {
        post("/events/c/stream?type=picture", ALL_BYTES, "image/png");
        server.publish("c/stream", "text");

        try (RawStream stream =
                RawStream.subscribe(server.port(), "/events/c/stream?since=earliest")) {
            assertThat(stream.lineWith("event: ")).isEqualTo("event: picture");
            assertThat(stream.lineWith("")).isEqualTo("encoding: base64");
            assertThat(stream.lineWith(""))
                    .isEqualTo("data: " + Base64.getEncoder().encodeToString(ALL_BYTES));
            assertThat(stream.lineWith("")).isEmpty();
            assertThat(stream.lineWith("data: ")).isEqualTo("data: text");
        }
    }

    private HttpResponse<String> post(String path, byte[] body, String contentType)
            throws Exception {
        return server.send(
                server.request(path)
                        .header("Content-Type", contentType)
                        .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                        .build());
    }

    private List<JsonNode> history(String topic) throws Exception {
        return TestServer.json(server.get("/history/" + topic))
                .get("events")
                .valueStream()
                .toList();
    }

    private JsonNode only(String topic) throws Exception {
        List<JsonNode> events = history(topic);
        assertThat(events).hasSize(1);
        return events.getFirst();
    }

    private JsonNode newest(String topic) throws Exception {
        return history(topic).getLast();
    }

    private static String rule(HttpResponse<String> response) {
        String type = TestServer.json(response).get("type").textValue();
        return type.substring(type.lastIndexOf(':') + 1);
    }
}
