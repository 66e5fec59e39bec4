package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longwave.testing.SignedToken;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.Collections;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tickets: used once, for what they are for, and again only by the client that used them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TicketIT {

    private static final SignedToken ALICE =
            SignedToken.of("alice").subscribe("a/*", "b").publish("a/*");

    private final TestServer server =
            TestServer.with("auth.jwt.secret=" + SignedToken.SECRET, "limits.tickets-per-minute=0");

    @AfterAll
    void close() {
        server.close();
    }

    @Test
    void opensAStreamOnce() throws Exception {
        String path = "/events/a/x?ticket=" + ticket("");

        try (RawStream first = RawStream.subscribe(server.port(), path)) {
            assertThat(first.head().getFirst()).contains("200");
            assertThat(refusal(path, "")).isEqualTo("ticket-used");
        }
    }

    @Test
    void opensAStreamOnceHoweverManyTryAtTheSameTime() throws Exception {
        String path = "/events/a/x?ticket=" + ticket("");
        Callable<Boolean> attempt =
                () -> {
                    try (RawStream stream = RawStream.subscribe(server.port(), path)) {
                        return stream.head().getFirst().contains("200");
                    }
                };
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var outcomes = threads.invokeAll(Collections.nCopies(50, attempt));

            assertThat(outcomes).extracting(Future::get).containsOnlyOnce(true);
        }
    }

    /** As EventSource does: with the URL and the last ID that it has. */
    @Test
    void resumesWithTheProofInTheLastId() throws Exception {
        String path = "/events/a/resume?ticket=" + ticket("");
        String id = idOfFirst(path, "a/resume");
        publish("a/resume", "two");

        try (RawStream again = RawStream.subscribe(server.port(), path, "Last-Event-ID: " + id)) {
            assertThat(again.lineWith("data: ")).isEqualTo("data: two");
        }
        assertThat(refusal(path, id.substring(0, id.indexOf('~')))).isEqualTo("ticket-used");
        assertThat(refusal(path, id.substring(0, id.length() - 1) + '-')).isEqualTo("ticket-used");
        assertThat(refusal(path + "&lastEventId=" + id, "")).isEqualTo("ticket-used");
    }

    /**
     * EventSource has an ID as soon as the stream is open, so a cut before any event is no loss.
     */
    @Test
    void provesTheTicketBeforeTheFirstEvent() throws Exception {
        String path = "/events/a/quiet?since=earliest&ticket=" + ticket("");
        String id;
        try (RawStream first = RawStream.subscribe(server.port(), path)) {
            id = first.lineWith("id: ").substring("id: ".length());
        }

        try (RawStream again = RawStream.subscribe(server.port(), path, "Last-Event-ID: " + id)) {
            assertThat(again.head().getFirst()).contains("200");
        }
    }

    /** A client that got a new ticket still sends the ID that it has. */
    @Test
    void resumesWithANewTicketFromAnOldId() throws Exception {
        String id = idOfFirst("/events/a/new?ticket=" + ticket(""), "a/new");
        publish("a/new", "two");

        try (RawStream again =
                RawStream.subscribe(
                        server.port(),
                        "/events/a/new?ticket=" + ticket(""),
                        "Last-Event-ID: " + id)) {
            assertThat(again.lineWith("data: ")).isEqualTo("data: two");
        }
    }

    /** The ID of an event that is published as soon as the stream at {@code path} is open. */
    private String idOfFirst(String path, String topic) throws Exception {
        try (RawStream stream = RawStream.subscribe(server.port(), path)) {
            var _ = stream.lineWith("id: ");
            publish(topic, "one");
            String id = stream.lineWith("id: ").substring("id: ".length());
            assertThat(stream.lineWith("data: ")).isEqualTo("data: one");
            return id;
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''                               | /events/a/x          | 200",
                "''                               | /events/c            | 403",
                "{\"topics\":[\"a/x\"]}           | /events/a/x          | 200",
                "{\"topics\":[\"a/x\"]}           | /events/a/y          | 403",
                "{\"topics\":[\"a/x\"]}           | /events/a/x?topic=b  | 403",
                "{\"topics\":[\"a/x\",\"b\"]}     | /events/a/x?topic=b  | 200",
                "{\"topics\":[\"a/*\"]}           | /events/a/x          | 200",
                "{\"purpose\":\"websocket\"}      | /events/a/x          | 401",
                "{\"purpose\":\"events\"}         | /history/a/x         | 401"
            })
    void isGoodForItsTopicsAndPurpose(String body, String path, int status) throws Exception {
        String separator = path.contains("?") ? "&" : "?";

        try (RawStream client =
                RawStream.subscribe(server.port(), path + separator + "ticket=" + ticket(body))) {
            assertThat(client.head().getFirst()).contains(Integer.toString(status));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"topics\":[\"c\"]}      | 403",
                "{\"topics\":[\"**\"]}     | 403",
                "{\"topics\":[]}           | 400",
                "{\"topics\":\"a/x\"}      | 400",
                "{\"purpose\":\"publish\"} | 400",
                "{\"topic\":[\"a/x\"]}   | 400",
                "[]                        | 400",
                "nonsense                  | 400"
            })
    void issuesNoTicketForMoreThanTheClientMayDo(String body, int status) throws Exception {
        HttpResponse<String> response =
                server.post("/tickets", body, "Authorization", ALICE.bearer());

        assertThat(response.statusCode()).isEqualTo(status);
    }

    @Test
    void issuesNoneToAnonymousClientsOrForATicket() throws Exception {
        assertThat(server.post("/tickets", "").statusCode()).isEqualTo(401);
        assertThat(server.post("/tickets?ticket=" + ticket(""), "").statusCode()).isEqualTo(401);
    }

    @ParameterizedTest
    @CsvSource({"nonsense", "AAAA", "''"})
    void knowsNoOtherTickets(String ticket) throws Exception {
        HttpResponse<String> response = server.get("/events/a/x?ticket=" + ticket);

        assertThat(response.statusCode()).isEqualTo(401);
        assertThat(TestServer.json(response).path("reason").textValue())
                .isEqualTo("ticket-unknown");
    }

    @Test
    void isGoodUntilItsEnd() throws Exception {
        try (TestServer brief =
                TestServer.with(
                        "auth.jwt.secret=" + SignedToken.SECRET, "auth.ticket-lifetime=PT1S")) {
            JsonNode issued =
                    TestServer.json(brief.post("/tickets", "", "Authorization", ALICE.bearer()));
            await().until(() ->
                    Instant.now().isAfter(Instant.parse(issued.path("expires").textValue())));

            HttpResponse<String> response =
                    brief.get("/events/a/x?ticket=" + issued.path("ticket").textValue());

            assertThat(response.statusCode()).isEqualTo(401);
            assertThat(TestServer.json(response).path("reason").textValue())
                    .isEqualTo("ticket-expired");
        }
    }

    @Test
    void saysWhoseItIs() throws Exception {
        HttpResponse<String> response =
                server.post("/tickets", "", "Authorization", ALICE.bearer());

        assertThat(TestServer.json(response).path("subject").textValue()).isEqualTo("alice");
    }

    @Test
    void isNotUsedUpByHead() throws Exception {
        String path = "/events/a/head?ticket=" + ticket("");
        var head = server.request(path).method("HEAD", BodyPublishers.noBody()).build();

        assertThat(server.send(head).statusCode()).isEqualTo(401);
        try (RawStream stream = RawStream.subscribe(server.port(), path)) {
            assertThat(stream.head().getFirst()).contains("200");
        }
    }

    @Test
    void readsHistoryFromAnIdWithAProof() throws Exception {
        String id = idOfFirst("/events/a/since?ticket=" + ticket(""), "a/since");
        publish("a/since", "two");
        var request =
                server.request("/history/a/since?since=" + id)
                        .header("Authorization", ALICE.bearer())
                        .build();

        assertThat(TestServer.json(server.send(request)).path("events")).hasSize(1);
    }

    @Test
    void repeatsNoTicketInAnAnswer() throws Exception {
        String ticket = ticket("{\"topics\":[\"a/x\"]}");

        HttpResponse<String> response = server.get("/events/c?ticket=" + ticket);

        assertThat(response.statusCode()).isEqualTo(403);
        assertThat(response.body()).doesNotContain(ticket);
        assertThat(response.headers().firstValue("Referrer-Policy")).hasValue("no-referrer");
    }

    private String ticket(String body) throws Exception {
        HttpResponse<String> response =
                server.post("/tickets", body, "Authorization", ALICE.bearer());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(201);
        JsonNode json = TestServer.json(response);
        return json.path("ticket").textValue();
    }

    private void publish(String topic, String data) throws Exception {
        assertThat(
                        server.post("/events/" + topic, data, "Authorization", ALICE.bearer())
                                .statusCode())
                .isEqualTo(200);
    }

    /** Why a request is refused. */
    private String refusal(String path, String lastEventId) throws Exception {
        var request = server.request(path);
        if (!lastEventId.isEmpty()) {
            request.header("Last-Event-ID", lastEventId);
        }
        HttpResponse<String> response = server.send(request.build());
        assertThat(response.statusCode()).isEqualTo(401);
        return TestServer.json(response).path("reason").textValue();
    }
}
