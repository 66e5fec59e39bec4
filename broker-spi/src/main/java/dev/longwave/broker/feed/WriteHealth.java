package dev.longwave.broker.feed;

import dev.longwave.broker.BrokerException;
import dev.longwave.broker.BrokerRefusedException;
import dev.longwave.broker.BrokerState;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;

/**
 * Whether the servers accept what is written to them. From the first refusal on the broker is
 * {@link BrokerState#DEGRADED}, which is logged once, and a probe finds out when that is over. Safe
 * for many threads.
 */
public final class WriteHealth {
    /*
     * One of several servers may be full, or large messages may be refused where small ones are stored. So
     * a message that is stored proves nothing as long as others are refused: otherwise the state would
     * change, and be logged, with every message.
     */

    private static final Logger LOGGER = System.getLogger(WriteHealth.class.getName());

    static final Duration PROBE_PERIOD = Duration.ofSeconds(2);
    private static final String CONCERN = "writes";

    private final String broker;
    private final Feed feed;
    private final Runnable probe;
    private volatile boolean refused; // written under the lock
    private long refusedAt; // the latest time; guarded by this, as is the next
    private boolean probing; // whether a probe is queued or runs

    /**
     * For the servers of one broker.
     *
     * @param broker its type, for the log
     * @param probe writes something that harms nobody, such as a claim that expires at once, and
     *     throws a {@link BrokerException} as long as that does not work. It runs on a thread of
     *     the feed, and may block up to the broker's timeout
     */
    public WriteHealth(String broker, Feed feed, Runnable probe) {
        this.broker = broker;
        this.feed = feed;
        this.probe = probe;
    }

    /** The servers refused to store something, for a reason that concerns other topics as well. */
    public void refused(BrokerRefusedException why) {
        boolean probingAlready;
        synchronized (this) {
            refusedAt = feed.nanos();
            if (refused) {
                return;
            }
            refused = true;
            probingAlready = probing;
            probing = true;
            feed.degraded(CONCERN, "the servers refuse to store messages: " + why.reason().word());
        }
        LOGGER.log(
                Level.WARNING,
                "{0} refuses to store messages reason={1}: {2}",
                broker,
                why.reason().word(),
                why.getMessage());
        if (!probingAlready) {
            feed.later(PROBE_PERIOD, this::probe);
        }
    }

    /** The servers stored something. */
    public void accepted() {
        if (!refused) {
            return;
        }
        synchronized (this) {
            if (!refused || feed.nanos() - refusedAt < PROBE_PERIOD.toNanos()) {
                return;
            }
            refused = false;
            feed.recovered(CONCERN);
        }
        LOGGER.log(Level.INFO, "{0} stores messages again", broker);
    }

    private void probe() {
        if (!goesOn()) {
            return;
        }
        try {
            probe.run();
            accepted();
        } catch (RuntimeException e) {
            LOGGER.log(Level.DEBUG, "a probe was not stored", e);
        }
        if (goesOn()) {
            feed.later(PROBE_PERIOD, this::probe);
        }
    }

    /** {@return whether there is still something to find out} If not, the next refusal begins. */
    private synchronized boolean goesOn() {
        probing = refused;
        return probing;
    }
}
