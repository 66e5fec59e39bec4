package dev.longwave.server.net.helidon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

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
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class GatheringWriterTest {
    private static final Duration DEADLINE = Duration.ofSeconds(20);
    private static final int FRAME = 2 * Integer.BYTES;

    private final Socket client = new Socket();
    private final AtomicInteger streams = new AtomicInteger(1);
    private final ChannelSocket socket;
    private final GatheringWriter writer;

    GatheringWriterTest() throws IOException {
        try (var listener = ServerSocketChannel.open()) {
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            var address = (InetSocketAddress) listener.getLocalAddress();
            client.setReceiveBufferSize(4096);
            client.setSoTimeout((int) DEADLINE.toMillis());
            client.connect(address);
            socket = new ChannelSocket(listener.accept());
        }
        writer = new GatheringWriter(socket, streams::get);
    }

    @AfterEach
    void close() throws IOException {
        socket.close();
        client.close();
    }

    @Test
    void keepsFramesWholeAndEachStreamsInOrder() throws Exception {
        int writing = 50;
        int frames = 2_000;
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < writing; i++) {
            int stream = i;
            threads.add(
                    Thread.startVirtualThread(() -> {
                        for (int frame = 0; frame < frames; frame++) {
                            writer.writeNow(frame(stream, frame));
                        }
                    }));
        }

        var next = new int[writing];
        var received = new DataInputStream(client.getInputStream());
        for (int i = 0; i < writing * frames; i++) {
            int stream = received.readInt();
            assertThat(received.readInt()).isEqualTo(next[stream]++);
        }
        for (Thread thread : threads) {
            assertThat(thread.join(DEADLINE)).isTrue();
        }
        assertThat(writer.writingSince()).isZero();
    }

    @Test
    void hasWritersWaitForAClientThatDoesNotRead() throws Exception {
        var stuck = Thread.ofVirtual().unstarted(() -> assertThatThrownBy(this::writeForEver));
        stuck.start();

        await().until(() -> stuck.getState() == Thread.State.WAITING);
        assertThat(writer.writingSince()).isNotZero();

        socket.close();

        assertThat(stuck.join(DEADLINE)).isTrue();
        assertThatThrownBy(() -> writer.writeNow(frame(0, 0)))
                .isInstanceOf(CloseConnectionException.class);
        assertThat(writer.writingSince()).isZero();
    }

    @Test
    void hasRoomForWhatAllStreamsHave() throws Exception {
        var stuck = Thread.ofVirtual().unstarted(() -> assertThatThrownBy(this::writeForEver));
        stuck.start();
        await().until(() -> stuck.getState() == Thread.State.WAITING);

        streams.set(64);
        var others =
                Thread.startVirtualThread(() -> {
                    for (int i = 0; i < 50; i++) {
                        writer.writeNow(BufferData.create(new byte[10_000]));
                    }
                });

        assertThat(others.join(DEADLINE)).isTrue();
        socket.close();
        assertThat(stuck.join(DEADLINE)).isTrue();
    }

    @Test
    void hasAllWrittenBeforeTheConnectionIsClosed() throws Exception {
        for (int i = 0; i < 1_000; i++) {
            writer.writeNow(frame(0, i));
        }

        writer.awaitWritten(DEADLINE.toMillis());
        socket.close();

        assertThat(client.getInputStream().readAllBytes()).hasSize(1_000 * FRAME);
    }

    private void writeForEver() {
        while (true) {
            writer.writeNow(BufferData.create(new byte[10_000]));
        }
    }

    private static BufferData frame(int stream, int number) {
        return BufferData.create(ByteBuffer.allocate(FRAME).putInt(stream).putInt(number).array());
    }
}
