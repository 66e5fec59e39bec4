package dev.longwave.server.net.helidon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longwave.server.net.Deadlines;
import dev.longwave.server.net.Endpoint;
import dev.longwave.server.net.Readiness;
import dev.longwave.server.net.TcpEndpoint;
import io.helidon.common.buffers.BufferData;
import io.helidon.webserver.CloseConnectionException;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class GatheringWriterTest {
    private static final Duration DEADLINE = Duration.ofMinutes(5);
    private static final int FRAME = 2 * Integer.BYTES;

    private final Socket client = new Socket();
    private final AtomicInteger streams = new AtomicInteger(1);
    private final Readiness readiness = new Readiness();
    private final Deadlines deadlines =
            new Deadlines(new Deadlines.Limits(DEADLINE, DEADLINE, 1, DEADLINE));
    private final Endpoint endpoint;
    private final GatheringWriter writer;

    GatheringWriterTest() throws IOException {
        try (var listener = ServerSocketChannel.open()) {
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            var address = (InetSocketAddress) listener.getLocalAddress();
            client.setReceiveBufferSize(4096);
            client.setSoTimeout((int) DEADLINE.toMillis());
            client.connect(address);
            endpoint = new TcpEndpoint(listener.accept(), deadlines, readiness);
        }
        writer = new GatheringWriter(endpoint, streams::get, _ -> {});
    }

    @AfterEach
    void close() throws IOException {
        endpoint.close();
        client.close();
        deadlines.close();
        readiness.close();
    }

    @Test
    void keepsFramesWholeAndEachStreamsInOrder() throws Exception {
        int writing = 50;
        int frames = 2_000;
        List<FutureTask<?>> writers = new ArrayList<>();
        for (int i = 0; i < writing; i++) {
            int stream = i;
            var task =
                    new FutureTask<>(
                            () -> {
                                for (int frame = 0; frame < frames; frame++) {
                                    writer.writeNow(frame(stream, frame));
                                }
                            },
                            null);
            Thread.startVirtualThread(task);
            writers.add(task);
        }

        var next = new int[writing];
        var received = new DataInputStream(client.getInputStream());
        for (int i = 0; i < writing * frames; i++) {
            int stream = received.readInt();
            assertThat(received.readInt()).isEqualTo(next[stream]++);
        }
        for (FutureTask<?> each : writers) {
            await(each);
        }
    }

    @Test
    void hasWritersWaitForAClientThatDoesNotRead() throws Exception {
        FutureTask<?> stuck = startStuckWriter();

        endpoint.close();

        assertThatThrownBy(() -> await(stuck)).hasCauseInstanceOf(CloseConnectionException.class);
        assertThatThrownBy(() -> writer.writeNow(frame(0, 0)))
                .isInstanceOf(CloseConnectionException.class);
    }

    @Test
    void hasRoomForWhatAllStreamsHave() throws Exception {
        FutureTask<?> stuck = startStuckWriter();

        streams.set(64);
        var others =
                new FutureTask<>(
                        () -> {
                            for (int i = 0; i < 50; i++) {
                                writer.writeNow(BufferData.create(new byte[10_000]));
                            }
                        },
                        null);
        Thread.startVirtualThread(others);

        await(others);
        endpoint.close();
        assertThatThrownBy(() -> await(stuck)).hasCauseInstanceOf(CloseConnectionException.class);
    }

    @Test
    void hasAllWrittenBeforeTheConnectionIsClosed() throws Exception {
        for (int i = 0; i < 1_000; i++) {
            writer.writeNow(frame(0, i));
        }

        writer.awaitWritten(DEADLINE.toMillis());
        endpoint.close();

        assertThat(client.getInputStream().readAllBytes()).hasSize(1_000 * FRAME);
    }

    /** Starts a thread that writes until it fails, and waits until the client holds it up. */
    private FutureTask<?> startStuckWriter() {
        var task = new FutureTask<>(this::writeForEver, null);
        var thread = Thread.ofVirtual().start(task);
        Awaitility.await().until(() -> thread.getState() == Thread.State.WAITING);
        return task;
    }

    private void writeForEver() {
        while (true) {
            writer.writeNow(BufferData.create(new byte[10_000]));
        }
    }

    /** Waits for the end of a task, and fails as it failed. */
    private static void await(FutureTask<?> task) throws Exception {
        task.get(DEADLINE.toMinutes(), TimeUnit.MINUTES);
    }

    private static BufferData frame(int stream, int number) {
        return BufferData.create(ByteBuffer.allocate(FRAME).putInt(stream).putInt(number).array());
    }
}
