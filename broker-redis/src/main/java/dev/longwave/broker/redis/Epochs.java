package dev.longwave.broker.redis;

import java.security.SecureRandom;

/**
 * Generates epochs for logs that have none yet. Each call returns a different one: if a node reused
 * its epoch after the server was emptied, readers could not tell the new log from the old one.
 */
final class Epochs {

    private static final int BITS = 40; // enough to be unique, and short in every event id

    private final SecureRandom random = new SecureRandom();

    byte[] next() {
        return Keys.bytes(EntryIds.epochText(random.nextLong() >>> (Long.SIZE - BITS)));
    }
}
