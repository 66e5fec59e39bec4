package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What clients make the server hold, all of them together, is bounded. */
final class MemoryIT {

    private static final int KIB = 1 << 10;

    @Test
    void takesNothingForWhatIsOnlyAnnounced() throws Exception {
        try (TestServer server = TestServer.with("limits.request-bytes=64KiB")) {
            List<RawHttp1> silent = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                var connection = new RawHttp1(server.port());
                silent.add(connection.send("POST /publish HTTP/1.1", "Content-Length: 4194304"));
            }

            assertThat(server.post("/events/a", "x".repeat(20 * KIB)).statusCode()).isEqualTo(200);

            for (RawHttp1 connection : silent) {
                connection.close();
            }
        }
    }

    @Test
    void refusesBodiesBeyondTheBudgetUntilThereIsRoomAgain() throws Exception {
        try (TestServer server = TestServer.with("limits.request-bytes=100KiB")) {
            try (var holding = new RawHttp1(server.port())) {
                holding.send("POST /publish HTTP/1.1", "Content-Length: 90000")
                        .send("x".repeat(80_000).getBytes(StandardCharsets.US_ASCII));

                await().untilAsserted(() -> {
                    HttpResponse<String> refused = server.post("/events/a", "x".repeat(60 * KIB));
                    assertThat(refused.statusCode()).isEqualTo(503);
                    assertThat(refused.headers().firstValue("Retry-After")).contains("1");
                    assertThat(refused.body()).contains("problem:request-bytes", "\"max\":102400");
                });
                assertThat(server.post("/events/a", "small").statusCode()).isEqualTo(200);
            }

            await().untilAsserted(() ->
                    assertThat(server.post("/events/a", "x".repeat(60 * KIB)).statusCode())
                            .isEqualTo(200));
        }
    }

    @Test
    void refusesLinesBeyondTheBudget() throws Exception {
        try (TestServer server = TestServer.with("limits.request-bytes=64KiB")) {
            HttpResponse<String> refused =
                    server.post(
                            "/events/a",
                            "{\"data\":1}\n{\"data\":\"" + "x".repeat(200 * KIB) + "\"}\n",
                            "Content-Type",
                            "application/x-ndjson");

            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(refused.body()).contains("request-bytes", "\"line\":2", "\"published\":1");
        }
    }

    @Test
    void refusesPagesBeyondTheBudgetUntilClientsHaveTakenTheirs() throws Exception {
        try (TestServer server = TestServer.with("limits.response-bytes=8MiB")) {
            for (int i = 0; i < 16; i++) {
                server.publish("big", "x".repeat(60 * KIB));
            }
            List<Socket> frozen = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                frozen.add(frozenReader(server.port(), "/history/big"));
            }

            await().untilAsserted(() -> {
                HttpResponse<String> refused = server.get("/history/big");
                assertThat(refused.statusCode()).isEqualTo(503);
                assertThat(refused.headers().firstValue("Retry-After")).contains("1");
                assertThat(refused.body()).contains("problem:response-bytes");
            });
            assertThat(server.get("/health/live").statusCode()).isEqualTo(200);
            for (Socket socket : frozen) {
                socket.close();
            }

            await().untilAsserted(() ->
                    assertThat(server.get("/history/big").statusCode()).isEqualTo(200));
        }
    }

    private static Socket frozenReader(int port, String path) throws IOException {
        var socket = new Socket();
        socket.setReceiveBufferSize(4 * KIB);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        socket.getOutputStream()
                .write(
                        ("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n")
                                .getBytes(StandardCharsets.US_ASCII));
        return socket;
    }
}
