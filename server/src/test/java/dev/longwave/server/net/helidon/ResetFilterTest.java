package dev.longwave.server.net.helidon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

final class ResetFilterTest {

    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int SETTINGS = 4;
    private static final int END_STREAM = 1;
    private static final int RST_STREAM = 3;
    private static final byte[] PREFACE =
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    @Test
    void takesOutResetsOfCompleteRequestsHoweverTheBytesAreSplit() {
        byte[] all = connection(true);
        byte[] expected = connection(false);
        for (int first = 0; first <= all.length; first++) {
            for (int second = first; second <= all.length; second += 7) {
                var resets = new ArrayList<Integer>();
                var filter = new ResetFilter(resets::add);
                var passed = new ByteArrayOutputStream();
                passed.writeBytes(filter.filter(Arrays.copyOfRange(all, 0, first)));
                passed.writeBytes(filter.filter(Arrays.copyOfRange(all, first, second)));
                passed.writeBytes(filter.filter(Arrays.copyOfRange(all, second, all.length)));

                assertThat(passed.toByteArray()).isEqualTo(expected);
                assertThat(resets).containsExactly(1, 3, 5, 1, 0x7fffffff);
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

    /**
     * @param whole false for what Helidon is to see of it
     */
    private static byte[] connection(boolean whole) {
        var bytes = new ByteArrayOutputStream();
        bytes.writeBytes(PREFACE);
        bytes.writeBytes(frame(SETTINGS, 0, 0, new byte[0]));
        bytes.writeBytes(frame(HEADERS, END_STREAM, 1, new byte[] {1, 2, 3}));
        bytes.writeBytes(frame(HEADERS, 0, 3, new byte[] {1}));
        // What looks like a reset inside of another frame is none.
        bytes.writeBytes(frame(DATA, 0, 3, frame(RST_STREAM, 0, 9, new byte[4])));
        bytes.writeBytes(frame(HEADERS, 0, 5, new byte[] {1}));
        bytes.writeBytes(frame(DATA, END_STREAM, 5, new byte[] {1, 2}));
        if (whole) {
            bytes.writeBytes(frame(RST_STREAM, 0, 1, new byte[4]));
        }
        bytes.writeBytes(frame(RST_STREAM, 0, 3, new byte[4])); // its request is not complete
        if (whole) {
            bytes.writeBytes(frame(RST_STREAM, 0, 5, new byte[4]));
            bytes.writeBytes(frame(RST_STREAM, 0, 1, new byte[4])); // long over
            // The reserved bit is no part of the id.
            bytes.writeBytes(frame(RST_STREAM, 0, -1, new byte[4]));
        }
        bytes.writeBytes(frame(SETTINGS, 1, 0, new byte[0]));
        return bytes.toByteArray();
    }

    private static byte[] frame(int type, int flags, int streamId, byte[] payload) {
        return ByteBuffer.allocate(9 + payload.length)
                .putInt(payload.length << 8 | type)
                .put((byte) flags)
                .putInt(streamId)
                .put(payload)
                .array();
    }
}
