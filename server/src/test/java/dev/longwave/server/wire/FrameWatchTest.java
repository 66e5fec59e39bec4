package dev.longwave.server.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class FrameWatchTest {

    private static final int DATA = 0;
    private static final int SETTINGS = 4;
    private static final int RST_STREAM = 3;
    private static final byte[] PREFACE =
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    @Test
    void seesResetsHoweverTheBytesAreSplit() {
        byte[] bytes = connection();
        for (int first = 0; first <= bytes.length; first++) {
            for (int second = first; second <= bytes.length; second += 7) {
                assertThat(
                                resets(
                                        Arrays.copyOfRange(bytes, 0, first),
                                        Arrays.copyOfRange(bytes, first, second),
                                        Arrays.copyOfRange(bytes, second, bytes.length)))
                        .containsExactly(5, 0x7fffffff);
            }
        }
    }

    @Test
    void tellsAListenerThatComesLate() {
        var resets = new Resets();
        var told = new ArrayList<Integer>();

        resets.reset(3);
        resets.listen(3, () -> told.add(3));
        resets.listen(5, () -> told.add(5));
        resets.reset(5);
        resets.reset(5);

        assertThat(told).containsExactly(3, 5);
    }

    @Test
    void tellsNobodyWhoHasLeft() {
        var resets = new Resets();
        var told = new ArrayList<Integer>();

        resets.listen(5, () -> told.add(5));
        resets.forget(5);
        resets.reset(5);

        assertThat(told).isEmpty();
    }

    private static List<Integer> resets(byte[]... parts) {
        var watch = new FrameWatch();
        var resets = new ArrayList<Integer>();
        watch.onReset(resets::add);
        for (byte[] part : parts) {
            watch.watch(part);
        }
        return resets;
    }

    private static byte[] connection() {
        var bytes = new ByteArrayOutputStream();
        bytes.writeBytes(PREFACE);
        bytes.writeBytes(frame(SETTINGS, 0, new byte[0]));
        // What looks like a reset inside of another frame is none.
        bytes.writeBytes(frame(DATA, 1, frame(RST_STREAM, 9, new byte[4])));
        bytes.writeBytes(frame(RST_STREAM, 5, new byte[4]));
        bytes.writeBytes(
                frame(RST_STREAM, -1, new byte[4])); // the reserved bit is no part of the id
        return bytes.toByteArray();
    }

    private static byte[] frame(int type, int streamId, byte[] payload) {
        return ByteBuffer.allocate(9 + payload.length)
                .putInt(payload.length << 8 | type)
                .put((byte) 0)
                .putInt(streamId)
                .put(payload)
                .array();
    }
}
