package dev.longwave.server.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** On real sockets, with the JDK's client, and with deadlines whose time the tests pass. */
final class TlsEndpointTest {

    private static final Duration DEADLINE = Duration.ofSeconds(3);
    private static final int MORE_THAN_SOCKETS_HOLD = 1 << 20;
    private static final int MAX_READ_BYTES = 16 << 10;

    private final AtomicLong now = new AtomicLong();
    private final Readiness readiness = new Readiness();
    private final Deadlines deadlines =
            new Deadlines(new Deadlines.Limits(DEADLINE, DEADLINE, 1, DEADLINE), now::get);
    private final TestCertificate localhost = TestCertificate.of("localhost");
    private final TestCertificate others = TestCertificate.of("*.example.com", "example.org");

    @TempDir private Path folder;
    @TempDir private Path otherFolder;
    private Tls tls;
    private Socket transport;
    private TcpEndpoint tcp;
    private SSLSocket client;
    private TlsEndpoint endpoint;

    @BeforeEach
    void connect() throws Exception {
        localhost.write(folder);
        others.write(otherFolder);
        tls = new Tls(List.of(pem(folder), pem(otherFolder)), null, Tls.Version.TLS_1_2);
        openTransport();
        shakeHands(new SSLParameters());
    }

    private void openTransport() throws IOException {
        try (var listener = ServerSocketChannel.open()) {
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            transport = new Socket();
            transport.setReceiveBufferSize(8 << 10);
            transport.connect(listener.getLocalAddress());
            SocketChannel accepted = listener.accept();
            accepted.setOption(StandardSocketOptions.SO_SNDBUF, 8 << 10);
            tcp = new TcpEndpoint(accepted, deadlines, readiness);
        }
    }

    @AfterEach
    void close() throws IOException {
        closeTransport();
        deadlines.close();
        readiness.close();
        tls.close();
    }

    private static CertificateSource pem(Path folder) {
        return new CertificateSource.Pem(
                TestCertificate.certificateFile(folder), TestCertificate.keyFile(folder));
    }

    private void shakeHands(SSLParameters parameters) throws Exception {
        client =
                (SSLSocket)
                        TestCertificate.trusting(localhost, others)
                                .getSocketFactory()
                                .createSocket(transport, "localhost", transport.getPort(), true);
        client.setSSLParameters(parameters);
        FutureTask<TlsEndpoint> server = accepting();
        client.startHandshake();
        endpoint = server.get();
    }

    private FutureTask<TlsEndpoint> accepting() {
        return onVirtualThread(() -> {
            byte[] first = tcp.read();
            if (first == null) {
                throw new IOException("the client left");
            }
            return TlsEndpoint.accept(tcp, tls.engine(), first, tcp::read);
        });
    }

    private void reconnect(SSLParameters parameters) throws Exception {
        closeTransport();
        openTransport();
        shakeHands(parameters);
    }

    private void reconnect(String version) throws Exception {
        var parameters = new SSLParameters();
        parameters.setProtocols(new String[] {version});
        reconnect(parameters);
    }

