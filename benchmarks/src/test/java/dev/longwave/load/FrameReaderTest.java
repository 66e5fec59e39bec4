package dev.longwave.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class FrameReaderTest {
    private static final int FIN = 0x80;

    private final List<String> seen = new ArrayList<>();
    private final StringBuilder message = new StringBuilder();
    private final FrameReader reader =
            new FrameReader(
                    new FrameReader.Sink() {
                        @Override
                        public void piece(ByteBuffer buffer, int from, int to) {
                            message.append(
                                    StandardCharsets.US_ASCII.decode(
                                            buffer.slice(from, to - from)));
                        }

                        @Override
                        public void endOfMessage() {
                            seen.add(message.toString());
                            message.setLength(0);
                        }

                        @Override
                        public void ping(byte[] payload) {
                            seen.add("ping " + new String(payload, StandardCharsets.US_ASCII));
                        }
                    });

    static IntStream everyOffset() {
        return IntStream.concat(IntStream.range(1, 360), IntStream.of(5000, frames().length - 1));
    }

    @ParameterizedTest
    @MethodSource("everyOffset")
    void readsFramesCutAnywhere(int cut) throws IOException {
        byte[] frames = frames();

        reader.read(ByteBuffer.wrap(frames, 0, cut));
        reader.read(ByteBuffer.wrap(frames, cut, frames.length - cut));

        assertThat(seen).containsExactlyElementsOf(messages());
    }

    @Test
    void readsFramesByteByByte() throws IOException {
        for (byte b : frames()) {
            reader.read(ByteBuffer.wrap(new byte[] {b}));
        }

        assertThat(seen).containsExactlyElementsOf(messages());
    }

    @Test
    void saysWhyTheServerCloses() {
        byte[] payload = {0x03, (byte) 0xF0, 'n', 'o'};

        assertThatIOException()
                .isThrownBy(() -> reader.read(ByteBuffer.wrap(frame(FIN | Frame.CLOSE, payload))))
                .withMessage("closed by the server: 1008 no");
    }

    @Test
    void takesACloseFrameWithoutStatus() {
        assertThatIOException()
                .isThrownBy(() -> reader.read(ByteBuffer.wrap(frame(FIN | Frame.CLOSE, ""))))
                .withMessage("closed by the server: no status");
    }

    @Test
    void refusesMaskedFrames() {
        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(() -> reader.read(Frame.of(Frame.TEXT, new byte[] {'x'})));
    }

    @Test
    void masksEveryByteOnce() {
        byte[] payload = bytes("not a multiple of four: 27 ");

        ByteBuffer frame = Frame.of(Frame.TEXT, payload);
        int start = frame.limit() - payload.length;
        byte[] key = new byte[Integer.BYTES];
        frame.get(start - Integer.BYTES, key);
        byte[] unmasked = new byte[payload.length];
        for (int i = 0; i < unmasked.length; i++) {
            unmasked[i] = (byte) (frame.get(start + i) ^ key[i % Integer.BYTES]);
        }

        assertThat(unmasked).isEqualTo(payload);
        assertThat(frame.get(0)).isEqualTo((byte) (FIN | Frame.TEXT));
        assertThat(frame.get(1)).isEqualTo((byte) (FIN | payload.length));
    }

    private static List<String> messages() {
        return List.of("hello", "x".repeat(300), "ping p", "in pieces", "y".repeat(70_000), "");
    }

    /** A short, a long, a fragmented message with a ping between, a very long one, an empty one. */
    private static byte[] frames() {
        var out = new ByteArrayOutputStream();
        out.writeBytes(frame(FIN | Frame.TEXT, "hello"));
        out.writeBytes(frame(FIN | Frame.TEXT, "x".repeat(300)));
        out.writeBytes(frame(Frame.BINARY, "in "));
        out.writeBytes(frame(FIN | Frame.PING, "p"));
        out.writeBytes(frame(FIN | Frame.CONTINUATION, "pieces"));
        out.writeBytes(frame(FIN | Frame.BINARY, "y".repeat(70_000)));
        out.writeBytes(frame(FIN | Frame.PONG, ""));
        out.writeBytes(frame(FIN | Frame.TEXT, ""));
        return out.toByteArray();
    }

    private static byte[] frame(int first, String payload) {
        return frame(first, bytes(payload));
    }

    private static byte[] frame(int first, byte[] payload) {
        ByteBuffer frame = ByteBuffer.allocate(10 + payload.length).put((byte) first);
        if (payload.length < 126) {
            frame.put((byte) payload.length);
        } else if (payload.length < 1 << 16) {
            frame.put((byte) 126).putShort((short) payload.length);
        } else {
            frame.put((byte) 127).putLong(payload.length);
        }
        frame.put(payload).flip();
        byte[] bytes = new byte[frame.remaining()];
        frame.get(bytes);
        return bytes;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
