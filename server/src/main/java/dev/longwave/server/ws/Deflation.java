package dev.longwave.server.ws;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.zip.Deflater;

/** Compresses whole messages, each by itself: RFC 7692, section 7.2.1. */
final class Deflation {

    private static final int STEP = 4 << 10;
    private static final int TAIL_BYTES = 4;

    private Deflation() {}

    /** A compressed message. */
    static byte[] deflate(byte[] bytes, int from, int to) {
        var deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
        try {
            deflater.setInput(bytes, from, to - from);
            var compressed = new ByteArrayOutputStream();
            byte[] step = new byte[STEP];
            int count = STEP;
            while (count == STEP) {
                count = deflater.deflate(step, 0, STEP, Deflater.SYNC_FLUSH);
                compressed.write(step, 0, count);
            }
            byte[] whole = compressed.toByteArray();
            return Arrays.copyOf(whole, whole.length - TAIL_BYTES);
        } finally {
            deflater.end();
        }
    }
}
