package dev.longwave.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Clients that try to fill the server's log, or to write into it. */
@EnabledOnOs(OS.LINUX)
final class LogIT {

    private static final int CLIENTS = 50;
    private static final int MAX_LINE_LENGTH = 1_000;
    private static final String GET = "GET / HTTP/1.1\r\n" + Requests.HOST;
    private static final String POST = "POST /events/t HTTP/1.1\r\n" + Requests.HOST;

    /** Each is sent by a client that then leaves, or takes an answer first. */
    private static final List<String> NONSENSE =
            List.of(
                    Requests.post("/events/t", 100) + "abc",
                    Requests.post("/publish", 100) + "abc",
                    Requests.chunked("/events/t") + "10\r\nabc",
                    Requests.chunked("/events/t") + "xyz\r\n",
                    ndjson() + "10\r\n{\"data\"",
                    Requests.post("/nope", 100) + "abc",
                    "GET /x",
                    GET + "A",
                    "*)b / HTTP/1.1\r\n\r\n",
                    "GET / HTTP/9.9\r\n\r\n",
                    Requests.get("/console"),
                    Requests.get("//"),
                    Requests.get("/;x"),
                    Requests.get("/events/%zz"),
                    GET
                            + "Connection: Upgrade, HTTP2-Settings\r\n"
                            + "Upgrade: h2c\r\n"
                            + "HTTP2-Settings: !!\r\n\r\n",
                    POST
                            + "Content-Type: application/x-ndjson; charset=\"\r\n"
                            + "Content-Length: 0\r\n\r\n",
                    POST + "Content-Type: ;;;/\r\nContent-Length: 0\r\n\r\n",
                    "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003"
                            + "\u0011".repeat(500),
                    "SSH-2.0-x\r\n",
                    "\u0000\u00ff".repeat(500),
                    "PRI * HTTP/2.0\r\n\r\nxx\r\n\r\n",
                    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nGET / HTTP/1.1\r\n\r\n");

    private static String ndjson() {
        return Requests.head(
                "/events/t",
                Map.of("Transfer-Encoding", "chunked", "Content-Type", "application/x-ndjson"));
    }

    @Test
    void isNotFilledByNonsense() throws Exception {
        try (var siege = Siege.of(Target.start())) {
            var crowd = new Crowd();
            for (String bytes : NONSENSE) {
                crowd.with(CLIENTS, () -> sendAndLeave(siege.port(), bytes));
                crowd.with(1, () -> sendAndRead(siege.port(), bytes));
            }

            siege.withstand(crowd::act);
        }
    }

    private static void sendAndLeave(int port, String bytes) throws IOException {
        try (Wire wire = Wire.to(port)) {
            boolean _ = wire.trySend(Requests.bytes(bytes));
        }
    }

    /** Until the server has said and ended what it wants to. */
    private static void sendAndRead(int port, String bytes) throws IOException {
        try (Wire wire = Wire.to(port)) {
            boolean _ = wire.trySend(Requests.bytes(bytes));
            assertThat(wire.awaitEnd(Target.TIMEOUT)).isEqualTo(Wire.End.CLOSED);
        }
    }

    @Test
    void takesNoLinesFromClients() throws Exception {
        try (Target target = Target.talkative()) {
            long before = target.logLength();
            for (String line :
                    List.of(
                            "\n",
                            "\r",
                            "\r\n",
                            "\u001b[31m",
                            "\u0000",
                            "\u0085",
                            "\u00e2\u0080\u00a8")) {
                String forged = line + "2030-01-01T00:00:00 SEVERE Auth: FORGED" + line;
                for (String injected : List.of(forged, forged + "x".repeat(5_000))) {
                    for (String request : withInjected(injected)) {
                        sendForged(target, request);
                    }
                    sendForgedOverHttp2(target, injected);
                }
            }

            String logged = target.logSince(before);
            assertThat(logged).as("the log of what clients did wrong").isNotEmpty();
            ServerLog.verifyLines(logged, MAX_LINE_LENGTH);
        }
    }

    private static List<String> withInjected(String injected) {
        var requests = new ArrayList<String>();
        requests.add(injected + " / HTTP/1.1\r\n" + Requests.HOST + "\r\n");
        requests.add(Requests.get("/" + injected));
        requests.add(Requests.get("/events/" + injected));
        requests.add(Requests.get("/history/t?since=" + injected));
        requests.add("GET / HTTP/1.1" + injected + "\r\n" + Requests.HOST + "\r\n");
        requests.add(GET + injected + ": x\r\n\r\n");
        for (String name :
                List.of(
                        "Host",
                        "X",
                        "Expect",
                        "Content-Length",
                        "Transfer-Encoding",
                        "Content-Type",
                        "Content-Encoding",
                        "Idempotency-Key",
                        "Last-Event-ID",
                        "Origin",
                        "Accept")) {
            requests.add(POST + name + ": " + injected + "\r\n\r\n");
        }
        requests.add(
                GET
                        + "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: "
                        + injected
                        + "\r\n\r\n");
        requests.add(Requests.chunked("/events/t") + injected + "\r\nabc\r\n0\r\n\r\n");
        requests.add(Requests.chunked("/events/t") + "3;" + injected + "\r\nabc\r\n0\r\n\r\n");
        requests.add(Requests.chunked("/events/t") + "3\r\nabc\r\n0\r\n" + injected + "\r\n\r\n");
        String json = "{\"events\":[{\"topic\":\"" + injected + "\",\"data\":1,\"type\":2}]}";
        requests.add(Requests.post("/publish", json.length()) + json);
        return requests;
    }

    private static void sendForged(Target target, String request) throws IOException {
        try (Wire wire = Wire.to(target.port())) {
            boolean _ = wire.trySend(Requests.bytes(request));
            wire.endSending();
            // It does not matter how it is answered, but it must have been dealt with.
            assertThat(wire.awaitEnd(Target.TIMEOUT)).isEqualTo(Wire.End.CLOSED);
        }
    }

    private static void sendForgedOverHttp2(Target target, String injected) throws IOException {
        List<HeaderBlock> blocks =
                List.of(
                        HeaderBlock.get("/" + injected),
                        HeaderBlock.request(injected, "/"),
                        HeaderBlock.get("/").with(injected, "x"),
                        HeaderBlock.get("/").with("x", injected),
                        HeaderBlock.get("/events/t").with("last-event-id", injected),
                        HeaderBlock.post("/events/t").with("content-length", injected));
        try (Http2Wire connection = Http2Wire.open(target.port())) {
            for (int i = 0; i < blocks.size(); i++) {
                boolean _ = connection.trySend(Frame.request(2 * i + 1, blocks.get(i)));
            }
            boolean _ =
                    connection.trySend(
                            new Frame(
                                    Frame.GOAWAY,
                                    0,
                                    0,
                                    ("\0\0\0\0\0\0\0\1" + injected)
                                            .getBytes(StandardCharsets.ISO_8859_1)));
            connection.wire().endSending();
            var _ = connection.awaitEnd(Duration.ofMinutes(2));
        } catch (SocketTimeoutException e) {
            throw new AssertionError("a connection whose client has left is still open", e);
        }
    }
}
