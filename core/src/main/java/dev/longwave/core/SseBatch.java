package dev.longwave.core;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What one write sends: the frames of one or more events, in one array.
 *
 * <p>A single frame is not copied: its shared array is what is written, which is why the array must
 * never be changed. For one thread.
 */
public final class SseBatch {

    /** How a protocol wants the bytes. */
    public enum Framing {
        /** As one or more chunks of HTTP/1.1: RFC 9112, section 7.1. */
        CHUNKED,
        /** As they are. */
        PLAIN
    }

    /** A batch counts as full from here on: about what a socket's send buffer takes at once. */
    private static final int FULL_BYTES = 16 << 10;

    private static final int INITIAL_BYTES = 1 << 10;

    /** Eight hex digits and CRLF: room for the length of a chunk whose content is still to come. */
    private static final int CHUNK_HEADER = 8 + 2;

    private static final byte[] NONE = {};

    private final Framing framing;

    private @Nullable Frame single;
    private byte[] buffer = NONE; // holds a chunk header's room first, then bodies
    private int end;

    public SseBatch(Framing framing) {
        this.framing = framing;
    }

    void add(Frame frame) {
        if (isEmpty()) {
            single = frame;
            return;
        }
        copySingle();
        append(frame.bytes, frame.body, frame.bodyEnd);
    }

    /** Adds a frame with an id line of its own. */
    void addWithId(String id, Frame frame) {
        copySingle();
        appendText("id: " + id + "\n");
        append(frame.bytes, frame.rest, frame.bodyEnd);
    }

    /** Adds text that is whole lines of an event stream. */
    public void addLines(String text) {
        copySingle();
        appendText(text);
    }

    /** {@return whether there is nothing to write} */
    public boolean isEmpty() {
        return single == null && end == 0;
    }

    boolean isFull() {
        return end >= FULL_BYTES || (single != null && single.bytes.length >= FULL_BYTES);
    }

    /**
     * Closes the batch, after which {@link #array()}, {@link #offset()} and {@link #length()} hold.
     */
    public void finish() {
        if (single == null && framing == Framing.CHUNKED) {
            SseEncoder.putHex(buffer, 0, end - CHUNK_HEADER, 8);
            SseEncoder.putCrLf(buffer, 8);
            ensure(2);
            end = SseEncoder.putCrLf(buffer, end);
        }
    }

    /** {@return the array to write from; it may be shared, and must not be changed} */
    public byte[] array() {
        return single != null ? single.bytes : buffer;
    }

    /** {@return where in the array to begin} */
    public int offset() {
        boolean chunked = framing == Framing.CHUNKED;
        if (single != null) {
            return chunked ? 0 : single.body;
        }
        return chunked ? 0 : CHUNK_HEADER;
    }

    /** {@return how many bytes to write} */
    public int length() {
        if (single != null) {
            return framing == Framing.CHUNKED ? single.bytes.length : single.bodyEnd - single.body;
        }
        return end - offset();
    }

    /** Makes it empty, and holds on to nothing: most connections are idle most of the time. */
    public void clear() {
        single = null;
        buffer = NONE;
        end = 0;
    }

    private void copySingle() {
        Frame frame = single;
        if (frame != null) {
            single = null;
            append(frame.bytes, frame.body, frame.bodyEnd);
        }
    }

    private void appendText(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        append(bytes, 0, bytes.length);
    }

    private void append(byte[] bytes, int from, int to) {
        if (end == 0) {
            end = CHUNK_HEADER;
        }
        ensure(to - from);
        System.arraycopy(bytes, from, buffer, end, to - from);
        end += to - from;
    }

    private void ensure(int room) {
        if (buffer.length - end < room) {
            int doubled = Math.max(INITIAL_BYTES, buffer.length * 2);
            buffer = Arrays.copyOf(buffer, Math.max(doubled, end + room));
        }
    }
}
