package dev.longwave.server.publish;

import dev.longwave.server.http.Problem;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The line-by-line requests that are under way. When the server stops, each of them ends after the
 * line that it is at, and its publisher is told how far it came. Safe for many threads.
 */
public final class LineRequests {

    private static final Duration GRACE = Duration.ofSeconds(1);

    private final Set<UnderWay> underWay = new HashSet<>(); // guarded by this, as the next
    private boolean stopping;

    /** One request. */
    final class UnderWay implements AutoCloseable {

        private final Runnable stopReading;
        private final AtomicBoolean stopped = new AtomicBoolean();

        private UnderWay(Runnable stopReading) {
            this.stopReading = stopReading;
        }

        /** Whether it is to end, whatever of it is still to come. */
        boolean isStopped() {
            return stopped.get();
        }

        private void stop() {
            stopped.set(true);
            stopReading.run();
        }

        /** It was read to its end, or as far as it will be. */
        @Override
        public void close() {
            end(this);
        }
    }

    /**
     * A request begins.
     *
     * @param stopReading has the thread that reads its body stop; called by another thread, and
     *     must not block
     * @return the request, to be closed
     * @throws dev.longwave.server.http.ProblemException if the server stops
     */
    synchronized UnderWay begin(Runnable stopReading) {
        if (stopping) {
            throw Problem.stopping().exception();
        }
        var request = new UnderWay(stopReading);
        underWay.add(request);
        return request;
    }

    private synchronized void end(UnderWay request) {
        underWay.remove(request);
        notifyAll();
    }

    /** Ends all of them, and waits for that, but not for long; no other one can begin. */
    public void stop() {
        List<UnderWay> all;
        synchronized (this) {
            stopping = true;
            all = List.copyOf(underWay);
        }
        all.forEach(UnderWay::stop);
        awaitEnd();
    }

    private synchronized void awaitEnd() {
        long deadline = System.nanoTime() + GRACE.toNanos();
        try {
            for (long left = GRACE.toNanos();
                    !underWay.isEmpty() && left > 0;
                    left = deadline - System.nanoTime()) {
                TimeUnit.NANOSECONDS.timedWait(this, left);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
