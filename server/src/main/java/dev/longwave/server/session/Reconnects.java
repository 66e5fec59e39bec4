package dev.longwave.server.session;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntSupplier;

/**
 * Says how long clients are to wait before they reconnect: the more there are, the longer, so that
 * they do not all come at the same moment. Safe for many threads.
 */
public final class Reconnects {
    /*
     * All streams of a node end at about the same moment when it stops, or fails. If each of its n clients chooses a
     * moment within n / rate seconds, they come at the rate; with few clients, the wait is what it always was.
     */
    private static final long LONGEST_MILLIS = Duration.ofMinutes(1).toMillis();

    private final long retryMillis;
    private final int perSecond;
    private final IntSupplier streams;

    /**
     * @param retry how long clients wait at least
     * @param perSecond how many may come per second; 0 to let the wait not depend on their number
     * @param streams how many there are
     */
    public Reconnects(Duration retry, int perSecond, IntSupplier streams) {
        this.retryMillis = retry.toMillis();
        this.perSecond = perSecond;
        this.streams = streams;
    }

    /**
     * {@return what a client is told when its stream begins, in milliseconds} It waits so long if
     * its connection breaks without a word.
     */
    public long firstMillis() {
        long window = windowMillis();
        return window <= retryMillis ? retryMillis : retryMillis + upTo(window);
    }

    /** {@return what a client is told whose stream the server ends, in milliseconds} */
    public long spreadMillis() {
        return retryMillis + upTo(Math.max(retryMillis, windowMillis()));
    }

    /** {@return the same in whole seconds, 1 or more, for a client that is refused} */
    public long spreadSeconds() {
        return Math.max(1, (spreadMillis() + 999) / 1000);
    }

    /** {@return the longest that a client may be told, in milliseconds} */
    public long longestMillis() {
        return retryMillis + Math.max(retryMillis, windowMillis());
    }

    private long windowMillis() {
        return perSecond == 0
                ? 0
                : Math.min(LONGEST_MILLIS, 1000L * streams.getAsInt() / perSecond);
    }

    private static long upTo(long millis) {
        return ThreadLocalRandom.current().nextLong(millis + 1);
    }
}
