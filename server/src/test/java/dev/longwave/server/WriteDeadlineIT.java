package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.longwave.broker.Message;
import dev.longwave.server.console.ConsoleHandler;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Clients that ask and do not read the response: whatever the response is, the write deadline ends
 * it, and not before it has passed.
 */
final class WriteDeadlineIT {

    private static final Path CONSOLE =
            Path.of("src", "main", "resources", "dev", "longwave", "server", "console");

    private static final Duration DEADLINE = Duration.ofSeconds(2);
    private static final String[] SETTINGS = {"net.write-deadline=" + DEADLINE};

    private static final int SMALLEST_BUFFER = 4096;

    /** What is asked for. */
    enum Response {
        HISTORY,
        PROBLEM_DOCUMENT,
        CONSOLE_FILE;

        /** How many of them are more than a connection holds that nobody reads. */
        int enough() {
            return this == HISTORY ? 5 : 200;
        }

        String path() throws IOException {
            return switch (this) {
                case HISTORY -> "/history/t?limit=1000";
                // The document repeats the path.
                case PROBLEM_DOCUMENT -> "/nothing/" + "x".repeat(1000);
                case CONSOLE_FILE -> ConsoleHandler.PREFIX + largestConsoleFile();
            };
        }
    }

    private static String largestConsoleFile() throws IOException {
        try (Stream<Path> files = Files.list(CONSOLE)) {
            return files.filter(Files::isRegularFile)
                    .max(Comparator.comparingLong(file -> file.toFile().length()))
                    .orElseThrow()
                    .getFileName()
                    .toString();
        }
    }

    /** About 3 MB of JSON: a control character takes six bytes in it. */
    private static void publishHistory(TestServer server) {
        byte[] data = "\u0001\u0001xxx".repeat(10_000).getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < 20; i++) {
            server.server().publish("t", Message.of(data));
        }
    }

    @ParameterizedTest
    @EnumSource
    void cutsAnHttp1ClientThatDoesNotRead(Response response) throws Exception {
        try (Warnings warnings = Warnings.recorded();
                TestServer server = TestServer.with(SETTINGS);
                var client = new Socket()) {
            publishHistory(server);
            client.setReceiveBufferSize(SMALLEST_BUFFER);
            client.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
            byte[] request =
                    "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n"
                            .formatted(response.path())
                            .getBytes(StandardCharsets.US_ASCII);
            OutputStream out = client.getOutputStream();
            long began = System.nanoTime();

            assertThatThrownBy(
                            () -> {
                                while (true) {
                                    out.write(request); // waits once the server has stopped reading
                                }
                            })
                    .isInstanceOf(IOException.class);

            assertThat(since(began)).isGreaterThanOrEqualTo(DEADLINE);
            awaitNoConnections(server);
            assertThat(warnings.records()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void cutsAnHttp2ClientThatDoesNotReadItsSocket(Response response) throws Exception {
        try (Warnings warnings = Warnings.recorded();
                TestServer server = TestServer.with(SETTINGS);
                var client =
                        new RawHttp2(server.port(), SMALLEST_BUFFER, RawHttp2.LARGEST_WINDOW)) {
            publishHistory(server);
            String path = response.path();
            assertThat(client.next()).as("the server's settings").isNotNull();
            long began = System.nanoTime();
            for (int i = 0; i < response.enough(); i++) {
                client.get(path);
            }

            awaitNoConnections(server);

            assertThat(since(began)).isGreaterThanOrEqualTo(DEADLINE);
            assertThat(warnings.records()).isEmpty();
        }
    }

    /** The server ends its streams; the connection is idle then, and ended for that. */
    @ParameterizedTest
    @EnumSource
    void resetsTheStreamsOfAnHttp2ClientThatOpensNoWindow(Response response) throws Exception {
        try (Warnings warnings = Warnings.recorded();
                TestServer server =
                        TestServer.with("net.write-deadline=" + DEADLINE, "net.idle-timeout=PT1S");
                var client = new RawHttp2(server.port(), 1 << 20, 100)) {
            publishHistory(server);
            String path = response.path();
            long began = System.nanoTime();
            Set<Integer> open = new HashSet<>();
            for (int i = 0; i < response.enough(); i++) {
                open.add(client.get(path));
            }

            while (!open.isEmpty()) {
                RawHttp2.Frame frame = client.next();
                assertThat(frame).as("a frame for each of %d streams", open.size()).isNotNull();
                assertThat(frame.endsStream()).isFalse();
                if (frame.type() == RawHttp2.RST_STREAM) {
                    assertThat(since(began)).isGreaterThanOrEqualTo(DEADLINE);
                    open.remove(frame.stream());
                }
            }

            awaitNoConnections(server);
            assertThat(warnings.records()).isEmpty();
        }
    }

    private static Duration since(long nanos) {
        return Duration.ofNanos(System.nanoTime() - nanos);
    }

    private static void awaitNoConnections(TestServer server) {
        await().until(() -> server.server().connections() == 0);
    }
}
