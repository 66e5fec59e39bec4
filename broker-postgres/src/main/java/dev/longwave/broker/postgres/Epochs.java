package dev.longwave.broker.postgres;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** The epoch of positions, from what the server says its data is. Safe for many threads. */
final class Epochs {
    /*
     * Every answer carries the incarnation that it was made in, rather than a connection once for
     * all: behind a pooler the server changes and the connection stays.
     */
    private static final int EPOCH_BITS = 40; // enough to differ, and short in every event id

    private volatile Known known = new Known("", 0);

    private record Known(String incarnation, long epoch) {}

    /** {@return the epoch of this incarnation} */
    long of(String incarnation) {
        Known last = known;
        if (!last.incarnation.equals(incarnation)) {
            last = new Known(incarnation, hash(incarnation));
            known = last;
        }
        return last.epoch;
    }

    /** {@return the epoch of the last answer: a notification does not say its own} */
    long latest() {
        return known.epoch;
    }

    private static long hash(String incarnation) {
        return ByteBuffer.wrap(sha256(incarnation)).getLong() >>> (Long.SIZE - EPOCH_BITS);
    }

    /** {@return the SHA-256 of a text} */
    static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256")
                    .digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e); // every JDK has it
        }
    }
}
