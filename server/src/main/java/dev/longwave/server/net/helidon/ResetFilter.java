package dev.longwave.server.net.helidon;

import io.helidon.common.buffers.DataReader;
import java.io.ByteArrayOutputStream;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Takes RST_STREAM frames (RFC 9113, section 6.4) out of what Helidon reads, where it must not see
 * them.
 *
 * <p>Helidon does not tell the handler of a stream that the client has reset it, and ends the whole
 * connection if a client resets a stream that is over, which section 5.1 says to ignore. So a reset
 * of a stream whose request is complete comes here and goes no further: nothing on the request's
 * side waits for it. A reset of a request that is still coming in passes, for Helidon must stop
 * waiting for the rest.
 *
 * <p>For the thread that reads the connection, where nothing else is said.
 */
final class ResetFilter {

    private static final int PREFACE_LENGTH = 24;
    private static final int HEADER_LENGTH = 9;
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int END_STREAM = 1;

    private final IntConsumer onReset;
    private final byte[] header = new byte[HEADER_LENGTH];
    private int headerBytes; // how many of them are there; they are held back until it is whole
    private int payloadBytes = PREFACE_LENGTH; // until the next frame begins
    private boolean dropping; // whether these are of a frame that is taken out

    /** Streams whose request is still arriving: Helidon bounds how many there can be. */
    private final Set<Integer> incomplete = ConcurrentHashMap.newKeySet();

    /** Those of them that were answered before it was whole, so nobody waits for the rest. */
    private final Set<Integer> answered = ConcurrentHashMap.newKeySet();

    private volatile boolean withinFrame;

    ResetFilter(IntConsumer onReset) {
        this.onReset = onReset;
    }

    /** What {@code reader} has, as it comes, without these frames; null at the end. */
    Supplier<byte @Nullable []> filtering(DataReader reader) {
        return () -> {
            while (true) {
                byte @Nullable [] bytes = Remaining.of(reader);
                if (bytes == null) {
                    return null;
                }
                byte[] passed = filter(bytes);
                if (passed.length > 0) {
                    return passed;
                }
            }
        };
    }

    byte[] filter(byte[] bytes) {
        var passed = new ByteArrayOutputStream(bytes.length + HEADER_LENGTH);
        int at = 0;
        while (at < bytes.length) {
            if (payloadBytes > 0) {
                int length = Math.min(payloadBytes, bytes.length - at);
                if (!dropping) {
                    passed.write(bytes, at, length);
                }
                payloadBytes -= length;
                at += length;
                continue;
            }
            header[headerBytes++] = bytes[at++];
            if (headerBytes == HEADER_LENGTH) {
                headerBytes = 0;
                payloadBytes = number(0, 3);
                dropping = isToBeDropped(header[3], header[4], number(5, 4) & Integer.MAX_VALUE);
                if (!dropping) {
                    passed.write(header, 0, HEADER_LENGTH);
                }
            }
        }
        withinFrame = payloadBytes > 0 || headerBytes > 0;
        return passed.toByteArray();
    }

    /** Whether a frame, or a request that was not answered yet, is still arriving. Any thread. */
    boolean hasIncomplete() {
        return withinFrame || !incomplete.isEmpty();
    }

    /** Whether the request of a stream has arrived whole. Any thread. */
    boolean hasArrived(int streamId) {
        return !incomplete.contains(streamId);
    }

    /** A stream's request was answered, whether or not it has arrived. Any thread. */
    void answered(int streamId) {
        if (incomplete.contains(streamId)) {
            answered.add(streamId); // before it leaves the other set: it must be in one of them
            if (!incomplete.remove(streamId)) {
                answered.remove(streamId);
            }
        }
    }

    private boolean isToBeDropped(int type, int flags, int streamId) {
        if (type == RST_STREAM) {
            onReset.accept(streamId);
            return !removed(streamId);
        }
        if (type == HEADERS || type == DATA) {
            if ((flags & END_STREAM) != 0) {
                var _ = removed(streamId);
            } else if (type == HEADERS) {
                incomplete.add(streamId);
            }
        }
        return false;
    }

    private boolean removed(int streamId) {
        return incomplete.remove(streamId) || answered.remove(streamId);
    }

    private int number(int at, int length) {
        int number = 0;
        for (int i = at; i < at + length; i++) {
            number = number << 8 | (header[i] & 0xff);
        }
        return number;
    }
}
