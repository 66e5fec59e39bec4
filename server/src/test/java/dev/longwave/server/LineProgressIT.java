package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the publisher of many lines is told while it sends them, and when the server stops. */
final class LineProgressIT {

    private static final String IN_LINES = "application/x-ndjson";
    private static final String NOT_IN_LINES = "*/*";
    private static final String LAST_REQUEST =
            "GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

    @ParameterizedTest
    @ValueSource(
            strings = {IN_LINES, "application/ndjson;q=0.9, */*", "text/html, application/jsonl"})
    void tellsHowFarItCameWhileLinesCome(String accept) throws Exception {
        try (TestServer server = TestServer.with();
                var publisher = new Publisher(server, "/events/t", accept)) {
            publisher.line("one");
            assertThat(publisher.head()).contains("HTTP/1.1 200 OK");
            assertThat(publisher.next()).contains("\"published\":1,").doesNotContain("complete");

            publisher.line("two");
            assertThat(publisher.next()).contains("\"published\":2,");
            publisher.end();

            assertThat(publisher.next()).contains("\"published\":2,", "\"complete\":true");
            publisher.write(LAST_REQUEST); // on the same connection
            assertThat(publisher.next()).contains("\"ready\":true");
        }
    }

    @Test
    void tellsHowFarItCameOverHttp2() throws Exception {
        try (TestServer server = TestServer.with();
                var client = new RawHttp2(server.port(), 1 << 16, RawHttp2.LARGEST_WINDOW)) {
            int stream =
                    client.postWith(
                            "/events/t",
                            "content-type",
                            "application/x-ndjson",
                            "accept",
                            IN_LINES);
            client.data(stream, "{\"data\":1}\n", false);
            assertThat(client.dataUntil(stream, "\"memory\"}\n")).contains("\"published\":1,");
            client.data(stream, "{\"data\":2}\n", false);
            assertThat(client.dataUntil(stream, "\"memory\"}\n")).contains("\"published\":2,");

            client.data(stream, "", true);

            assertThat(client.dataUntil(stream, "\"complete\":true}\n"))
                    .contains("\"published\":2,");
        }
    }

    @Test
    void answersInOneObjectToAClientThatAsksForNothing() throws Exception {
        try (TestServer server = TestServer.with();
                var publisher = new Publisher(server, "/events/t", NOT_IN_LINES)) {
            publisher.line("one");
            publisher.line("two");
            publisher.end();
            publisher.write(LAST_REQUEST);

            assertThat(publisher.head()).contains("Content-Type: application/json");
            assertThat(publisher.next()).contains("\"published\":2,", "\"complete\":true");
        }
    }

