package dev.longwave.server.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** On real sockets, with deadlines whose time the tests pass. */
final class TcpEndpointTest {

    private static final Duration DEADLINE = Duration.ofSeconds(3);
    private static final int MORE_THAN_SOCKETS_HOLD = 1 << 20;

    private final AtomicLong now = new AtomicLong();
    private final Readiness readiness = new Readiness();
    private final Deadlines deadlines =
            new Deadlines(new Deadlines.Limits(DEADLINE, DEADLINE, 1, DEADLINE), now::get);
    private SocketChannel client;
    private TcpEndpoint endpoint;

    @BeforeEach
    void connect() throws IOException {
        try (var listener = ServerSocketChannel.open()) {
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            client = SocketChannel.open();
            client.setOption(StandardSocketOptions.SO_RCVBUF, 8 << 10);
            client.connect(listener.getLocalAddress());
            SocketChannel accepted = listener.accept();
            accepted.setOption(StandardSocketOptions.SO_SNDBUF, 8 << 10);
            endpoint = new TcpEndpoint(accepted, deadlines, readiness);
        }
    }

    @AfterEach
    void close() throws IOException {
        client.close();
        endpoint.close();
        deadlines.close();
        readiness.close();
    }

    @Test
    void readsWhatArrivesUpToTheEnd() throws Exception {
        client.write(ByteBuffer.wrap(ascii("hello")));
        assertThat(endpoint.read()).isEqualTo(ascii("hello"));

        client.shutdownOutput();
        assertThat(endpoint.read()).isNull();
    }

    @Test
    void readsAsMuchOnAVirtualThread() throws Exception {
        byte[] sent = new byte[100_000];
        FutureTask<Integer> reader =
                onVirtualThread(() -> {
                    int count = 0;
                    for (byte[] bytes = endpoint.read(); bytes != null; bytes = endpoint.read()) {
                        assertThat(bytes).hasSizeBetween(1, 16 << 10);
                        count += bytes.length;
                    }
                    return count;
                });

        writeFully(ByteBuffer.wrap(sent));
        client.shutdownOutput();

        assertThat(reader.get()).isEqualTo(sent.length);
    }

    @Test
    void readsWhileItWrites() throws Exception {
        FutureTask<byte[]> reader = onVirtualThread(() -> endpoint.read());
        FutureTask<Void> writer = writer(MORE_THAN_SOCKETS_HOLD);

        client.write(ByteBuffer.wrap(ascii("x")));
        assertThat(reader.get()).isEqualTo(ascii("x"));
        readFromClient(MORE_THAN_SOCKETS_HOLD);
        writer.get();
    }

    /** Closing with bytes that nobody read is a reset, and the client may lose what was written. */
    @Test
    void letsAClientThatIsSendingReadToTheEnd() throws Exception {
        endpoint.write(ByteBuffer.wrap(ascii("answer")));
        client.write(ByteBuffer.wrap(new byte[1000]));
        FutureTask<Void> drain = drain(64 << 10);

        readFromClient("answer".length());
        assertThat(client.read(ByteBuffer.allocate(1))).isEqualTo(-1);
        client.write(ByteBuffer.wrap(new byte[1000]));
        client.shutdownOutput();

        drain.get();
    }

    @Test
    void discardsOnlySoMuch() throws Exception {
        FutureTask<Void> drain = drain(10_000);

        client.write(ByteBuffer.wrap(new byte[10_000]));

        drain.get();
    }

    @Test
    void discardsOnlyForSoLong() throws Exception {
        FutureTask<Void> drain = drain(10_000);
        client.write(ByteBuffer.wrap(new byte[1]));

        passTimeUntilDone(drain);

        drain.get();
    }

    private FutureTask<Void> drain(int maxBytes) {
        return onVirtualThread(() -> {
            endpoint.drain(maxBytes, Duration.ofSeconds(1));
            return null;
        });
    }

    @Test
    void cutsAClientThatTakesNothing() throws Exception {
        FutureTask<Void> writer = writer(MORE_THAN_SOCKETS_HOLD);

        passTimeUntilDone(writer);

        assertThatThrownBy(writer::get)
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(DeadlineExceededException.class);
        assertThatThrownBy(() -> readFromClient(MORE_THAN_SOCKETS_HOLD))
                .as("the kernel keeps nothing for it")
                .isInstanceOf(IOException.class);
    }

