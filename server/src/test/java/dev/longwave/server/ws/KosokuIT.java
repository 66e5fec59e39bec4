package dev.longwave.server.ws;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.broker.testing.RequiredProgram;
import dev.longwave.server.TestServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The cases of Autobahn, as kosoku runs them, with the raw endpoint as the server that echoes: each
 * connection has a topic of its own.
 *
 * <p>Its cases 12 and 13 (compression) are left out: with kosoku 0.1.0 they fail in Python, before
 * they send anything. {@link WebSocketProtocolIT} has cases of its own for that. The others do not
 * ask for compression, so that a server that has it runs the long ones (cases 9, up to 16 MiB) no
 * differently, and does without them.
 */
final class KosokuIT {

    private static final long MINUTES = 10;

    @TempDir private Path folder;

    @ParameterizedTest
    @CsvSource({"false, 301", "true, 247"})
    void passesAllCases(boolean compression, int cases) throws Exception {
        Path program = RequiredProgram.unpacked("kosoku", "bin/kosoku");
        Path report = folder.resolve("kosoku.txt");
        try (TestServer server =
                        TestServer.with(
                                "limits.data=16MiB",
                                "ws.max-message=32MiB",
                                "ws.compression=" + compression,
                                "broker.memory.max-message-bytes=16MiB",
                                "broker.memory.max-bytes=512MiB");
                var echo = new EchoPort(server.port())) {
            var command = new ArrayList<>(List.of(program.toString(), "-x", "12.*", "-x", "13.*"));
            if (compression) {
                command.addAll(List.of("-x", "9.*"));
            }
            command.addAll(
                    List.of("-o", folder.resolve("report").toString(), "127.0.0.1:" + echo.port()));
            Process kosoku =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(report.toFile())
                            .start();
            boolean ended = kosoku.waitFor(MINUTES, TimeUnit.MINUTES);
            kosoku.destroyForcibly();

            assertThat(ended).as("kosoku ends").isTrue();
            assertThat(Files.readString(report)).contains(cases + " cases passed");
        }
    }

    /** Passes each connection on to a topic of its own: kosoku connects to {@code /}. */
    private static final class EchoPort implements AutoCloseable {
        private static final byte[] ROOT = "GET / ".getBytes(StandardCharsets.US_ASCII);

        private final int target;
        private final ServerSocket listener;
        private int connections;

        EchoPort(int target) throws IOException {
            this.target = target;
            this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
            Thread.ofVirtual().name("echo-port").start(this::accept);
        }

        int port() {
            return listener.getLocalPort();
        }

        private void accept() {
            while (!listener.isClosed()) {
                try {
                    Socket client = listener.accept();
                    String path = "GET /ws/echo%d ".formatted(connections++);
                    Thread.ofVirtual().start(() -> serve(client, path));
                } catch (IOException _) {
                    return; // closed
                }
            }
        }

        private void serve(Socket client, String path) {
            try (client;
                    var server = new Socket(InetAddress.getLoopbackAddress(), target)) {
                client.setTcpNoDelay(true);
                server.setTcpNoDelay(true);
                byte[] begin = client.getInputStream().readNBytes(ROOT.length);
                assertThat(begin).isEqualTo(ROOT);
                server.getOutputStream().write(path.getBytes(StandardCharsets.US_ASCII));
                Thread.ofVirtual().start(() -> copy(client, server));
                copy(server, client);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static void copy(Socket from, Socket to) {
            try {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                var _ = in.transferTo(out);
                to.shutdownOutput();
            } catch (IOException _) {
                // One of them is gone, which the other finds out.
            }
        }

        @Override
        public void close() throws IOException {
            listener.close();
        }
    }
}
