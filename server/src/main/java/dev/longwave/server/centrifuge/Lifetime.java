package dev.longwave.server.centrifuge;

import java.time.Duration;
import java.time.Instant;

/** How clients are told when a credential ends. */
final class Lifetime {
    /*
     * A client renews its token once the time that it was told is over, and nothing is delivered after the token has
     * expired: so it is told somewhat less, to have the new one before that.
     */
    private static final Duration LONGEST_MARGIN = Duration.ofSeconds(30);

    private Lifetime() {}

    /** Adds to an object that was begun that the right expires, if it does. */
    static void add(JsonBytes json, Instant now, Instant expires) {
        if (!expires.equals(Instant.MAX)) {
            json.raw("\"expires\":true,\"ttl\":").number(seconds(now, expires)).raw(",");
        }
    }

    /** {@return after how many seconds to renew it, 1 or more} */
    static long seconds(Instant now, Instant expires) {
        Duration left = Duration.between(now, expires);
        Duration quarter = left.dividedBy(4);
        Duration margin = quarter.compareTo(LONGEST_MARGIN) < 0 ? quarter : LONGEST_MARGIN;
        return Math.max(1, left.minus(margin).toSeconds());
    }
}