    @Test
    void answersOneOfHttp10AtTheEnd() throws Exception {
        try (TestServer server = TestServer.with();
                var client = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            client.getOutputStream()
                    .write(
                            String.join(
                                            "\r\n",
                                            "POST /events/t HTTP/1.0",
                                            "Content-Type: application/x-ndjson",
                                            "Accept: application/x-ndjson",
                                            "Content-Length: 10",
                                            "",
                                            "{\"data\":1}")
                                    .getBytes(StandardCharsets.US_ASCII));

            assertThat(new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .contains("Content-Length:", "\"published\":1", "\"complete\":true")
                    .doesNotContain("chunked");
        }
    }

    @Test
    void refusesABadFirstLineByTheStatusAndALaterOneInItsPlace() throws Exception {
        try (TestServer server = TestServer.with();
                var first = new Publisher(server, "/events/t", IN_LINES);
                var later = new Publisher(server, "/events/t", IN_LINES)) {
            first.send("nonsense\n");
            assertThat(first.head()).contains("HTTP/1.1 400 Bad Request");

            later.line("one");
            assertThat(later.head()).contains("HTTP/1.1 200 OK");
            assertThat(later.next()).contains("\"published\":1,");
            later.send("nonsense\n");

            assertThat(later.next())
                    .contains("json-malformed", "\"line\":2", "\"published\":1", "\"status\":400");
        }
    }

    @Test
    void tellsAPublisherOfSeveralTopics() throws Exception {
        try (TestServer server = TestServer.with();
                var publisher = new Publisher(server, "/publish", IN_LINES)) {
            publisher.send("{\"topic\":\"a\",\"data\":1}\n{\"topic\":\"b\",\"data\":1}\n");

            assertThat(publisher.head()).contains("HTTP/1.1 200 OK");
            assertThat(publisher.next()).contains("\"published\":2,");
        }
    }

    /** With a pause between lines, or within one. */
    @ParameterizedTest
    @ValueSource(strings = {"", "{\"data\":\"thr"})
    void answersAnOpenRequestWhenTheServerStops(String begun) throws Exception {
        TestServer server = TestServer.with();
        try (server;
                var publisher = new Publisher(server, "/events/t", NOT_IN_LINES)) {
            publisher.line("one");
            publisher.line("two");
            publisher.send(begun);
            await().until(() -> server.get("/history/t").body().contains("two"));

            CompletableFuture<Void> closed = CompletableFuture.runAsync(server.server()::close);

            assertThat(publisher.head()).contains("HTTP/1.1 200 OK", "Connection: close");
            assertThat(publisher.next()).contains("\"published\":2,", "\"complete\":false");
            closed.get(5, TimeUnit.MINUTES);
            publisher.awaitEnd();
        }
    }

    @Test
    void endsTheLinesOfAnAnswerWhenTheServerStops() throws Exception {
        TestServer server = TestServer.with();
        try (server;
                var publisher = new Publisher(server, "/events/t", IN_LINES)) {
            publisher.line("one");
            assertThat(publisher.head()).contains("HTTP/1.1 200 OK");
            assertThat(publisher.next()).contains("\"published\":1,");

            CompletableFuture<Void> closed = CompletableFuture.runAsync(server.server()::close);

            assertThat(publisher.next()).contains("\"published\":1,", "\"complete\":false");
            closed.get(5, TimeUnit.MINUTES);
            publisher.awaitEnd();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {IN_LINES, NOT_IN_LINES})
    void answersAnOpenRequestOfHttp2WhenTheServerStops(String accept) throws Exception {
        TestServer server = TestServer.with();
        try (server;
                var client = new RawHttp2(server.port(), 1 << 16, RawHttp2.LARGEST_WINDOW)) {
            int stream =
                    client.postWith(
                            "/events/t", "content-type", "application/x-ndjson", "accept", accept);
            client.data(stream, "{\"data\":\"one\"}\n", false);
            await().until(() -> server.get("/history/t").body().contains("one"));

            CompletableFuture<Void> closed = CompletableFuture.runAsync(server.server()::close);

            assertThat(client.dataUntil(stream, "\"complete\":false}"))
                    .contains("\"published\":1,");
            closed.get(5, TimeUnit.MINUTES);
        }
    }

    /** Streams end later: until then, the node takes no lines that nobody would get. */
    @Test
    void takesNoMoreLinesWhileItStops() throws Exception {
        TestServer server = TestServer.with("server.drain-timeout=PT30S");
        try (server;
                var stalled = new StalledReader(server)) {
            CompletableFuture<Void> closed = CompletableFuture.runAsync(server.server()::close);
            await().until(() -> server.get("/health").statusCode() == 503);

            try (var publisher = new Publisher(server, "/events/t", NOT_IN_LINES)) {
                publisher.line("one");

                assertThat(publisher.head())
                        .contains("HTTP/1.1 503 Service Unavailable", "Retry-After: 1");
            }
            stalled.leave();
            closed.get(5, TimeUnit.MINUTES);
        }
    }

    /** Reads nothing, so that its stream cannot end. */
    private static final class StalledReader implements AutoCloseable {
        private final Socket socket;

        StalledReader(TestServer server) throws Exception {
            socket = new Socket();
            socket.setReceiveBufferSize(4096);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
            socket.getOutputStream()
                    .write(
                            "GET /events/full HTTP/1.1\r\nHost: h\r\n\r\n"
                                    .getBytes(StandardCharsets.US_ASCII));
            await().until(() -> server.server().openStreams() == 1);
            String data = "x".repeat(60_000);
            for (int i = 0; i < 20; i++) {
                server.publish("full", data);
            }
        }

        void leave() throws IOException {
            socket.close();
        }

        @Override
        public void close() throws IOException {
            leave();
        }
    }

    /** A client of HTTP/1.1 that posts lines, each in a chunk of its own. */
    private static final class Publisher implements AutoCloseable {
        private final Socket socket;
        private final BufferedReader answer;

        Publisher(TestServer server, String path, String accept) throws IOException {
            socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
            socket.setSoTimeout(300_000);
            answer =
                    new BufferedReader(
                            new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            write(
                    "POST "
                            + path
                            + " HTTP/1.1\r\n"
                            + "Host: localhost\r\n"
                            + "Content-Type: application/x-ndjson\r\n"
                            + "Transfer-Encoding: chunked\r\n"
                            + "Accept: "
                            + accept
                            + "\r\n\r\n");
        }

        void line(String data) throws IOException {
            send("{\"data\":\"" + data + "\"}\n");
        }

        void send(String text) throws IOException {
            if (!text.isEmpty()) {
                write("%x\r\n%s\r\n".formatted(text.length(), text));
            }
        }

        void end() throws IOException {
            write("0\r\n\r\n");
        }

        /** The head of the answer. */
        List<String> head() throws IOException {
            var head = new ArrayList<String>();
            for (String line = answer.readLine(); !line.isEmpty(); line = answer.readLine()) {
                head.add(line);
            }
            return head;
        }

        /** The next object in the answer. */
        String next() throws IOException {
            String line = answer.readLine();
            while (line != null && !line.startsWith("{")) {
                line = answer.readLine();
            }
            return String.valueOf(line);
        }

        /** Reads what is left, to the end of the connection. */
        void awaitEnd() throws IOException {
            String line = answer.readLine();
            while (line != null) {
                line = answer.readLine();
            }
        }

        private void write(String text) throws IOException {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
