package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** {@code GET /poll/...}: long polling. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PollIT {

    private final TestServer server = TestServer.with("hub.page-events=16");
    private final HttpClient client = HttpClient.newHttpClient();

    @AfterAll
    void close() {
        client.shutdownNow();
        server.close();
    }

    @Test
    void tellsAtOnceWhereAClientBegins() throws Exception {
        String first = server.publish("begin", "before");

        JsonNode page = poll("/poll/begin");

        assertThat(page.get("events")).isEmpty();
        assertThat(page.get("next").textValue()).isEqualTo(first);
    }

    @Test
    void waitsForTheNextEvent() throws Exception {
        String next = poll("/poll/wait").get("next").textValue();
        CompletableFuture<HttpResponse<String>> waiting =
                client.sendAsync(
                        server.request("/poll/wait?wait=60&after=" + next).build(),
                        BodyHandlers.ofString());
        Awaitility.await().until(() -> server.server().openStreams() == 1);

        String id = server.publish("wait", "one");

        JsonNode page = TestServer.json(waiting.get(5, TimeUnit.MINUTES));
        assertThat(page.at("/events/0/data").textValue()).isEqualTo("one");
        assertThat(page.at("/events/0/topic").textValue()).isEqualTo("wait");
        assertThat(page.at("/events/0/id").textValue()).isEqualTo(id);
        assertThat(page.get("next").textValue()).isEqualTo(id);
        Awaitility.await().until(() -> server.server().openStreams() == 0);
    }

    @Test
    void losesAndRepeatsNothingFromOnePageToTheNext() throws Exception {
        String next = poll("/poll?topic=many/1&topic=many/2").get("next").textValue();
        List<String> published = new ArrayList<>();
        for (int i = 0; i < 700; i++) {
            String topic = "many/" + (1 + i % 2);
            server.publish(topic, "e" + i);
            published.add(topic + " e" + i);
        }

        List<String> received = new ArrayList<>();
        while (received.size() < published.size()) {
            JsonNode page = poll("/poll?topic=many/1&topic=many/2&after=" + next);
            page.get("events")
                    .forEach(event ->
                            received.add(
                                    event.get("topic").textValue()
                                            + ' '
                                            + event.get("data").textValue()));
            next = page.get("next").textValue();
        }

        assertThat(received).containsExactlyInAnyOrderElementsOf(published);
        for (String topic : List.of("many/1", "many/2")) {
            assertThat(received.stream().filter(text -> text.startsWith(topic)))
                    .containsExactlyElementsOf(
                            published.stream().filter(text -> text.startsWith(topic)).toList());
        }
    }

    @Test
    void answersWithoutEventsOnceItHasWaited() throws Exception {
        String next = poll("/poll/quiet").get("next").textValue();

        JsonNode page = poll("/poll/quiet?wait=1&after=" + next);

        assertThat(page.get("events")).isEmpty();
        assertThat(page.get("next").textValue()).isEqualTo(next);
    }

    @Test
    void beginsWithHistoryOnRequest() throws Exception {
        server.publish("past", "one");
        server.publish("past", "two");

        assertThat(poll("/poll/past?since=earliest").get("events")).hasSize(2);
        assertThat(poll("/poll/past?since=last").at("/events/0/data").textValue()).isEqualTo("two");
    }

    @Test
    void tellsOfGapsInBand() throws Exception {
        server.publish("gap", "one");

        JsonNode event =
                poll("/poll/gap?after=" + otherEpoch(server.publish("gap", "x"))).at("/events/0");

        assertThat(event.get("gap").textValue()).isEqualTo("epoch-changed");
        assertThat(event.has("data")).isFalse();
        assertThat(event.get("before").textValue()).isNotEmpty();
    }

    @Test
    void endsWithItsTopics() throws Exception {
        HttpResponse<String> last = server.post("/events/done?end=true", "bye");
        String id = TestServer.json(last).get("id").textValue();

        assertThat(server.get("/poll/done?after=" + id).statusCode()).isEqualTo(204);
    }

    @Test
    void tellsAClientThatBeginsAtTheEndOfATopicWhereThatIs() throws Exception {
        String id =
                TestServer.json(server.post("/events/over?end=true", "bye")).get("id").textValue();

        JsonNode page = poll("/poll/over");

        assertThat(page.at("/events/0/data").textValue()).isEqualTo("bye");
        assertThat(page.get("next").textValue()).isEqualTo(id);
    }

    @Test
    void namesThePatternOfAnEvent() throws Exception {
        server.publish("some/1", "one");

        JsonNode page = poll("/poll?topic=some/*&since=earliest");

        assertThat(page.at("/events/0/topic").textValue()).isEqualTo("some/1");
        assertThat(page.at("/events/0/pattern").textValue()).isEqualTo("some/*");
    }

    @Test
    void refusesWhatMakesNoSense() throws Exception {
        assertThat(server.get("/poll").statusCode()).isEqualTo(400);
        assertThat(server.get("/poll/a?wait=0").body()).contains("min=1", "max=60");
        assertThat(server.get("/poll/a?after=x").body()).contains("event-id");
    }

    private JsonNode poll(String path) throws Exception {
        HttpResponse<String> response = server.get(path);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(response.headers().firstValue("Cache-Control")).hasValue("no-store");
        return TestServer.json(response);
    }

    private static String otherEpoch(String id) {
        return id.replaceFirst("\\.(.)", ".z$1");
    }
}
