package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Publishing, history and subscribing over HTTP/1.1, and what is said when something is wrong. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class HttpSurfaceIT {

    private static final String NDJSON = "application/x-ndjson";
    private final TestServer server = TestServer.with("limits.data=1KiB", "limits.batch-events=3");

    @AfterAll
    void close() {
        server.close();
    }

    @Test
    void answersAPublishWithIdAndDurability() throws Exception {
        JsonNode answer = TestServer.json(server.post("/events/p/one", "hi"));

        assertThat(answer.get("id").textValue()).matches("[a-z0-9.-]+");
        assertThat(answer.get("topic").textValue()).isEqualTo("p/one");
        assertThat(answer.get("durability").textValue()).isEqualTo("memory");
        assertThat(answer.get("duplicate").booleanValue()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"/health/live", "/health/ready"})
    void saysThatItIsWell(String path) throws Exception {
        HttpResponse<String> response = server.get(path);

        assertThat(response.statusCode()).isEqualTo(200);
        JsonNode health = TestServer.json(response);
        assertThat(health.get("ready").booleanValue()).isTrue();
        assertThat(health.get("draining").booleanValue()).isFalse();
        assertThat(health.get("broker").get("type").textValue()).isEqualTo("memory");
        assertThat(health.get("broker").get("state").textValue()).isEqualTo("connected");
    }

    @Test
    void dropsARepeatedPublish() throws Exception {
        JsonNode first = TestServer.json(server.post("/events/p/i", "hi", "Idempotency-Key", "k1"));
        JsonNode again = TestServer.json(server.post("/events/p/i", "hi", "Idempotency-Key", "k1"));
        JsonNode byParameter = TestServer.json(server.post("/events/p/i?id=k1", "hi"));

        assertThat(again.get("id")).isEqualTo(first.get("id"));
        assertThat(again.get("duplicate").booleanValue()).isTrue();
        assertThat(byParameter.get("duplicate").booleanValue()).isTrue();
        assertThat(events("p/i")).hasSize(1);
    }

    @Test
    void readsBackWhatWasPublished() throws Exception {
        server.post("/events/h/a?type=t&key=k&id=m", "line one\r\nline two");
        server.post("/events/h/a?end", "");

        JsonNode events = events("h/a");

        assertThat(events.get(0).get("data").textValue()).isEqualTo("line one\r\nline two");
        assertThat(events.get(0).get("type").textValue()).isEqualTo("t");
        assertThat(events.get(0).get("key").textValue()).isEqualTo("k");
        assertThat(events.get(0).get("messageId").textValue()).isEqualTo("m");
        assertThat(events.get(1).get("end").booleanValue()).isTrue();
    }

    @Test
    void pagesThroughHistory() throws Exception {
        for (int i = 0; i < 5; i++) {
            server.publish("h/b", "n" + i);
        }

        JsonNode first = TestServer.json(server.get("/history/h/b?limit=3"));
        JsonNode second =
                TestServer.json(server.get("/history/h/b?since=" + first.get("next").textValue()));

        assertThat(first.get("events")).hasSize(3);
        assertThat(second.get("events")).hasSize(2);
        assertThat(second.get("events").get(0).get("data").textValue()).isEqualTo("n3");
        assertThat(second.get("next").isNull()).isTrue();
        assertThat(second.get("coverage").textValue()).isEqualTo("complete");
    }

    @Test
    void publishesLineByLineWhileTheRequestGoesOn() throws Exception {
        try (RawStream stream = RawStream.subscribe(server.port(), "/events/l/a");
                var publisher = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            publisher.setSoTimeout(300_000);
            write(
                    publisher,
                    """
                    POST /events/l/a HTTP/1.1\r
                    Host: localhost\r
                    Content-Type: application/x-ndjson\r
                    Transfer-Encoding: chunked\r
                    Connection: close\r
                    \r
                    """);

            write(publisher, "f\r\n{\"data\":\"one\"}\n\r\n");
            assertThat(stream.lineWith("data:")).isEqualTo("data: one");
            write(publisher, "11\r\n{\"data\":{\"n\":2}}\n\r\n");
            assertThat(stream.lineWith("data:")).isEqualTo("data: {\"n\":2}");
            write(publisher, "0\r\n\r\n");

            String answer =
                    new String(publisher.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answer).contains("\"published\":2");
        }
    }

    @Test
    void publishesLinesToTheTopicsThatTheyName() throws Exception {
        HttpResponse<String> response =
                server.post(
                        "/publish",
                        """
                        {"topic":"l/c","data":"one"}
                        {"topic":"l/d","data":"two"}
                        """,
                        "Content-Type",
                        NDJSON);

        assertThat(TestServer.json(response).get("published").intValue()).isEqualTo(2);
        assertThat(server.get("/history/l/c").body()).contains("\"data\":\"one\"");
        assertThat(server.get("/history/l/d").body()).contains("\"data\":\"two\"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"data\":\"x\"} | topic-missing",
                "{\"topic\":\"l//e\",\"data\":\"x\"} | topic-segment"
            })
    void saysWhatIsWrongWithALinesTopic(String line, String rule) throws Exception {
        HttpResponse<String> response =
                server.post(
                        "/publish",
                        "{\"topic\":\"l/e\",\"data\":\"x\"}\n" + line,
                        "Content-Type",
                        NDJSON);

        assertThat(response.statusCode()).isEqualTo(400);
        JsonNode problem = TestServer.json(response);
        assertThat(problem.get("type").textValue()).endsWith(rule);
        assertThat(problem.get("line").intValue()).isEqualTo(2);
        assertThat(problem.get("published").intValue()).isEqualTo(1);
    }

    /** A client that goes on publishing changes threads on the way, between two requests. */
    @Test
    void losesNothingOfAClientThatGoesOnPublishing() throws Exception {
        int count = 500;
        String request =
                "POST /events/busy HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx";
        try (var publisher = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            publisher.setSoTimeout(300_000);
            var answers =
                    new BufferedReader(
                            new InputStreamReader(
                                    publisher.getInputStream(), StandardCharsets.UTF_8));
            for (int i = 0; i < count; i++) {
                // Some in two pieces, and some two at a time.
                write(publisher, request.substring(0, i % 7 == 0 ? 20 : request.length()));
                if (i % 7 == 0) {
                    write(publisher, request.substring(20));
                }
                if (i % 5 == 0) {
                    write(publisher, request);
                    expectPublished(answers);
                }
                expectPublished(answers);
            }
            assertThat(Thread.getAllStackTraces().keySet())
                    .extracting(Thread::getName)
                    .anyMatch(name -> name.startsWith("longwave-publisher-"));
        }
        HttpResponse<String> history = server.get("/history/busy?limit=1000");
        assertThat(TestServer.json(history).get("events")).hasSize(count + count / 5);
    }

    private static void expectPublished(BufferedReader answers) throws IOException {
        assertThat(answers.readLine()).isEqualTo("HTTP/1.1 200 OK");
        int length =
                answers.lines()
                        .takeWhile(line -> !line.isEmpty())
                        .map(line -> line.toLowerCase(Locale.ROOT))
                        .filter(line -> line.startsWith("content-length:"))
                        .mapToInt(line -> Integer.parseInt(line.replaceAll("\\D", "")))
                        .sum();
        char[] body = new char[length];
        for (int read = 0; read < length; ) {
            read += answers.read(body, read, length - read);
        }
    }

    @Test
    void saysExactlyHowFarALineByLinePublishCame() throws Exception {
        HttpResponse<String> response =
                server.post(
                        "/events/l/b",
                        "{\"data\":\"1\"}\n{\"data\":\"2\"}\nnonsense\n{\"data\":\"4\"}\n",
                        "Content-Type",
                        NDJSON);

        JsonNode problem = TestServer.json(response);
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(problem.get("line").intValue()).isEqualTo(3);
        assertThat(problem.get("published").intValue()).isEqualTo(2);
        assertThat(events("l/b")).hasSize(2);
    }

    @Test
    void publishesABatchWithAnAnswerForEachEvent() throws Exception {
        HttpResponse<String> response =
                server.post(
                        "/publish",
                        """
                        {"events":[{"topic":"b/a","data":"x"},{"topic":"b/b","data":[1,2],"type":"t"}]}\
                        """);

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(TestServer.json(response).get("results")).hasSize(2);
        assertThat(events("b/b").get(0).get("data").textValue()).isEqualTo("[1,2]");
    }

    @Test
    void publishesNothingOfABadBatch() throws Exception {
        HttpResponse<String> response =
                server.post(
                        "/publish",
                        """
                        {"events":[{"topic":"b/c","data":"x"},{"topic":"b//c","data":"y"}]}\
                        """);

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(TestServer.json(response).get("index").intValue()).isEqualTo(1);
        assertThat(events("b/c")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '^',
            value = {
                "/events/a//b,x,topic-segment,400",
                "/events/%00,x,topic-character,400",
                "/events/%ff,x,parameter-malformed,400",
                "/events/*,x,topic-pattern,400",
                "/events/a?end=maybe,x,parameter-malformed,400",
                "/events/a?type=a%0Ab,x,message-invalid,400",
                "/events/a?type=gap,x,message-invalid,400",
                "/events/a?id=a%20b,x,message-invalid,400",
                "/publish,{,json-malformed,400",
                "/publish,^{\"events\":1}^,message-invalid,400",
                "/publish,^{\"events\":[{\"data\":\"x\"}]}^,topic-missing,400",
                "/publish,^{\"events\":[{\"topic\":\"a\"}]}^,message-invalid,400",
                "/publish,^{\"events\":[1,1,1,1]}^,events-per-batch,400",
                "/history/a,x,method-not-allowed,405",
                "/elsewhere,x,not-found,404",
            })
    void namesTheRuleThatARequestBreaks(String path, String body, String rule, int status)
            throws Exception {
        HttpResponse<String> response = server.post(path, body);

        assertThat(response.headers().firstValue("Content-Type"))
                .contains("application/problem+json");
        assertThat(TestServer.json(response).get("type").textValue())
                .isEqualTo("urn:longwave:problem:" + rule);
        assertThat(response.statusCode()).isEqualTo(status);
    }

    @Test
    void namesTheLimitOfTheDataItRefuses() throws Exception {
        HttpResponse<String> atTheLimit = server.post("/events/a", "x".repeat(1024));
        HttpResponse<String> beyond = server.post("/events/a", "x".repeat(1025));

        assertThat(atTheLimit.statusCode()).isEqualTo(200);
        assertThat(beyond.statusCode()).isEqualTo(413);
        assertThat(TestServer.json(beyond).get("maxBytes").intValue()).isEqualTo(1024);
    }

    @Test
    void takesABodyThatIsFarTooLargeSoThatItsSenderGetsTheAnswer() throws Exception {
        int length = 6 << 20;
        try (var client = new RawHttp1(server.port())) {
            client.send("POST /events/a HTTP/1.1", "Content-Length: " + length);
            client.send(new byte[length]);
            RawHttp1.Head answer = client.head();

            assertThat(answer.code()).isEqualTo(413);
            assertThat(client.body(answer)).contains("data-too-large");
            assertThat(client.rest()).isEmpty();
        }
    }

    @Test
    void refusesDataThatIsNoText() throws Exception {
        HttpResponse<String> response =
                server.send(
                        server.request("/events/a")
                                .POST(
                                        HttpRequest.BodyPublishers.ofByteArray(
                                                new byte[] {(byte) 0xff}))
                                .build());

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).contains("data-not-utf-8");
    }

    @ParameterizedTest
    @CsvSource({
        "/events, topic-missing",
        "/events/a?lastEventId=nonsense, event-id-malformed",
        "/events/a?since=yesterday, since-malformed",
        "/events/a?since=P-1D, since-malformed",
        "/events/a?lastEventId=zzzzzzzz.1-1, event-id-foreign",
        "/history/a?since=nonsense, since-malformed",
        "/events/a?since, since-malformed",
        "/history/a?limit, parameter-malformed",
        "/history/a?limit=0, parameter-malformed",
        "/history/a?limit=100000, parameter-malformed",
    })
    void namesTheRuleThatASubscriptionBreaks(String path, String rule) throws Exception {
        HttpResponse<String> response = server.get(path);

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(TestServer.json(response).get("type").textValue())
                .isEqualTo("urn:longwave:problem:" + rule);
    }

    @Test
    void refusesMoreTopicsThanAStreamMayHave() throws Exception {
        var path = new StringBuilder("/events?topic=t");
        for (int i = 0; i < 40; i++) {
            path.append("&topic=t").append(i);
        }

        HttpResponse<String> response = server.get(path.toString());

        assertThat(TestServer.json(response).get("max").intValue()).isEqualTo(32);
    }

    @Test
    void sendsTheHeadersThatKeepStreamsAliveThroughProxies() throws Exception {
        try (RawStream stream =
                RawStream.subscribe(server.port(), "/events/s/a", "Accept-Encoding: gzip, br")) {
            assertThat(stream.head())
                    .contains(
                            "HTTP/1.1 200 OK",
                            "Content-Type: text/event-stream",
                            "Cache-Control: no-cache, no-transform",
                            "X-Accel-Buffering: no")
                    .noneMatch(header -> header.startsWith("Content-Encoding"));
            assertThat(stream.lineWith("retry:")).isEqualTo("retry: 2000");
            assertThat(stream.lineWith("id:")).matches("id: [a-z0-9.-]+");
        }
    }

    @Test
    void resumesByHeaderAndByParameter() throws Exception {
        String first = server.publish("s/b", "one");
        server.publish("s/b", "two");

        try (RawStream byHeader =
                        RawStream.subscribe(
                                server.port(), "/events/s/b", "Last-Event-ID: " + first);
                RawStream byParameter =
                        RawStream.subscribe(server.port(), "/events/s/b?lastEventId=" + first);
                RawStream bySince =
                        RawStream.subscribe(server.port(), "/events/s/b?since=" + first)) {
            assertThat(byHeader.lineWith("data:")).isEqualTo("data: two");
            assertThat(byParameter.lineWith("data:")).isEqualTo("data: two");
            assertThat(bySince.lineWith("data:")).isEqualTo("data: two");
        }
    }

    @Test
    void prefersTheHeaderOfAReconnectingBrowser() throws Exception {
        String first = server.publish("s/c", "one");
        String second = server.publish("s/c", "two");
        server.publish("s/c", "three");

        try (RawStream stream =
                RawStream.subscribe(
                        server.port(),
                        "/events/s/c?lastEventId=" + first,
                        "Last-Event-ID: " + second)) {
            assertThat(stream.lineWith("data:")).isEqualTo("data: three");
        }
    }

    @ParameterizedTest
    @CsvSource({"earliest, one", "last, two", "PT1H, one"})
    void beginsWhereTheSubscriberWants(String since, String data) throws Exception {
        String topic = "s/d-" + since;
        server.publish(topic, "one");
        server.publish(topic, "two");

        try (RawStream stream =
                RawStream.subscribe(server.port(), "/events/" + topic + "?since=" + since)) {
            assertThat(stream.lineWith("data:")).isEqualTo("data: " + data);
        }
    }

    @Test
    void endsAStreamAndSaysSoToWhoComesBack() throws Exception {
        try (RawStream stream = RawStream.subscribe(server.port(), "/events/s/e")) {
            server.post("/events/s/e?end=true", "done");

            String id = "";
            for (String line : stream.rest()) {
                id = line.startsWith("id: ") ? line.substring(4) : id;
            }

            assertThat(server.get("/events/s/e?lastEventId=" + id).statusCode()).isEqualTo(204);
        }
    }

    @Test
    void speaksHttp10WithAProxyThatDoesNotKnowBetter() throws Exception {
        try (RawStream stream = new RawStream(server.port(), "GET /events/s/f HTTP/1.0")) {
            assertThat(stream.head()).noneMatch(header -> header.contains("chunked"));
            assertThat(stream.lineWith("")).isEqualTo(": longwave");
            server.publish("s/f", "hi");
            assertThat(stream.lineWith("data:")).isEqualTo("data: hi");
            server.post("/events/s/f?end=true", "bye");
            assertThat(stream.rest()).contains("data: bye");
        }
        try (RawStream history = new RawStream(server.port(), "GET /history/s/f HTTP/1.0")) {
            assertThat(history.head().getFirst()).endsWith("200 OK");
            assertThat(history.rest()).singleElement().asString().startsWith("{");
        }
    }

    @Test
    void servesTheConsoleAndNothingElse() throws Exception {
        assertThat(server.get("/").headers().firstValue("Content-Type"))
                .contains("text/html; charset=utf-8");
        assertThat(server.get("/console/..%2fSseSink.class").statusCode()).isEqualTo(404);
        assertThat(server.get("/console/nothing.js").statusCode()).isEqualTo(404);
    }

    private JsonNode events(String topic) throws Exception {
        return TestServer.json(server.get("/history/" + topic)).get("events");
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    }
}
