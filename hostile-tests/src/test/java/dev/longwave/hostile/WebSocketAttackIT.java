package dev.longwave.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.testing.WebSocketClient;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Attackers that speak WebSocket. */
@EnabledOnOs(OS.LINUX)
final class WebSocketAttackIT extends AttackTest {

    private static final int FIN = WebSocketClient.FIN;
    private static final byte[] NONE = {};
    private static final Duration TRICKLE = Duration.ofMillis(300);

    /** More than any bound, and less than the heap. */
    private static final int ENDLESS_BYTES = 64 << 20;

    private static String handshake(String target, String... fields) {
        var head =
                new StringBuilder("GET " + target + " HTTP/1.1\r\n" + Requests.HOST)
                        .append("Upgrade: websocket\r\nConnection: Upgrade\r\n")
                        .append("Sec-WebSocket-Version: 13\r\n")
                        .append("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
        for (String field : fields) {
            head.append(field).append("\r\n");
        }
        return head.append("\r\n").toString();
    }

    private static byte[] repeated(byte[] bytes) {
        int times = Math.max(1, (64 << 10) / bytes.length);
        var all = new ByteArrayOutputStream();
        for (int i = 0; i < times; i++) {
            all.writeBytes(bytes);
        }
        return all.toByteArray();
    }

    private Wire sent(String handshake, byte[] bytes) throws IOException {
        Wire wire = Wire.to(siege().port());
        wire.send(handshake);
        wire.send(bytes);
        return wire;
    }

    private void sendAndAwaitEnd(byte[] bytes) throws IOException {
        try (Wire wire = sent(handshake("/ws/hostile"), bytes)) {
            assertThat(wire.awaitEnd(Target.TIMEOUT)).isEqualTo(Wire.End.CLOSED);
        }
    }

    private static void sendUntilEnd(Wire connected, byte[] bytes) {
        try (Wire wire = connected) {
            int sent = 0;
            while (wire.trySend(bytes)) {
                sent += bytes.length;
                assertThat(sent).as("bytes sent").isLessThan(ENDLESS_BYTES);
            }
        }
    }

    private Wire tight(String handshake) throws IOException {
        Wire wire = Wire.tight(siege().port());
        wire.send(handshake);
        return wire;
    }

    /** The header of a frame that announces so many bytes, masked with nothing. */
    private static byte[] announced(int first, long length) {
        return ByteBuffer.allocate(14)
                .put((byte) first)
                .put((byte) (0x80 | 127))
                .putLong(length)
                .putInt(0)
                .array();
    }

    @Test
    void endsConnectionsThatSayNothingAndAnswerNoPing() throws Exception {
        siege().withstand(() -> new Crowd().with(1000, () -> sendAndAwaitEnd(NONE)).act());
    }

    @Test
    void takesNoMemoryForFramesThatAreOnlyAnnounced() throws Exception {
        siege().withstand(() ->
                new Crowd()
                        .with(1000, () -> sendAndAwaitEnd(announced(FIN | 2, 128 << 10)))
                        .with(200, () -> sendAndAwaitEnd(announced(FIN | 2, 1L << 40)))
                        .with(200, () -> sendAndAwaitEnd(announced(FIN | 2, Long.MAX_VALUE)))
                        .act());
    }

    @Test
    void boundsTheMessagesThatLackTheirLastByte() throws Exception {
        byte[] frame = WebSocketClient.frame(FIN | 2, new byte[128 << 10]);
        byte[] almost = Arrays.copyOf(frame, frame.length - 1);

        siege().withstand(() -> new Crowd().with(1000, () -> sendAndAwaitEnd(almost)).act());
    }

    @Test
    void endsTrickles() throws Exception {
        siege().withstand(() ->
                new Crowd()
                        .with(20, () -> trickle(announced(FIN | 1, 100_000)))
                        .with(20, () -> trickle(new byte[] {(byte) (FIN | 1), (byte) 0xff}))
                        .with(20, () -> trickle(WebSocketClient.frame(1, NONE)))
                        .act());
    }

    private void trickle(byte[] beginning) throws IOException {
        try (Wire wire = sent(handshake("/ws/trickle"), beginning)) {
            long deadline = System.nanoTime() + Target.TIMEOUT.toNanos();
            while (wire.trySend(new byte[] {'a'})) {
                assertThat(System.nanoTime() - deadline).isNegative();
                LockSupport.parkNanos(TRICKLE.toNanos());
            }
        }
    }

    @Test
    void endsFloodsWhoseAnswersNobodyReads() throws Exception {
        byte[] pings = repeated(WebSocketClient.frame(FIN | 9, new byte[125]));
        byte[] bad = repeated(WebSocketClient.frame(FIN | 1, Requests.bytes("{\"ref\":1}")));
        String envelopes = handshake("/ws/flood", "Sec-WebSocket-Protocol: longwave.v1.json");

        siege().withstand(() ->
                new Crowd()
                        .with(8, () -> sendUntilEnd(tight(handshake("/ws/flood")), pings))
                        .with(8, () -> sendUntilEnd(tight(envelopes), bad))
                        .act());
    }

    @Test
    void endsFragmentsWithoutEnd() throws Exception {
        byte[] empty = repeated(WebSocketClient.frame(0, NONE));
        byte[] single = repeated(WebSocketClient.frame(0, new byte[1]));
        byte[] begin = WebSocketClient.frame(2, NONE);

        siege().withstand(() ->
                new Crowd()
                        .with(20, () -> sendUntilEnd(sent(handshake("/ws/f"), begin), empty))
                        .with(20, () -> sendUntilEnd(sent(handshake("/ws/f"), begin), single))
                        .act());
    }

    @Test
    void refusesBombs() throws Exception {
        byte[] bomb = WebSocketClient.frame(FIN | WebSocketClient.RSV1 | 2, bomb());
        String compressed = handshake("/ws/bomb", "Sec-WebSocket-Extensions: permessage-deflate");

        siege().withstand(() ->
                new Crowd()
                        .with(
                                100,
                                () -> {
                                    try (Wire wire = sent(compressed, bomb)) {
                                        assertThat(wire.awaitEnd(Target.TIMEOUT))
                                                .isEqualTo(Wire.End.CLOSED);
                                    }
                                })
                        .act());
    }

    /** 100 MiB of nothing, in less than the longest message. */
    private static byte[] bomb() {
        var deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
        deflater.setInput(new byte[100 << 20]);
        byte[] compressed = new byte[128 << 10];
        int length = deflater.deflate(compressed, 0, compressed.length, Deflater.SYNC_FLUSH);
        deflater.end();
        return Arrays.copyOf(compressed, length);
    }

    @Test
    void givesUpReadersThatAreFrozen() throws Exception {
        siege().withstand(() -> {
            List<Wire> wires = new ArrayList<>();
            try {
                for (int i = 0; i < 200; i++) {
                    wires.add(tight(handshake("/ws/big?since=earliest")));
                }
                siege().awaitDisconnection();
            } finally {
                wires.forEach(Wire::close);
            }
        });
    }
}
