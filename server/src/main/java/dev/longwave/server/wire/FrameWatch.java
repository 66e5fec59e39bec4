package dev.longwave.server.wire;

import io.helidon.common.buffers.DataReader;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Sees RST_STREAM frames (RFC 9113, section 6.4) pass by on their way to Helidon, which does not
 * tell the handler of a stream that the client has reset it. Consumes and changes nothing. For the
 * thread that reads the connection.
 */
final class FrameWatch {

    private static final int PREFACE_LENGTH = 24;
    private static final int HEADER_LENGTH = 9;
    private static final int RST_STREAM = 3;

    private IntConsumer onReset = _ -> {};
    private final byte[] header = new byte[HEADER_LENGTH];
    private int headerBytes; // how many of them are there
    private int toSkip = PREFACE_LENGTH; // until the next frame header begins

    void onReset(IntConsumer listener) {
        onReset = listener;
    }

    /** What {@code reader} has, as it comes, after a look at it. */
    Supplier<byte @Nullable []> watching(DataReader reader) {
        return () -> {
            byte @Nullable [] bytes = Remaining.of(reader);
            if (bytes != null) {
                watch(bytes);
            }
            return bytes;
        };
    }

    void watch(byte[] bytes) {
        int at = 0;
        while (at < bytes.length) {
            if (toSkip > 0) {
                int skipped = Math.min(toSkip, bytes.length - at);
                toSkip -= skipped;
                at += skipped;
                continue;
            }
            header[headerBytes++] = bytes[at++];
            if (headerBytes == HEADER_LENGTH) {
                headerBytes = 0;
                toSkip = number(0, 3);
                if (header[3] == RST_STREAM) {
                    onReset.accept(number(5, 4) & Integer.MAX_VALUE);
                }
            }
        }
    }

    private int number(int at, int length) {
        int number = 0;
        for (int i = at; i < at + length; i++) {
            number = number << 8 | (header[i] & 0xff);
        }
        return number;
    }
}
