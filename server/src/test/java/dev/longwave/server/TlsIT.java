package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.Message;
import dev.longwave.server.net.TestCertificate;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A server that speaks HTTPS, with clients that do and that do not. */
final class TlsIT {

    private static final Duration DEADLINE = Duration.ofSeconds(1);
    private static final int TIMEOUT_MILLIS = 300_000;

    /** A loopback segment must fit, or the kernel stalls: 64 KiB. */
    private static final int RECEIVE_BUFFER = 128 << 10;

    @TempDir private Path folder;
    private final List<Socket> transports = new ArrayList<>();
    private TestCertificate certificate;
    private SSLContext trusting;

    @BeforeEach
    void makeCertificate() throws Exception {
        certificate = TestCertificate.of("localhost").write(folder);
        trusting = TestCertificate.trusting(certificate);
    }

    /** The JDK's TLS sockets wait for the other side when they are closed. */
    @AfterEach
    void disconnect() throws IOException {
        for (Socket transport : transports) {
            transport.close();
        }
    }

    private TestServer server(String... more) {
        return TestServer.with(
                Stream.concat(
                                Stream.of(
                                        "tls.cert=" + TestCertificate.certificateFile(folder),
                                        "tls.key=" + TestCertificate.keyFile(folder)),
                                Stream.of(more))
                        .toArray(String[]::new));
    }

    private SSLSocket connect(TestServer server, SSLContext context) throws IOException {
        var transport = new Socket();
        transports.add(transport);
        transport.setReceiveBufferSize(RECEIVE_BUFFER);
        transport.setSoTimeout(TIMEOUT_MILLIS);
        transport.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
        var socket =
                (SSLSocket)
                        context.getSocketFactory()
                                .createSocket(transport, "localhost", server.port(), true);
        socket.startHandshake();
        return socket;
    }

    private RawStream subscribe(TestServer server, String topic) throws IOException {
        return new RawStream(connect(server, trusting), "GET /events/" + topic + " HTTP/1.1");
    }

