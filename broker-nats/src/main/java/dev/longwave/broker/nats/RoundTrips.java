package dev.longwave.broker.nats;

import dev.longwave.broker.BrokerUnavailableException;
import io.nats.client.Connection;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/** Waits until the servers have what was sent to them. */
final class RoundTrips {
    /*
     * The library pings the server for this, and takes it for dead when a few pings are unanswered:
     * it drops the connection if many ask for a round trip at once. So there is one at a time, and
     * one that begins after several came serves them all. The lock makes `served` visible, and
     * orders the round trips.
     */
    private final Connection connection;
    private final Duration timeout;
    private final AtomicLong asked = new AtomicLong();
    private final ReentrantLock turn = new ReentrantLock();
    private long served; // guarded by turn: up to which of those who asked

    RoundTrips(Connection connection, Duration timeout) {
        this.connection = connection;
        this.timeout = timeout;
    }

    /**
     * Returns once the servers have all that was sent before the call. Waits for twice the time-out
     * at most: for the one whose turn it is, and for its own.
     *
     * @param attempt what is attempted, for the message of an exception
     * @throws BrokerUnavailableException if they do not answer in time, or if interrupted
     */
    void await(String attempt) {
        long mine = asked.incrementAndGet();
        try {
            if (!turn.tryLock(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new TimeoutException("others wait, too");
            }
            try {
                if (served < mine) {
                    long all = asked.get();
                    connection.flush(timeout);
                    served = all;
                }
            } finally {
                turn.unlock();
            }
        } catch (TimeoutException | IllegalStateException e) {
            throw new BrokerUnavailableException(
                    "cannot %s, no answer timeout=%s".formatted(attempt, timeout), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BrokerUnavailableException("interrupted, cannot " + attempt, e);
        }
    }
}
