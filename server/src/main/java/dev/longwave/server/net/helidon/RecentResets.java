package dev.longwave.server.net.helidon;

import java.util.Arrays;
import java.util.Optional;

/**
 * The streams of a connection that were reset lately, and by which side: what the other side sent
 * before it knew is still under way. Safe for many threads.
 */
final class RecentResets {
    /*
     * A ring, so that it stays small however many there were: the ID, and in the lowest bit whether it was
     * the server. An ID has 31 bits; 0 is free.
     */
    private static final int REMEMBERED = 256;
    private static final int FIRST = 8;

    private int[] ring = new int[0];
    private int next;

    /** By whom a stream was reset. */
    enum By {
        CLIENT,
        SERVER
    }

    synchronized void add(int streamId, By by) {
        if (next == ring.length && next < REMEMBERED) {
            ring = Arrays.copyOf(ring, Math.max(FIRST, 2 * next));
        }
        next = next == ring.length ? 0 : next;
        ring[next++] = streamId << 1 | (by == By.SERVER ? 1 : 0);
    }

    synchronized Optional<By> find(int streamId) {
        for (int entry : ring) {
            if (entry >>> 1 == streamId) {
                return Optional.of((entry & 1) != 0 ? By.SERVER : By.CLIENT);
            }
        }
        return Optional.empty();
    }
}
