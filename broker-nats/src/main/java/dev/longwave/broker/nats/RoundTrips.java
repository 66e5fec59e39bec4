package dev.longwave.broker.nats;

import dev.longwave.broker.BrokerUnavailableException;
import io.nats.client.Connection;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/** Waits until the server has received everything sent so far. */
final class RoundTrips {
    /*
     * The library pings the server for this, and considers it dead when a few pings are unanswered:
     * many round trips at once would end the connection. So there is one at a time, and it serves all
     * callers that arrived before it began. The lock makes `served` visible, and orders the round
     * trips.
     */
    private final Connection connection;
    private final Duration timeout;
    private final AtomicLong asked = new AtomicLong();
    private final ReentrantLock lock = new ReentrantLock();
    private long served; // guarded by lock: the last caller that was served

    RoundTrips(Connection connection, Duration timeout) {
        this.connection = connection;
        this.timeout = timeout;
    }

    /**
     * Returns once the server has received everything sent before the call. Waits at most twice the
     * timeout: once for the round trip that is under way, and once for the caller's.
     *
     * @param attempt what is attempted, for an exception's message
     * @throws BrokerUnavailableException if it does not answer in time, or if interrupted
     */
    void await(String attempt) {
        long mine = asked.incrementAndGet();
        try {
            if (!lock.tryLock(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new TimeoutException("another round trip is not finished");
            }
            try {
                if (served < mine) {
                    long all = asked.get();
                    connection.flush(timeout);
                    served = all;
                }
            } finally {
                lock.unlock();
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
