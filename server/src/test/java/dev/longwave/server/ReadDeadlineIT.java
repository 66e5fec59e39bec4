package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that stop in the middle of what they send, and those that may. */
final class ReadDeadlineIT {

    private static final Duration DEADLINE = Duration.ofSeconds(1);
    private static final String LINE = "{\"data\":\"x\"}\n";

    private static TestServer server() {
        return TestServer.with("net.read-deadline=" + DEADLINE, "net.idle-timeout=PT1H");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "G",
                "GET /history/t HT",
                "GET /history/t HTTP/1.1\r\nHost: h\r\nAcc",
                "POST /events/t HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nhalf",
                "POST /events/t HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n",
                "POST /publish HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n["
            })
    void refusesARequestThatStopsInTheMiddle(String sent) throws Exception {
        try (TestServer server = server();
                var client = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            long began = System.nanoTime();
            send(client, sent);

            assertThat(readToTheEnd(client))
                    .startsWith("HTTP/1.1 408 ")
                    .contains("Connection: close", "urn:longwave:problem:request-timeout");

            assertThat(Duration.ofNanos(System.nanoTime() - began))
                    .isGreaterThanOrEqualTo(DEADLINE);
        }
    }

    /** Any byte would do if only silence counted. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /history/t HTTP/1.1\r\nHost: h\r\nX: ",
                "POST /events/t HTTP/1.1\r\nHost: h\r\nContent-Length: 60000\r\n\r\n"
            })
    void refusesARequestThatTrickles(String begin) throws Exception {
        try (TestServer server = server();
                var client = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            send(client, begin);
            var trickle =
                    Thread.startVirtualThread(() -> {
                        try {
                            while (true) {
                                send(client, "x");
                                LockSupport.parkNanos(DEADLINE.dividedBy(10).toNanos());
                            }
                        } catch (IOException _) {
                            // The server has closed the connection.
                        }
                    });

            assertThat(readToTheEnd(client)).startsWith("HTTP/1.1 408 ");
            trickle.join();
        }
    }

    @Test
    void cutsAClientThatStopsInTheMiddleOfThePreface() throws Exception {
        try (TestServer server = server();
                var client = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            send(client, "PRI * HTTP/2.0\r\n\r\nS");

            assertThat(readToTheEnd(client)).isEmpty();
        }
    }

    @Test
    void cutsAClientThatStopsAfterARequest() throws Exception {
        try (TestServer server = server();
                var client = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            send(client, "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\nGET /health");

            assertThat(readToTheEnd(client)).startsWith("HTTP/1.1 200 OK");
        }
    }

    /** Its other streams live on. */
    @Test
    void refusesAnHttp2RequestThatStopsInTheMiddle() throws Exception {
        try (TestServer server = server();
                var client = new RawHttp2(server.port(), 1 << 16, RawHttp2.LARGEST_WINDOW)) {
            int stopped = client.post("/events/t", "text/plain");
            client.data(stopped, "half", false);

            assertThat(client.dataUntil(stopped, "}")).contains("\"status\":408");
            assertThat(client.dataUntil(client.get("/history/t"), "}")).contains("\"events\":[]");
        }
    }

    /** A byte now and then is no progress. */
    @Test
    void refusesAnHttp2RequestThatTrickles() throws Exception {
        try (TestServer server = server();
                var client = new RawHttp2(server.port(), 1 << 16, RawHttp2.LARGEST_WINDOW)) {
            int trickling = client.post("/events/t", "text/plain");
            var trickle =
                    Thread.ofVirtual()
                            .start(() -> {
                                try {
                                    while (!Thread.interrupted()) {
                                        client.data(trickling, "x", false);
                                        LockSupport.parkNanos(DEADLINE.toNanos() / 20);
                                    }
                                } catch (IOException _) {
                                    // The client is closed.
                                }
                            });

            assertThat(client.dataUntil(trickling, "}")).contains("\"status\":408");
            trickle.interrupt();
            trickle.join();
        }
    }

    @Test
    void cutsAnHttp2ClientThatStopsInTheMiddleOfAFrame() throws Exception {
        try (TestServer server = server();
                var client = new RawHttp2(server.port(), 1 << 16, RawHttp2.LARGEST_WINDOW)) {
            client.send(new byte[] {0, 0});

            assertThat(isCut(client)).isTrue();
        }
    }

    /** Nor does it handle that half when it stops. */
    @Test
    @SuppressWarnings("try") // closing the client is what is tested
    void publishesNothingOfABodyThatDoesNotArrive() throws Exception {
        try (Warnings warnings = Warnings.recorded()) {
            try (TestServer server = server();
                    var client = new RawHttp2(server.port(), 1 << 16, RawHttp2.LARGEST_WINDOW)) {
                client.data(client.post("/events/t", "text/plain"), "half", false);
                client.get("/history/t");
                client.close();
                await().until(() -> server.server().connections() == 0);

                assertThat(TestServer.json(server.get("/history/t")).get("events")).isEmpty();
            }
            assertThat(warnings.records()).isEmpty();
        }
    }

    /** The stream that is open needs nothing from the client; the body does. */
    @Test
    void goesOnWithTheOtherStreamsOfAnHttp2ClientThatStopsInTheMiddleOfABody() throws Exception {
        try (TestServer server = server();
                var client = new RawHttp2(server.port(), 1 << 16, RawHttp2.LARGEST_WINDOW)) {
            int listening = client.get("/events/t");
            int stopped = client.post("/events/t", "text/plain");
            client.data(stopped, "half", false);
            assertThat(client.dataUntil(stopped, "}")).contains("\"status\":408");

            server.publish("t", "still there");

            assertThat(client.dataUntil(listening, "still there")).contains("data: still there");
        }
    }

    @Test
    void waitsForAnHttp2ClientThatOnlyListens() throws Exception {
        try (TestServer server = server();
                var client = new RawHttp2(server.port(), 1 << 16, RawHttp2.LARGEST_WINDOW)) {
            int stream = client.get("/events/t");
            outlastTheDeadline(server);

            server.publish("t", "still there");

            assertThat(client.dataUntil(stream, "still there")).contains("data: still there");
        }
    }

    @Test
    void waitsForTheNextLineOfAPublisher() throws Exception {
        try (TestServer server = server();
                var client = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            send(
                    client,
                    "POST /events/t HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                            + "Content-Type: application/x-ndjson\r\n"
                            + "Transfer-Encoding: chunked\r\n\r\n"
                            + chunk(LINE));
            outlastTheDeadline(server);

            send(client, chunk(LINE) + "0\r\n\r\n");

            assertThat(readToTheEnd(client)).contains(" 200 OK", "\"published\":2");
        }
    }

    /** One of two publishers on a connection ends; the other may still pause. */
    @Test
    void waitsForTheNextLineOfAnHttp2Publisher() throws Exception {
        try (TestServer server = server();
                var client = new RawHttp2(server.port(), 1 << 16, RawHttp2.LARGEST_WINDOW)) {
            int first = client.post("/events/t", "application/x-ndjson");
            int second = client.post("/events/t", "application/x-ndjson");
            client.data(first, LINE, false);
            client.data(second, LINE, true);
            assertThat(client.dataUntil(second, "}")).contains("\"published\":1");
            outlastTheDeadline(server);

            client.data(first, LINE, true);

            assertThat(client.dataUntil(first, "}")).contains("\"published\":2");
        }
    }

    /** The server itself says when the deadline has passed: it cuts one client after another. */
    private static void outlastTheDeadline(TestServer server) throws IOException {
        for (int i = 0; i < 2; i++) {
            try (var other = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
                send(other, "GET /history/t HT");
                var _ = readToTheEnd(other);
            }
        }
    }

    private static String chunk(String text) {
        return "%x\r\n%s\r\n".formatted(text.length(), text);
    }

    private static void send(Socket client, String text) throws IOException {
        client.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** What comes until the server ends the connection, in order or by reset. */
    private static String readToTheEnd(Socket client) throws IOException {
        var read = new StringBuilder();
        try {
            for (int next = client.getInputStream().read();
                    next >= 0;
                    next = client.getInputStream().read()) {
                read.append((char) next);
            }
        } catch (SocketException _) {
            // By reset.
        }
        return read.toString();
    }

    private static boolean isCut(RawHttp2 client) throws IOException {
        try {
            while (client.next() != null) {
                // What the server has to say before.
            }
        } catch (SocketException _) {
            // By reset.
        }
        return true;
    }
}
