package dev.longwave.server.net.helidon;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * Does the direct writes of all streams of one HTTP/2 connection, one after the other. Safe for
 * many threads.
 *
 * <p>An event for all streams of a connection would otherwise wake the thread of each of them.
 */
final class DirectWrites implements Executor {
    /*
     * A thread is started for what is handed over, unless one is running. It takes with it what is handed over
     * meanwhile, and ends when nothing is left, so that an idle connection has no thread for this. Bounded: each
     * stream has at most one write waiting. What is written does not fail; it may block, as the connection's
     * writer may, and then holds up the connection's streams and nobody else.
     */
    private static final ThreadFactory THREADS =
            Thread.ofVirtual().name("longwave-http2-direct").factory();

    private final Queue<Runnable> waiting = new ArrayDeque<>(); // guarded by this
    private boolean running; // guarded by this

    @Override
    public void execute(Runnable write) {
        if (add(write)) {
            THREADS.newThread(this::run).start();
        }
    }

    /** Whether a thread must be started. */
    private synchronized boolean add(Runnable write) {
        waiting.add(write);
        boolean idle = !running;
        running = true;
        return idle;
    }

    private void run() {
        for (Runnable write = next(); write != null; write = next()) {
            write.run();
        }
    }

    private synchronized @Nullable Runnable next() {
        Runnable next = waiting.poll();
        running = next != null;
        return next;
    }
}
