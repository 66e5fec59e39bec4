package dev.longwave.cli.endurance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.cli.LongwaveProcess;
import dev.longwave.testing.ProcessSnapshot;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Event streams over TLS that wait for an event: how much the server keeps for each of them, and
 * that all of them receive it.
 *
 * <p>With {@code -Dlongwave.idle-tls.streams=5000} there are 5,000 of them; each takes a file
 * descriptor of the test and one of the server.
 */
@EnabledOnOs(OS.LINUX)
final class IdleTlsIT {

    private static final System.Logger LOGGER = System.getLogger(IdleTlsIT.class.getName());
    private static final int STREAMS = Integer.getInteger("longwave.idle-tls.streams", 500);
    private static final int TIMEOUT_MILLIS = 300_000;

    /** A buffer for one record of TLS alone would be more. */
    private static final int HEAP_BYTES_PER_STREAM = 16 << 10;

    @TempDir private Path folder;
    private final SSLContext context = trustingEveryone();
    private final List<Socket> transports = new ArrayList<>();

    /** The JDK's TLS sockets wait for the other side when they are closed. */
    @AfterEach
    void disconnect() throws IOException {
        for (Socket transport : transports) {
            transport.close();
        }
    }

    @Test
    void costLittleAndAllReceiveTheNextEvent() throws Exception {
        try (LongwaveProcess server =
                LongwaveProcess.serve(
                        folder.resolve("log"),
                        List.of("-Xmx256m"),
                        "tls.self-signed=true",
                        "limits.connections-per-address=0",
                        "sse.heartbeat-interval=PT1S")) {
            BufferedReader first = subscribe(server.port());
            awaitHeartbeats(first); // so that what the first stream loads counts for nothing
            ProcessSnapshot before = ProcessSnapshot.of(server.pid());
            long residentBefore = residentKilobytes(server.pid());
            List<BufferedReader> streams = new ArrayList<>();
            for (int i = 0; i < STREAMS; i++) {
                streams.add(subscribe(server.port()));
            }
            for (BufferedReader stream : streams) {
                awaitHeartbeats(stream);
            }

            long resident = residentKilobytes(server.pid()) - residentBefore;
            ProcessSnapshot after = ProcessSnapshot.of(server.pid());
            publish(server.port());
            for (BufferedReader stream : streams) {
                assertThat(lineWith(stream, "data: ")).isEqualTo("data: hello");
            }

            long heap = (after.liveHeapBytes() - before.liveHeapBytes()) / STREAMS;
            LOGGER.log(
                    System.Logger.Level.INFO,
                    "{0} idle streams over TLS: heap {1} bytes, resident {2} KB for each",
                    STREAMS,
                    heap,
                    resident / STREAMS);
            assertThat(heap).isLessThan(HEAP_BYTES_PER_STREAM);
        }
    }

    private BufferedReader subscribe(int port) throws IOException {
        return answer(port, "GET /events/t HTTP/1.1\r\nHost: localhost\r\n\r\n");
    }

    private void publish(int port) throws IOException {
        answer(
                port,
                "POST /events/t HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
                        + "Content-Length: 5\r\n\r\nhello");
    }

    /** Sends a request on a connection of its own, and reads the first line of the response. */
    private BufferedReader answer(int port, String request) throws IOException {
        var transport = new Socket();
        transports.add(transport);
        transport.setSoTimeout(TIMEOUT_MILLIS);
        transport.connect(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MILLIS);
        Socket socket = context.getSocketFactory().createSocket(transport, "localhost", port, true);
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        var lines =
                new BufferedReader(
                        new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        assertThat(lines.readLine()).isEqualTo("HTTP/1.1 200 OK");
        return lines;
    }

    /** After the second one, the stream is at rest. */
    private static void awaitHeartbeats(BufferedReader stream) throws IOException {
        assertThat(lineWith(stream, ":")).isEqualTo(": longwave");
        for (int i = 0; i < 2; i++) {
            assertThat(lineWith(stream, ":")).isEqualTo(":");
        }
    }

    private static String lineWith(BufferedReader stream, String prefix) throws IOException {
        for (String line = stream.readLine(); line != null; line = stream.readLine()) {
            if (line.startsWith(prefix)) {
                return line;
            }
        }
        throw new IOException("the stream ended without " + prefix);
    }

    private static long residentKilobytes(long pid) throws IOException {
        return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                .findFirst()
                .orElseThrow();
    }

    private static SSLContext trustingEveryone() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new TrustingEveryone()}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has TLS", e);
        }
    }

    /** The server makes its certificate itself, and it is not what is tested. */
    private static final class TrustingEveryone implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {
            throw new IllegalStateException("not a server");
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
