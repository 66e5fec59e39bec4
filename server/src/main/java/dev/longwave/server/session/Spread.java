package dev.longwave.server.session;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** Spreads what clients would otherwise all do at the same moment. */
public final class Spread {

    private Spread() {}

    /**
     * {@return how long one client is to wait before it reconnects, in milliseconds: {@code retry}
     * or up to twice as long}
     */
    public static long millis(Duration retry) {
        long millis = retry.toMillis();
        return millis + ThreadLocalRandom.current().nextLong(millis + 1);
    }
}
