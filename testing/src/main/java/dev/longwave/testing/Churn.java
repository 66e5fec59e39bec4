package dev.longwave.testing;

import dev.longwave.broker.testing.Ending;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Many connections that are opened and dropped, at any moment, one half in order and the other half
 * by reset.
 *
 * @param uri the stream to ask for, over HTTP/1.1
 * @param total how many connections
 * @param atOnce how many may be open at one time
 * @param seed decides when each is dropped
 */
public record Churn(URI uri, int total, int atOnce, long seed) {

    /** When a connection is dropped. */
    private enum Moment {
        CONNECTED,
        ASKED,
        ANSWERED,
        READING
    }

    /**
     * How it went.
     *
     * @param answered how many were answered with a stream
     * @param dropped how many were dropped before there could be an answer
     * @param refused how many got another answer than a stream
     * @param broken how many could not connect, or lost the connection
     */
    public record Result(int answered, int dropped, int refused, int broken) {}

    /**
     * Opens and drops them all.
     *
     * @throws AssertionError if that takes longer than {@code timeout}
     */
    public Result run(Duration timeout) throws InterruptedException {
        var random = new Random(seed);
        var permits = new Semaphore(atOnce);
        var answered = new AtomicInteger();
        var dropped = new AtomicInteger();
        var refused = new AtomicInteger();
        var broken = new AtomicInteger();
        long deadline = System.nanoTime() + timeout.toNanos();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        try {
            for (int i = 0; i < total; i++) {
                Ending ending = i % 2 == 0 ? Ending.FIN : Ending.RST;
                Moment moment = Moment.values()[random.nextInt(Moment.values().length)];
                if (!permits.tryAcquire(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                    throw new AssertionError("too slow opened=%d of=%d".formatted(i, total));
                }
                threads.execute(() -> {
                    try {
                        visit(ending, moment, answered, dropped, refused);
                    } catch (IOException _) {
                        broken.incrementAndGet();
                    } finally {
                        permits.release();
                    }
                });
            }
            threads.shutdown();
            if (!threads.awaitTermination(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                throw new AssertionError("too slow open=" + (atOnce - permits.availablePermits()));
            }
        } finally {
            threads.shutdownNow();
        }
        return new Result(answered.get(), dropped.get(), refused.get(), broken.get());
    }

    private void visit(
            Ending ending,
            Moment moment,
            AtomicInteger answered,
            AtomicInteger dropped,
            AtomicInteger refused)
            throws IOException {
        Socket socket = Protocol.connect(uri);
        try {
            if (moment != Moment.CONNECTED) {
                socket.getOutputStream()
                        .write(ResponseHead.request(uri, Map.of("Accept", "text/event-stream")));
            }
            if (moment == Moment.CONNECTED || moment == Moment.ASKED) {
                dropped.incrementAndGet();
                return;
            }
            ResponseHead head = ResponseHead.read(socket.getInputStream());
            if (head.status() != 200) {
                refused.incrementAndGet();
                return;
            }
            if (moment == Moment.READING && socket.getInputStream().read() < 0) {
                throw new IOException("the stream ended");
            }
            answered.incrementAndGet();
        } finally {
            ending.end(socket);
        }
    }
}
