package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Publishing in the terms of CloudEvents 1.0: its HTTP binding, and its JSON format. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CloudEventsIT {

    private static final String STRUCTURED = "application/cloudevents+json; charset=utf-8";
    private static final String BATCH = "application/cloudevents-batch+json";

    private final TestServer server = TestServer.with("limits.data=1KiB", "limits.batch-events=3");

    @AfterAll
    void close() {
        server.close();
    }

    @Test
    void keepsTheAttributesOfABinaryEvent() throws Exception {
        HttpResponse<String> response =
                server.post(
                        "/events/binary",
                        "{\"amount\":7}",
                        "Content-Type",
                        "application/json",
                        "ce-specversion",
                        "1.0",
                        "ce-id",
                        "42",
                        "ce-source",
                        "/shop/Z%C3%BCrich%20+1",
                        "ce-type",
                        "com.example.order",
                        "ce-time",
                        "2026-01-31T12:00:00Z",
                        "CE-Subject",
                        "order 7",
                        "ce-partitionkey",
                        "customer-3");

        assertThat(response.statusCode()).isEqualTo(200);
        JsonNode event = only("binary");
        assertThat(event.get("type").textValue()).isEqualTo("com.example.order");
        assertThat(event.get("key").textValue()).isEqualTo("customer-3");
        assertThat(event.get("data").textValue()).isEqualTo("{\"amount\":7}");
        JsonNode attributes = event.get("attributes");
        assertThat(attributes.get("content-type").textValue()).isEqualTo("application/json");
        assertThat(attributes.get("ce-specversion").textValue()).isEqualTo("1.0");
        assertThat(attributes.get("ce-id").textValue()).isEqualTo("42");
        assertThat(attributes.get("ce-source").textValue()).isEqualTo("/shop/Zürich +1");
        assertThat(attributes.get("ce-type").textValue()).isEqualTo("com.example.order");
        assertThat(attributes.get("ce-time").textValue()).isEqualTo("2026-01-31T12:00:00Z");
        assertThat(attributes.get("ce-subject").textValue()).isEqualTo("order 7");
    }

    @Test
    void keepsTheAttributesOfAStructuredEvent() throws Exception {
        post(
                "/events/structured?attribute.priority=high",
                """
                {"specversion":"1.0","id":"1","source":"/s","type":"t","datacontenttype":"application/json",
                 "dataschema":"http://example.org/s","sequence":3,"sampled":true,"subject":null,
                 "data":{"a":[1,2]}}
                """,
                STRUCTURED);

        JsonNode event = only("structured");
        assertThat(event.get("data").textValue()).isEqualTo("{\"a\":[1,2]}");
        assertThat(event.get("attributes").toString())
                .isEqualTo(
                        "{\"ce-dataschema\":\"http://example.org/s\",\"ce-id\":\"1\","
                                + "\"ce-sampled\":\"true\",\"ce-sequence\":\"3\","
                                + "\"ce-source\":\"/s\",\"ce-specversion\":\"1.0\","
                                + "\"ce-type\":\"t\",\"content-type\":\"application/json\","
                                + "\"priority\":\"high\"}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "\"data\":\"x\" | \"x\"",
                "\"data\":\"x\",\"datacontenttype\":\"application/vnd.a+json\" | \"x\"",
                "\"data\":\"x\",\"datacontenttype\":\"text/plain\" | x",
                "\"data\":{\"a\": 1.5} | {\"a\":1.5}",
                "\"data\":null | ^^",
                "\"subject\":\"s\" | ^^",
                "\"data_base64\":\"aGk=\",\"datacontenttype\":\"text/plain\" | hi"
            })
    void takesDataAsTheFormatSays(String members, String data) throws Exception {
        String topic = "data/" + Integer.toHexString(members.hashCode());

        post("/events/" + topic, event("1", members), STRUCTURED);

        assertThat(only(topic).get("data").textValue()).isEqualTo(data);
    }

    @Test
    void takesBinaryData() throws Exception {
        post("/events/base64", event("1", "\"data_base64\":\"/w==\""), STRUCTURED);

        JsonNode event = only("base64");
        assertThat(event.get("encoding").textValue()).isEqualTo("base64");
        assertThat(event.get("data").textValue()).isEqualTo("/w==");
    }

    @Test
    void dropsAnEventOfTheSameSourceAndId() throws Exception {
        HttpResponse<String> first = post("/events/twice", event("7", "\"data\":1"), STRUCTURED);
        HttpResponse<String> again =
                server.post(
                        "/events/twice",
                        "1",
                        "ce-specversion",
                        "1.0",
                        "ce-id",
                        "7",
                        "ce-source",
                        "/s",
                        "ce-type",
                        "t");
        HttpResponse<String> other = post("/events/twice", event("8", "\"data\":1"), STRUCTURED);

        assertThat(TestServer.json(first).get("duplicate").booleanValue()).isFalse();
        assertThat(TestServer.json(again).get("duplicate").booleanValue()).isTrue();
        assertThat(TestServer.json(other).get("duplicate").booleanValue()).isFalse();
    }

    @Test
    void prefersWhatTheRequestSays() throws Exception {
        post("/events/own?type=mine&key=k&id=i&end=true", event("1", "\"data\":1"), STRUCTURED);

        JsonNode event = only("own");
        assertThat(event.get("type").textValue()).isEqualTo("mine");
        assertThat(event.get("key").textValue()).isEqualTo("k");
        assertThat(event.get("messageId").textValue()).isEqualTo("i");
        assertThat(event.get("end").booleanValue()).isTrue();
    }

    @Test
    void publishesABatchWithAnAnswerForEachEvent() throws Exception {
        HttpResponse<String> response =
                post(
                        "/events/batch",
                        '[' + event("1", "\"data\":1") + ',' + event("2", "\"data\":2") + ']',
                        BATCH);

        assertThat(TestServer.json(response).get("results")).hasSize(2);
        JsonNode events = events("batch");
        assertThat(events).hasSize(2);
        assertThat(events.get(1).get("attributes").get("ce-id").textValue()).isEqualTo("2");
    }

    @Test
    void publishesNothingOfABadBatch() throws Exception {
        HttpResponse<String> response =
                post(
                        "/events/bad",
                        '[' + event("1", "\"data\":1") + ",{\"specversion\":\"1.0\"}]",
                        BATCH);

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(TestServer.json(response).get("index").intValue()).isEqualTo(1);
        assertThat(events("bad")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "{\"id\":\"1\",\"source\":\"/s\",\"type\":\"t\"} | specversion must be 1.0",
                "{\"specversion\":\"0.3\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"t\"} | must be"
                        + " 1.0",
                "{\"specversion\":\"1.0\",\"source\":\"/s\",\"type\":\"t\"} | attribute id is"
                        + " missing",
                "{\"specversion\":\"1.0\",\"id\":\"1\",\"type\":\"t\"} | attribute source is"
                        + " missing",
                "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\"} | attribute type is"
                        + " missing",
                "{\"specversion\":\"1.0\",\"id\":{},\"source\":\"/s\",\"type\":\"t\"} | the value"
                        + " of",
                "{\"specversion\":\"1.0\",\"ID\":\"1\"} | the name of an attribute",
                "[] | must be a JSON object",
                "{ | not valid JSON"
            })
    void saysWhatIsWrongWithAnEvent(String body, String words) throws Exception {
        HttpResponse<String> response = post("/events/a", body, STRUCTURED);

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(TestServer.json(response).get("detail").textValue()).contains(words);
    }

    @Test
    void limitsTheDataAndTheNumberOfEvents() throws Exception {
        String large = event("1", "\"data\":\"" + "x".repeat(1024) + '"');
        String many =
                '[' + (event("1", "\"data\":1") + ',').repeat(3) + event("1", "\"data\":1") + ']';

        assertThat(post("/events/a", large, STRUCTURED).body()).contains("data-too-large");
        assertThat(post("/events/a", many, BATCH).body()).contains("events-per-batch");
        assertThat(post("/events/a", "{}", BATCH).body()).contains("must be an array");
        assertThat(post("/events/a?type=x", "[]", BATCH).body()).contains("parameter-unknown");
    }

    private static String event(String id, String members) {
        return "{\"specversion\":\"1.0\",\"id\":\"%s\",\"source\":\"/s\",\"type\":\"t\",%s}"
                .formatted(id, members);
    }

    private HttpResponse<String> post(String path, String body, String type) throws Exception {
        return server.post(path, body, "Content-Type", type);
    }

    private JsonNode only(String topic) throws Exception {
        JsonNode events = events(topic);
        assertThat(events).hasSize(1);
        return events.get(0);
    }

    private JsonNode events(String topic) throws Exception {
        return TestServer.json(server.get("/history/" + topic)).get("events");
    }
}
