package dev.longwave.server.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.server.net.ClientFaults;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The admin listener with sockets: its bounds, its deadlines, and its end. */
final class AdminListenerIT {

    private static final String HOST = "127.0.0.1";
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    private static final String FIGURES = "GET /figures HTTP/1.1\r\nHost: h\r\n\r\n";
    private static final String HEALTH = "GET /health/live HTTP/1.1\r\nHost: h\r\n\r\n";
    private static final Duration SHORT = Duration.ofMillis(300);
    private static final Duration NEVER = Duration.ofHours(1);

    private final BrokerHealth broker = new BrokerHealth("tape", InstantSource.system());
    private final FiguresSampler sampler =
            new FiguresSampler(
                    () -> new NodeFigures(1, Map.of(), 2, 3, 4, 5, 6, 7),
                    InstantSource.system(),
                    Duration.ofMillis(1));
    private final ClusterNodes nodes =
            new ClusterNodes(
                    Optional.empty(),
                    () -> new ClusterNode("a", "0.1.0", Instant.EPOCH, 1, false),
                    System::nanoTime);
    private final List<Socket> sockets = new ArrayList<>();

    @AfterEach
    void close() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
        sampler.close();
        nodes.close();
    }

    @Test
    void endsTheStreamsOfFiguresInOrderWhenTheyAreClosed() throws IOException {
        try (AdminListener opened = open(NEVER)) {
            BufferedReader stream = stream(opened.port());

            sampler.close();

            // The chunk of length 0 is what makes it an end instead of a cut.
            assertThat(stream.lines().takeWhile(line -> !line.equals("0")).count()).isPositive();
        }
    }

    @Test
    void cutsEverythingWhenItIsClosed() throws IOException {
        AdminListener opened = open(NEVER);
        BufferedReader stream = stream(opened.port());
        assertThat(stream.readLine()).endsWith("200 OK");
        Socket idle = connect(opened.port());
        idle.getOutputStream().write(HEALTH.getBytes(StandardCharsets.US_ASCII));
        assertThat(idle.getInputStream().read()).isEqualTo('H');

        opened.close();

        awaitEnd(idle);
        awaitEnd(sockets.getFirst());
        assertThatThrownBy(() -> connect(opened.port())).isInstanceOf(IOException.class);
    }

    @Test
    void cutsAClientThatDoesNotRead() throws IOException {
        try (AdminListener opened = open(SHORT)) {
            var frozen = new Socket();
            sockets.add(frozen);
            frozen.setReceiveBufferSize(4096);
            frozen.connect(new InetSocketAddress(LOOPBACK, opened.port()));
            frozen.getOutputStream().write(FIGURES.getBytes(StandardCharsets.US_ASCII));
            assertThat(frozen.getInputStream().readNBytes(12))
                    .isEqualTo("HTTP/1.1 200".getBytes(StandardCharsets.US_ASCII));

            await().until(() -> !isWatched());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "GET /health",
                "GET /health/live HTTP/1.1\r\nHost: h\r\n",
                "PUT /figures HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab"
            })
    void cutsAClientThatDoesNotFinishItsRequest(String part) throws IOException {
        try (AdminListener opened = open(SHORT)) {
            Socket socket = connect(opened.port());
            socket.getOutputStream().write(part.getBytes(StandardCharsets.US_ASCII));

            awaitEnd(socket);
        }
    }

    @Test
    void limitsTheStreamsOfFigures() throws IOException {
        try (AdminListener opened = open(NEVER)) {
            for (int i = 0; i < FiguresHandler.MAX_STREAMS; i++) {
                assertThat(stream(opened.port()).readLine()).endsWith("200 OK");
            }

            BufferedReader refused = stream(opened.port());

            assertThat(refused.readLine()).contains(" 429 ");
            sockets.getLast().shutdownOutput();
            assertThat(refused.lines()).anyMatch(line -> line.contains("problem:figure-streams"));
            sockets.getFirst().close();
            await().until(() -> stream(opened.port()).readLine().endsWith("200 OK"));
        }
    }

    @Test
    void speaksNoHttp2() throws IOException {
        try (AdminListener opened = open(NEVER)) {
            Socket socket = connect(opened.port());
            socket.getOutputStream()
                    .write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));

            byte[] answer = socket.getInputStream().readAllBytes();

            assertThat(new String(answer, StandardCharsets.ISO_8859_1))
                    .doesNotContain("HTTP/1.1 2");
        }
    }

    @Test
    void namesTheSettingOfAPortThatIsTaken() {
        try (AdminListener first = open(NEVER)) {
            int port = first.port();

            assertThatThrownBy(() -> open(HOST, port, NEVER))
                    .isInstanceOf(BrokerConfigurationException.class)
                    .hasMessageContaining("admin.port")
                    .hasMessageEndingWith("host=127.0.0.1 port=" + port);
        }
    }

    @Test
    void leavesAPortThatNobodyChoseToWhoeverHasIt() {
        try (AdminListener first = open(NEVER)) {
            assertThat(AdminListener.portOrAny(HOST, first.port())).isZero();
        }
    }

    @Test
    void namesTheSettingOfAnAddressThatIsNotThisMachines() {
        assertThatThrownBy(() -> open("192.0.2.1", 0, NEVER))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("admin.host")
                .hasMessageContaining("host=192.0.2.1");
    }

    private AdminListener open(Duration deadline) {
        return open(HOST, 0, deadline);
    }

    private AdminListener open(String host, int port, Duration deadline) {
        return AdminListener.open(
                host,
                port,
                health(),
                figures(),
                new MetricsHandler(new Metrics()),
                Map.of(),
                new AdminAccess(false, null, new ClientFaults()),
                deadline);
    }

    private HealthHandler health() {
        return new HealthHandler(broker, () -> false, () -> false);
    }

    private FiguresHandler figures() {
        return new FiguresHandler(sampler, broker, nodes, _ -> List.of());
    }

    private BufferedReader stream(int port) throws IOException {
        Socket socket = connect(port);
        socket.getOutputStream().write(FIGURES.getBytes(StandardCharsets.US_ASCII));
        return new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    }

    private Socket connect(int port) throws IOException {
        var socket = new Socket(LOOPBACK, port);
        sockets.add(socket);
        return socket;
    }

    /** Reads what there is until the server closes the connection. */
    private static void awaitEnd(Socket socket) {
        try {
            while (socket.getInputStream().read() >= 0) {
                // What was sent before.
            }
        } catch (IOException _) {
            // A reset is an end, too.
        }
    }

    private static boolean isWatched() {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().equals("longwave-figures"));
    }
}
