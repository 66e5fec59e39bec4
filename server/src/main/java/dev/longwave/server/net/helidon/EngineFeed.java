package dev.longwave.server.net.helidon;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What the engine reads next, in place of what the client sent. For one thread. */
final class EngineFeed {

    private static final byte[] NONE = {};

    private final List<byte[]> frames = new ArrayList<>(); // the preface, and whole frames
    private int length;

    void pass(Frame frame) {
        int end = frame.payload() + frame.length();
        add(Arrays.copyOfRange(frame.bytes(), frame.at(), end));
    }

    /** Adds a frame. */
    void add(byte[] frame) {
        frames.add(frame);
        length += frame.length;
    }

    /** A request, by its header block. */
    void headers(int streamId, byte[] block, boolean endsStream) {
        int flags = Frame.END_HEADERS | (endsStream ? Frame.END_STREAM : 0);
        add(Frame.of(Frame.HEADERS, flags, streamId, block));
    }

    /** The rest of a request will not come. */
    void reset(int streamId) {
        add(Frame.reset(streamId, Http2Error.CANCEL));
    }

    /** Takes a request back, if the engine has not seen anything of it. Whether it has not. */
    boolean cancel(int streamId) {
        boolean begins =
                frames.stream()
                        .anyMatch(bytes ->
                                isOf(streamId, bytes)
                                        && new Frame(bytes, 0).type() == Frame.HEADERS);
        if (begins) {
            frames.removeIf(bytes -> isOf(streamId, bytes));
            length = frames.stream().mapToInt(bytes -> bytes.length).sum();
        }
        return begins;
    }

    /** The preface is of none: what is in the place of its ID is even. */
    private static boolean isOf(int streamId, byte[] frame) {
        return new Frame(frame, 0).streamId() == streamId;
    }

    /** All of it, once. */
    byte[] take() {
        if (length == 0) {
            return NONE;
        }
        var all = new byte[length];
        int at = 0;
        for (byte[] frame : frames) {
            System.arraycopy(frame, 0, all, at, frame.length);
            at += frame.length;
        }
        frames.clear();
        length = 0;
        return all;
    }
}
