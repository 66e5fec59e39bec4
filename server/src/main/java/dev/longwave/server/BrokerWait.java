package dev.longwave.server;

import dev.longwave.broker.BrokerStatus;
import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.server.ops.BrokerHealth;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Waits at the start for a broker whose servers cannot be reached yet, and lets health checks know
 * meanwhile. For one thread.
 */
final class BrokerWait {

    private static final System.Logger LOGGER = System.getLogger(BrokerWait.class.getName());

    static final Duration PAUSE = Duration.ofSeconds(1);
    static final Duration BETWEEN_LINES = Duration.ofSeconds(5);

    /** Without addresses: clients of health checks see it. */
    static final String WAITING = "the node has just started and has not reached the broker yet";

    private final Duration limit;
    private final BrokerHealth health;
    private final Supplier<? extends AutoCloseable> answering;
    private final Time time;

    /** How time passes. */
    interface Time {

        /** The time of the machine, as {@link System#nanoTime()}. */
        Time MACHINE =
                new Time() {
                    @Override
                    public long nanos() {
                        return System.nanoTime();
                    }

                    @Override
                    public void pass(Duration duration) throws InterruptedException {
                        Thread.sleep(duration);
                    }
                };

        long nanos();

        void pass(Duration duration) throws InterruptedException;
    }

    /**
     * @param limit how long it waits at most; zero for not at all
     * @param health is told that the broker is not reached yet
     * @param answering opened while it waits: answers health checks
     */
    BrokerWait(
            Duration limit,
            BrokerHealth health,
            Supplier<? extends AutoCloseable> answering,
            Time time) {
        this.limit = limit;
        this.health = health;
        this.answering = answering;
        this.time = time;
    }

    /**
     * {@return what {@code connecting} returns, which is tried until it succeeds}
     *
     * @throws BrokerUnavailableException if it does not succeed in time; the message says why the
     *     last attempt failed, with all causes
     */
    <T> T until(Supplier<T> connecting) {
        @Nullable AutoCloseable answers = null;
        long begun = time.nanos();
        long nextLine = begun;
        try {
            while (true) {
                try {
                    T connected = connecting.get();
                    reached();
                    return connected;
                } catch (BrokerUnavailableException e) {
                    String why = Causes.line(e);
                    long now = time.nanos();
                    Duration left = limit.minusNanos(now - begun);
                    if (!left.isPositive()) {
                        throw new BrokerUnavailableException(why, e);
                    }
                    if (answers == null) {
                        health.accept(BrokerStatus.disconnected(WAITING));
                        answers = answering.get();
                    }
                    if (now - nextLine >= 0) {
                        nextLine = now + BETWEEN_LINES.toNanos();
                        LOGGER.log(
                                System.Logger.Level.WARNING,
                                "waiting for the broker type={0} for another={1}: {2}",
                                health.type(),
                                left.truncatedTo(ChronoUnit.SECONDS),
                                why);
                    }
                    pause(left, why, e);
                }
            }
        } finally {
            close(answers);
        }
    }

    private void pause(Duration left, String why, BrokerUnavailableException failure) {
        try {
            time.pass(left.compareTo(PAUSE) < 0 ? left : PAUSE);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new BrokerUnavailableException("interrupted while waiting: " + why, failure);
        }
    }

    /** A broker may have told its state by itself. */
    private void reached() {
        if (health.condition().reason().equals(WAITING)) {
            health.accept(BrokerStatus.connected());
        }
    }

    private static void close(@Nullable AutoCloseable answers) {
        if (answers == null) {
            return;
        }
        try {
            answers.close();
        } catch (Exception e) {
            LOGGER.log(System.Logger.Level.DEBUG, "the health checks cannot be closed", e);
        }
    }
}
