package dev.longwave.broker.redis;

import java.security.SecureRandom;

/**
 * Makes epochs for logs that have none yet: another one each time it is asked, for if a node gave
 * the same one again after the server was emptied, nobody would see that the log is another.
 */
final class Epochs {

    private static final int BITS = 40; // enough to differ, and short in every event id

    private final SecureRandom random = new SecureRandom();

    byte[] next() {
        return Keys.bytes(Places.epochText(random.nextLong() >>> (Long.SIZE - BITS)));
    }
}