    private void closeTransport() throws IOException {
        transport.close();
        tcp.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void readsAndWritesUpToTheEnd(String version) throws Exception {
        reconnect(version);
        byte[] bytes = random(100_000);

        FutureTask<Void> writer = writer(bytes);
        assertThat(client.getInputStream().readNBytes(bytes.length)).isEqualTo(bytes);
        writer.get();

        FutureTask<byte[]> reader = reader(bytes.length);
        client.getOutputStream().write(bytes);
        assertThat(reader.get()).isEqualTo(bytes);

        client.shutdownOutput();
        assertThat(endpoint.read()).isNull();
        assertThat(endpoint.tls().orElseThrow().getProtocol()).isEqualTo(version);
    }

    @Test
    void readsWhatComesByteByByte() throws Exception {
        client.setTcpNoDelay(true);
        byte[] bytes = random(500);

        FutureTask<byte[]> reader = reader(bytes.length);
        for (byte b : bytes) {
            client.getOutputStream().write(b);
        }

        assertThat(reader.get()).isEqualTo(bytes);
    }

    @Test
    void readsWhileItWrites() throws Exception {
        FutureTask<byte[]> reader = reader(1);
        byte[] bytes = random(MORE_THAN_SOCKETS_HOLD);
        FutureTask<Void> writer = writer(bytes);

        client.getOutputStream().write('x');
        assertThat(reader.get()).isEqualTo(new byte[] {'x'});
        assertThat(client.getInputStream().readNBytes(bytes.length)).isEqualTo(bytes);
        writer.get();
    }

    @ParameterizedTest
    @CsvSource({"h2, HTTP_2", "http/1.1, "})
    void agreesOnAProtocol(String name, Protocol protocol) throws Exception {
        var parameters = new SSLParameters();
        parameters.setApplicationProtocols(new String[] {name});

        reconnect(parameters);

        assertThat(client.getApplicationProtocol()).isEqualTo(name);
        assertThat(endpoint.protocol().orElse(null)).isEqualTo(protocol);
    }

    @ParameterizedTest
    @CsvSource({
        "localhost, localhost",
        "a.example.com, *.example.com",
        "A.EXAMPLE.COM, *.example.com",
        "example.org, *.example.com",
        "a.b.example.com, localhost",
        "example.com, localhost",
        "unknown, localhost"
    })
    void showsTheCertificateOfTheNameThatIsAskedFor(String asked, String subject) throws Exception {
        var parameters = new SSLParameters();
        parameters.setServerNames(List.of(new SNIHostName(asked)));

        reconnect(parameters);

        assertThat(shownSubject()).isEqualTo("CN=" + subject);
    }

    private String shownSubject() throws IOException {
        return ((X509Certificate) client.getSession().getPeerCertificates()[0])
                .getSubjectX500Principal()
                .getName();
    }

    /** What is reported as written must reach the client without another write. */
    @Test
    void reportsOnlyWhatTheClientCanRead() throws Exception {
        assertThat(endpoint.enableDirectWrites()).isTrue();
        byte[] bytes = random(1000);
        int written = 0;
        for (int last = bytes.length; last == bytes.length; ) {
            last = endpoint.tryWrite(bytes, 0, bytes.length);
            written += last;
        }

        InputStream in = client.getInputStream();
        for (int i = 0; i < written / bytes.length; i++) {
            assertThat(in.readNBytes(bytes.length)).isEqualTo(bytes);
        }
        assertThat(in.readNBytes(written % bytes.length)).hasSize(written % bytes.length);
    }

    /** As the sink of a stream does, with as many threads as there may be, one after the other. */
    @ParameterizedTest
    @ValueSource(ints = {1, 300, 5_000, 40_000})
    void losesNothingHoweverMuchRoomThereIs(int length) throws Exception {
        assertThat(endpoint.enableDirectWrites()).isTrue();
        byte[] bytes = random(Math.clamp(8_000L * length, 5 * length, 200_000));
        var full = new CountDownLatch(1);
        List<Thread.Builder> kinds = List.of(Thread.ofPlatform(), Thread.ofVirtual());
        FutureTask<List<Integer>> writer =
                onVirtualThread(() -> {
                    List<Integer> partial = new ArrayList<>();
                    for (int at = 0; at < bytes.length; ) {
                        int from = at;
                        int count = Math.min(length, bytes.length - at);
                        var direct = new FutureTask<>(() -> endpoint.tryWrite(bytes, from, count));
                        kinds.get(at % 2).start(direct);
                        int written = direct.get();
                        if (written < count) {
                            partial.add(written);
                            full.countDown();
                            endpoint.write(ByteBuffer.wrap(bytes, from + written, count - written));
                        }
                        at += count;
                    }
                    return partial;
                });

        full.await();
        assertThat(client.getInputStream().readNBytes(bytes.length)).isEqualTo(bytes);
        assertThat(writer.get()).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void cutsAClientThatTakesNothing(boolean direct) throws Exception {
        if (direct) {
            assertThat(endpoint.enableDirectWrites()).isTrue();
        }
        FutureTask<Void> writer = writer(random(MORE_THAN_SOCKETS_HOLD));

        while (!writer.isDone()) { // however late the thread comes to its wait
            now.addAndGet(DEADLINE.toNanos());
            deadlines.check();
            Thread.onSpinWait();
        }

        assertThatThrownBy(writer::get)
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(DeadlineExceededException.class);
        endpoint.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void leavesAClientAloneThatTakesSomeNowAndThen(boolean direct) throws Exception {
        if (direct) {
            assertThat(endpoint.enableDirectWrites()).isTrue();
        }
        byte[] bytes = random(MORE_THAN_SOCKETS_HOLD);
        FutureTask<Void> writer = writer(bytes);

        // As for TcpEndpoint: each second part lets the writer move on, and all take four
        // deadlines.
        for (int taken = 0; taken < bytes.length; taken += 64 << 10) {
            assertThat(client.getInputStream().readNBytes(64 << 10)).hasSize(64 << 10);
            now.addAndGet(DEADLINE.toNanos() / 4);
            deadlines.check();
        }

        writer.get();
    }

    /** The JDK's client asks for new keys when it is told to shake hands again. */
    @Test
    void answersKeyUpdates() throws Exception {
        for (int i = 0; i < 3; i++) {
            FutureTask<byte[]> reader = reader(1);
            client.startHandshake();
            client.getOutputStream().write(i);
            assertThat(reader.get()).isEqualTo(new byte[] {(byte) i});

            endpoint.write(ByteBuffer.wrap(new byte[] {(byte) i}));
            assertThat(client.getInputStream().read()).isEqualTo(i);
        }
    }

    @Test
    void endsAClientThatUpdatesKeysAndDoesNothingElse() throws Exception {
        FutureTask<byte[]> reader = reader(1);

        assertThatThrownBy(
                        () -> {
                            for (int i = 0; i < 1000; i++) {
                                client.startHandshake();
                            }
                            reader.get();
                        })
                .isInstanceOfAny(IOException.class, ExecutionException.class);
        assertThatThrownBy(reader::get)
                .hasCauseInstanceOf(UncheckedIOException.class)
                .hasStackTraceContaining("too many records without data");
    }

    @Test
    void refusesRenegotiation() throws Exception {
        reconnect("TLSv1.2");
        FutureTask<byte[]> reader = reader(1);

        client.startHandshake();

        assertThatThrownBy(reader::get).hasStackTraceContaining("renegotiation is refused");
        assertThatThrownBy(() -> endpoint.write(ByteBuffer.wrap(new byte[1])))
                .as("it does not wait for a handshake")
                .isInstanceOf(UncheckedIOException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1703034200", "17030300050102030405", "1503030002022a"})
    void endsAClientThatSendsGarbageInPlaceOfRecords(String hex) throws Exception {
        FutureTask<byte[]> reader = reader(1);

        transport.getOutputStream().write(HexFormat.of().parseHex(hex));

        assertThatThrownBy(reader::get).hasCauseInstanceOf(UncheckedIOException.class);
    }

    @Test
    void refusesWhatIsNoHello() throws Exception {
        closeTransport();
        openTransport();
        FutureTask<TlsEndpoint> server = accepting();

        transport.getOutputStream().write(new byte[] {0x16, 3, 1, 0, 4, 1, 0, 0, 0});

        assertThatThrownBy(server::get).hasCauseInstanceOf(UncheckedIOException.class);
        assertThat(transport.getInputStream().read()).as("an alert").isEqualTo(0x15);
    }

    @Test
    void wakesAReaderWhenItIsClosed() throws Exception {
        FutureTask<byte[]> reader = onVirtualThread(endpoint::read);

        endpoint.close();
        endpoint.close();

        assertThatThrownBy(reader::get).hasCauseInstanceOf(UncheckedIOException.class);
        assertThat(client.getInputStream().read()).isEqualTo(-1);
    }

    @Test
    void letsAClientThatIsSendingReadToTheEnd() throws Exception {
        endpoint.write(ByteBuffer.wrap("answer".getBytes(StandardCharsets.US_ASCII)));
        client.getOutputStream().write(new byte[1000]);
        FutureTask<Void> drain =
                onVirtualThread(() -> {
                    endpoint.drain(64 << 10, Duration.ofSeconds(1));
                    return null;
                });

        assertThat(client.getInputStream().readAllBytes()).hasSize("answer".length());
        client.getOutputStream().write(new byte[1000]);
        client.close();

        drain.get();
    }

    private FutureTask<Void> writer(byte[] bytes) {
        return onVirtualThread(() -> {
            endpoint.write(ByteBuffer.wrap(bytes));
            return null;
        });
    }

    private FutureTask<byte[]> reader(int length) {
        return onVirtualThread(() -> {
            ByteBuffer all = ByteBuffer.allocate(length);
            while (all.hasRemaining()) {
                byte[] bytes = endpoint.read();
                assertThat(bytes).hasSizeBetween(1, 2 * MAX_READ_BYTES);
                all.put(bytes);
            }
            return all.array();
        });
    }

    private static byte[] random(int length) {
        var bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    private static <T> FutureTask<T> onVirtualThread(Callable<T> work) {
        var task = new FutureTask<>(work);
        Thread.ofVirtual().start(task);
        return task;
    }
}
