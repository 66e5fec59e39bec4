package dev.longwave.server.net.helidon;

import java.util.Arrays;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What a client has sent and nobody has taken yet. For one thread at a time. */
final class ReceivedBytes {

    private static final byte[] NONE = {};

    private final Supplier<byte @Nullable []> source;
    private byte[] bytes;
    private int from;
    private int to;

    /**
     * @param first what has been received so far
     * @param source waits for more; null at the end
     */
    ReceivedBytes(byte[] first, Supplier<byte @Nullable []> source) {
        this.source = source;
        this.bytes = first;
        this.to = first.length;
    }

    /** Waits for more. Whether there is more: if not, the client is at its end. */
    boolean receive() {
        byte[] more = source.get();
        if (more == null) {
            return false;
        }
        if (from == to) {
            bytes = more;
            from = 0;
            to = more.length;
            return true;
        }
        if (bytes.length - to < more.length) {
            // What is there stays where it is.
            bytes = Arrays.copyOf(bytes, Math.max(to + more.length, to + (to - from)));
        }
        System.arraycopy(more, 0, bytes, to, more.length);
        to += more.length;
        return true;
    }

    boolean isEmpty() {
        return from == to;
    }

    int available() {
        return to - from;
    }

    /** The array in which it is, between {@link #from()} and {@link #to()}. */
    byte[] bytes() {
        return bytes;
    }

    int from() {
        return from;
    }

    int to() {
        return to;
    }

    /** Takes what stands before {@code newFrom}. */
    void takeUpTo(int newFrom) {
        from = newFrom;
        if (from == to) {
            // An idle connection must not keep the array.
            bytes = NONE;
            from = 0;
            to = 0;
        }
    }

    /** Takes one byte. There must be one. */
    byte take() {
        byte b = bytes[from];
        takeUpTo(from + 1);
        return b;
    }

    /** Takes up to {@code length} bytes. Returns how many. */
    int take(byte[] target, int offset, int length) {
        int count = Math.min(length, to - from);
        System.arraycopy(bytes, from, target, offset, count);
        takeUpTo(from + count);
        return count;
    }

    /** Takes up to {@code max} bytes without looking at them. Returns how many. */
    long skip(long max) {
        int count = (int) Math.min(max, to - from);
        takeUpTo(from + count);
        return count;
    }

    /** Takes all there is. */
    byte[] takeAll() {
        byte[] all = Arrays.copyOfRange(bytes, from, to);
        takeUpTo(to);
        return all;
    }
}