    @ParameterizedTest
    @EnumSource
    void streamsWhatIsPublished(HttpClient.Version version) throws Exception {
        try (TestServer server = server();
                HttpClient client =
                        HttpClient.newBuilder().version(version).sslContext(trusting).build()) {
            URI topic = URI.create(server.url("/events/t"));
            HttpResponse<InputStream> stream =
                    client.send(
                            HttpRequest.newBuilder(topic).build(),
                            HttpResponse.BodyHandlers.ofInputStream());
            HttpResponse<String> published =
                    client.send(
                            HttpRequest.newBuilder(topic)
                                    .POST(HttpRequest.BodyPublishers.ofString("hello"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());

            assertThat(server.url("")).startsWith("https://");
            assertThat(stream.version()).isEqualTo(version);
            assertThat(published.version()).isEqualTo(version);
            assertThat(published.statusCode()).isEqualTo(200);
            try (var lines =
                    new BufferedReader(
                            new InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
                assertThat(lines.lines().filter(line -> line.startsWith("data")).findFirst())
                        .contains("data: hello");
            }
        }
    }

    /** Direct writes from many threads, to a client that is always behind. */
    @Test
    void losesNothingOnTheWayToASlowReader() throws Exception {
        int publishers = 4;
        int each = 2_000;
        try (TestServer server = server()) {
            RawStream stream = subscribe(server, "t");
            var ready = new CountDownLatch(publishers);
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < publishers; i++) {
                int publisher = i;
                threads.add(
                        Thread.ofPlatform()
                                .start(() -> {
                                    ready.countDown();
                                    for (int k = 0; k < each; k++) {
                                        String data = publisher + " " + k + " " + "x".repeat(500);
                                        server.server().publish("t", Message.of(bytes(data)));
                                    }
                                }));
            }
            ready.await();

            var next = new int[publishers];
            for (int i = 0; i < publishers * each; i++) {
                String[] words = stream.lineWith("data: ").split(" ", -1);
                int publisher = Integer.parseInt(words[1]);
                assertThat(Integer.parseInt(words[2])).isEqualTo(next[publisher]++);
                assertThat(words[3]).hasSize(500);
            }

            assertThat(next).containsOnly(each);
            for (Thread thread : threads) {
                thread.join();
            }
        }
    }

    /** The last bytes of an event must not wait for the next one. */
    @Test
    void sendsTheEndOfAnEventThatDidNotFitAtOnce() throws Exception {
        try (TestServer server = server("sse.heartbeat-interval=PT10M")) {
            RawStream stream = subscribe(server, "t");
            for (int size = 100_000; size < 110_000; size += 1_111) {
                server.server().publish("t", Message.of(bytes("x".repeat(size))));

                assertThat(stream.lineWith("data: ")).hasSize("data: ".length() + size);
            }
        }
    }

    @Test
    void givesUpAClientThatDoesNotRead() throws Exception {
        try (TestServer server =
                server("net.write-deadline=PT0.5S", "sse.heartbeat-interval=PT0.2S")) {
            RawStream frozen = subscribe(server, "t");
            assertThat(frozen.head()).isNotEmpty();
            await().until(() -> server.server().openStreams() == 1);
            byte[] data = bytes("x".repeat(60_000));

            await().until(() -> {
                server.server().publish("t", Message.of(data));
                return server.server().openStreams() == 0 && server.server().connections() == 0;
            });
        }
    }

    @Test
    void changesItsCertificateUnderOpenStreams() throws Exception {
        int connections = 1_000;
        int count = connections + 10; // which share one more, of HTTP/2
        TestCertificate next = TestCertificate.of("localhost");
        SSLContext trustingNext = TestCertificate.trusting(next);
        HttpClient client = HttpClient.newBuilder().sslContext(trusting).build();
        try (TestServer server = server("tls.reload-interval=PT0.1S");
                AutoCloseable _ = client::shutdownNow) {
            List<RawStream> streams = new ArrayList<>();
            for (int i = 0; i < connections; i++) {
                streams.add(subscribe(server, "t"));
            }
            List<BufferedReader> shared = new ArrayList<>();
            for (int i = connections; i < count; i++) {
                shared.add(lines(client, server, "t"));
            }
            await().until(() -> server.server().openStreams() == count);

            next.write(folder);

            await().ignoreExceptionsInstanceOf(SSLException.class)
                    .until(() -> connect(server, trustingNext).isConnected());
            assertThatThrownBy(() -> connect(server, trusting)).isInstanceOf(SSLException.class);
            assertThat(server.server().openStreams()).isEqualTo(count);
            server.server().publish("t", Message.of(bytes("still here")));
            for (RawStream stream : streams) {
                assertThat(stream.lineWith("data: ")).isEqualTo("data: still here");
            }
            for (BufferedReader stream : shared) {
                assertThat(stream.lines().filter(line -> line.startsWith("data: ")).findFirst())
                        .contains("data: still here");
            }
        }
    }

    private static BufferedReader lines(HttpClient client, TestServer server, String topic)
            throws Exception {
        HttpResponse<InputStream> stream =
                client.send(
                        server.request("/events/" + topic).build(),
                        HttpResponse.BodyHandlers.ofInputStream());
        assertThat(stream.version()).isEqualTo(HttpClient.Version.HTTP_2);
        return new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                "P"
            })
    void tellsClientsThatDoNotSpeakTls(String sent) throws Exception {
        try (TestServer server = server();
                var client = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            client.getOutputStream().write(bytes(sent));

            assertThat(new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .startsWith("HTTP/1.1 400 ")
                    .contains("Connection: close", "urn:longwave:problem:tls-required", "https://");
            await().until(() -> server.server().connections() == 0);
        }
    }

    @Test
    void endsClientsThatSpeakSomethingElse() throws Exception {
        try (Warnings warnings = Warnings.recorded();
                TestServer server = server();
                var client = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            client.getOutputStream().write(new byte[] {3, 0, 0, 19});

            assertThat(client.getInputStream().readAllBytes()).isEmpty();
            assertThat(warnings.records())
                    .singleElement()
                    .asString()
                    .contains("since the last such line");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4, 5, 50})
    void endsAHandshakeThatStops(int length) throws Exception {
        var hello = new byte[length];
        if (length > 0) {
            System.arraycopy(new byte[] {0x16, 3, 1, 2, 0}, 0, hello, 0, Math.min(5, length));
        }
        try (TestServer server = server("net.read-deadline=" + DEADLINE, "net.idle-timeout=PT1H");
                var client = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            long began = System.nanoTime();
            client.getOutputStream().write(hello);

            assertThat(client.getInputStream().read()).isEqualTo(-1);

            assertThat(Duration.ofNanos(System.nanoTime() - began))
                    .isGreaterThanOrEqualTo(DEADLINE);
        }
    }

    /** Any byte would do if only silence counted. */
    @Test
    void endsAHandshakeThatTrickles() throws Exception {
        try (TestServer server = server("net.read-deadline=" + DEADLINE, "net.idle-timeout=PT1H");
                var client = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            client.getOutputStream().write(new byte[] {0x16, 3, 1, 0x40, 0});

            assertThatThrownBy(
                            () -> {
                                while (true) {
                                    client.getOutputStream().write(1);
                                    LockSupport.parkNanos(DEADLINE.dividedBy(20).toNanos());
                                }
                            })
                    .isInstanceOf(SocketException.class);
        }
    }

    @Test
    void verifiesTheCertificatesOfClients(@TempDir Path clients) throws Exception {
        TestCertificate known = TestCertificate.of("publisher").write(clients);
        TestCertificate unknown = TestCertificate.of("publisher");
        try (TestServer server =
                server("tls.client-ca=" + TestCertificate.certificateFile(clients))) {
            assertThat(status(server, known)).isEqualTo(200);
            assertThat(status(server, null)).isEqualTo(200);
            assertThatThrownBy(() -> status(server, unknown)).isInstanceOf(IOException.class);
        }
    }

    private int status(TestServer server, @Nullable TestCertificate own) throws Exception {
        try (HttpClient client =
                HttpClient.newBuilder()
                        .sslContext(TestCertificate.client(own, certificate))
                        .build()) {
            return client.send(
                            server.request("/health/live").build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        }
    }

    @Test
    void makesACertificateForDevelopment() throws Exception {
        try (TestServer server = TestServer.with("tls.self-signed=true")) {
            assertThatThrownBy(() -> connect(server, trusting)).isInstanceOf(SSLException.class);
        }
    }

    @Test
    void refusesToStartWithoutAKey() {
        assertThatThrownBy(() ->
                        TestServer.with("tls.cert=" + TestCertificate.certificateFile(folder)))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("tls.cert and tls.key belong together");
    }

    @Test
    void refusesToStartWithAFileThatIsMissing() {
        assertThatThrownBy(() ->
                        server("tls.certificates.other.cert=a", "tls.certificates.other.key=b"))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("file=a");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
