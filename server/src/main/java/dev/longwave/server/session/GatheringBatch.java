package dev.longwave.server.session;

import dev.longwave.core.Batch;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A batch that is written as one run of bytes: those of a single frame, which are shared and not
 * copied, or those of several, gathered in one array.
 */
public abstract class GatheringBatch implements Batch {

    /** A batch counts as full from here on: about what a socket's send buffer takes at once. */
    protected static final int FULL_BYTES = 16 << 10;

    private static final int INITIAL_BYTES = 1 << 10;

    /** What a batch may be longer than the last one without a larger array. */
    private static final int SLACK_BYTES = 512;

    private static final byte[] NONE = {};

    private final int room;

    /** What was gathered; it begins with room for a header. */
    protected byte[] buffer = NONE;

    /** Where that ends; 0 if nothing was gathered. */
    protected int end;

    private int lately; // how much was gathered last: about what will be next

    /**
     * A batch.
     *
     * @param room how many bytes to leave in front of what is gathered
     */
    protected GatheringBatch(int room) {
        this.room = room;
    }

    /** Adds what the bytes lack to be written. Nothing may be added afterwards. */
    protected void finish() {}

    /**
     * {@return the array of the bytes to be written, once finished} It may be shared: do not change
     * it.
     */
    protected abstract byte[] array();

    /** {@return where the bytes to be written begin} */
    protected abstract int offset();

    /** {@return how many bytes are to be written} */
    protected abstract int length();

    /** {@return what is to be written; its array may be shared, and must not be changed} */
    public ByteBuffer bytes() {
        finish();
        return ByteBuffer.wrap(array(), offset(), length());
    }

    @Override
    public void clear() {
        if (end > 0) {
            lately = end;
        }
        buffer = NONE;
        end = 0;
    }

    /** Gathers text, in UTF-8. */
    protected void appendText(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        append(bytes, 0, bytes.length);
    }

    /** Gathers bytes. */
    protected void append(byte[] bytes, int from, int to) {
        if (end == 0) {
            end = room;
        }
        ensure(to - from);
        System.arraycopy(bytes, from, buffer, end, to - from);
        end += to - from;
    }

    /** Sees to it that there is room for so many bytes more. */
    protected void ensure(int bytes) {
        if (buffer.length - end < bytes) {
            int doubled =
                    buffer.length == 0
                            ? Math.max(INITIAL_BYTES, lately + SLACK_BYTES)
                            : buffer.length * 2;
            buffer = Arrays.copyOf(buffer, Math.max(doubled, end + bytes));
        }
    }
}
