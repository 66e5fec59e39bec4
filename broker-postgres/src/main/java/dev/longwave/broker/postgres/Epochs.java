package dev.longwave.broker.postgres;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** Derives the epoch of positions from the incarnation of the data. Safe for many threads. */
final class Epochs {
    /*
     * Every query returns the incarnation it ran in. Asking once per connection is not enough:
     * behind a pooler, the server may change while the connection stays.
     */
    private static final int EPOCH_BITS = 40; // enough to be unique, and short in every event id

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

    /** {@return the epoch of the last query; notifications do not contain theirs} */
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
