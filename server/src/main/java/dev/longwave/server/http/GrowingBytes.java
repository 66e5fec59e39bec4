package dev.longwave.server.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;

/**
 * Bytes that take memory as they come. What goes beyond the first few kilobytes is taken from an
 * {@link Allowance}, which the caller closes once the bytes are not needed any more.
 */
public final class GrowingBytes extends OutputStream {

    static final int FREE_BYTES = 4 << 10;

    private final Allowance allowance;
    private final int most;
    private byte[] bytes;
    private int length;

    /**
     * No bytes.
     *
     * @param most never more room than this
     */
    public GrowingBytes(Allowance allowance, int most) {
        this.allowance = allowance;
        this.most = most;
        this.bytes = new byte[Math.min(FREE_BYTES, most)];
    }

    /** {@return whether there is no room for more} */
    boolean isFull() {
        return length == most;
    }

    /** {@return how many there are} */
    public int length() {
        return length;
    }

    /** {@return the array whose first {@link #length()} bytes count} */
    public byte[] array() {
        return bytes;
    }

    /** {@return an array of just these bytes: the same one if it has the right length} */
    public byte[] exact() {
        return length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
    }

    /**
     * Reads once from {@code input}, while this is not full.
     *
     * @return how many bytes came, or -1 at the end
     */
    int readFrom(InputStream input) throws IOException {
        ensureRoom(1);
        int count = input.read(bytes, length, bytes.length - length);
        length += Math.max(0, count);
        return count;
    }

    @Override
    public void write(int value) {
        ensureRoom(1);
        bytes[length++] = (byte) value;
    }

    @Override
    public void write(byte[] from, int offset, int count) {
        ensureRoom(count);
        System.arraycopy(from, offset, bytes, length, count);
        length += count;
    }

    private void ensureRoom(int count) {
        if (bytes.length - length >= count) {
            return;
        }
        long needed = (long) length + count;
        if (needed > most) {
            throw new IllegalStateException("no room needed=%d most=%d".formatted(needed, most));
        }
        int larger = (int) Math.min(most, Math.max(needed, 2L * bytes.length));
        allowance.take(larger - Math.max(bytes.length, FREE_BYTES));
        bytes = Arrays.copyOf(bytes, larger);
    }
}