    /** With direct writes only a write that does not get through is watched. */
    @Test
    void cutsAClientThatTakesNothingWithDirectWrites() throws Exception {
        assertThat(endpoint.enableDirectWrites()).isTrue();
        FutureTask<Void> writer = writer(MORE_THAN_SOCKETS_HOLD);

        passTimeUntilDone(writer);

        assertThatThrownBy(writer::get).hasCauseInstanceOf(DeadlineExceededException.class);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void leavesAClientAloneThatTakesSomeNowAndThen(boolean direct) throws Exception {
        int total = 1 << 20;
        if (direct) {
            assertThat(endpoint.enableDirectWrites()).isTrue();
        }
        FutureTask<Void> writer = writer(total);
        int taken = 0;

        // The sockets hold less than two such parts, so the writer moves on at least at each second
        // one,
        // and less than a deadline passes meanwhile. All parts together take four.
        while (taken < total) {
            taken += readFromClient(Math.min(64 << 10, total - taken));
            now.addAndGet(DEADLINE.toNanos() / 4);
            deadlines.check();
        }

        writer.get();
    }

    @Test
    void writesDirectlyWhatThereIsRoomFor() throws Exception {
        assertThat(endpoint.enableDirectWrites()).isTrue();
        byte[] bytes = new byte[MORE_THAN_SOCKETS_HOLD];

        int written = endpoint.tryWrite(bytes, 0, bytes.length);

        assertThat(written).isPositive().isLessThan(bytes.length);
        FutureTask<Void> writer =
                onVirtualThread(() -> {
                    endpoint.write(ByteBuffer.wrap(bytes, written, bytes.length - written));
                    return null;
                });
        assertThat(readFromClient(MORE_THAN_SOCKETS_HOLD)).isEqualTo(MORE_THAN_SOCKETS_HOLD);
        writer.get();
        assertThat(endpoint.tryWrite(ascii("some more"), 5, 4)).isEqualTo(4);
        ByteBuffer more = ByteBuffer.allocate(4);
        while (more.hasRemaining()) {
            assertThat(client.read(more)).isPositive();
        }
        assertThat(more.array()).isEqualTo(ascii("more"));
    }

    @Test
    void endsAfterWhatWasWritten() throws Exception {
        endpoint.write(ByteBuffer.wrap(ascii("bye")));

        endpoint.close();
        endpoint.close();

        assertThat(readFromClient(3)).isEqualTo(3);
        assertThat(client.read(ByteBuffer.allocate(1))).isNegative();
        assertThatThrownBy(() -> endpoint.write(ByteBuffer.wrap(ascii("x"))))
                .isInstanceOf(UncheckedIOException.class)
                .isNotInstanceOf(DeadlineExceededException.class);
    }

    @Test
    void wakesAReaderWhenItIsClosed() throws Exception {
        FutureTask<byte[]> reader = onVirtualThread(() -> endpoint.read());

        endpoint.close();

        assertThatThrownBy(reader::get).hasCauseInstanceOf(UncheckedIOException.class);
    }

    @Test
    void knowsItsPeer() throws Exception {
        assertThat(endpoint.peer()).isEqualTo(client.getLocalAddress());
    }

    private FutureTask<Void> writer(int length) {
        return onVirtualThread(() -> {
            endpoint.write(ByteBuffer.allocate(length));
            return null;
        });
    }

    private static <T> FutureTask<T> onVirtualThread(Callable<T> work) {
        var task = new FutureTask<>(work);
        Thread.ofVirtual().start(task);
        return task;
    }

    /** However late the thread comes to its wait. */
    private void passTimeUntilDone(FutureTask<?> task) {
        while (!task.isDone()) {
            now.addAndGet(DEADLINE.toNanos());
            deadlines.check();
            Thread.onSpinWait();
        }
    }

    private void writeFully(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            client.write(bytes);
        }
    }

    private int readFromClient(int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining() && client.read(bytes) >= 0) {
            // There is more.
        }
        return bytes.position();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
