package dev.longwave.server.hooks;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.Predicate;

/**
 * Tells the application of the events of some topics, one after another, on a thread of its own.
 */
final class Lane implements AutoCloseable {

    private static final System.Logger LOGGER = System.getLogger(Lane.class.getName());

    private final BlockingQueue<Notice> queue;
    private final HookClient client;
    private final Timing timing;
    private final Predicate<String> election;
    private final Tally tally;
    private final InstantSource clock;
    private final Thread thread;

    /**
     * When what is done.
     *
     * @param settle how long to wait until all nodes know an event by the same name
     * @param retry how long to wait after the first failure
     * @param deadline how long after an event it is dropped
     */
    record Timing(Duration settle, Duration retry, Duration deadline) {}

    /**
     * @param election says whether this node is the one to tell of the event with this name; blocks
     */
    Lane(
            int capacity,
            HookClient client,
            Timing timing,
            Predicate<String> election,
            Tally tally,
            InstantSource clock) {
        this.queue = new ArrayBlockingQueue<>(capacity);
        this.client = client;
        this.timing = timing;
        this.election = election;
        this.tally = tally;
        this.clock = clock;
        this.thread = Thread.ofVirtual().name("longwave-hooks").start(this::run);
    }

    /** Adds an event, or drops it if too many wait. Does not block. */
    void add(Notice notice) {
        if (!queue.offer(notice)) {
            tally.dropped("too many events wait: the application is too slow");
        }
    }

    private void run() {
        try {
            while (true) {
                tell(queue.take());
            }
        } catch (InterruptedException _) {
            LOGGER.log(System.Logger.Level.DEBUG, "hooks end waiting={0}", queue.size());
        }
    }

    private void tell(Notice notice) throws InterruptedException {
        try {
            sleepUntil(notice.time().plus(timing.settle()));
            String id = notice.id().get();
            if (election.test(id)) {
                send(id, notice);
            }
        } catch (RuntimeException e) {
            LOGGER.log(System.Logger.Level.ERROR, "an event could not be told", e);
            tally.dropped("an unexpected error");
        }
    }

    private void send(String id, Notice notice) throws InterruptedException {
        byte[] body = notice.body().get();
        Instant end = notice.time().plus(timing.deadline());
        var backoff = new Backoff(timing.retry());
        while (clock.instant().isBefore(end)) {
            if (isTaken(id, body)) {
                tally.told();
                return;
            }
            sleepUntil(earlier(clock.instant().plus(backoff.next()), end));
        }
        tally.dropped("the application has not taken it in time");
    }

    private boolean isTaken(String id, byte[] body) throws InterruptedException {
        try {
            HttpResponse<byte[]> response = client.post(id, body);
            if (response.statusCode() / 100 == 2) {
                return true;
            }
            LOGGER.log(
                    System.Logger.Level.DEBUG,
                    "the application has not taken an event host={0} status={1}",
                    client.host(),
                    response.statusCode());
        } catch (IOException e) {
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedException();
            }
            LOGGER.log(
                    System.Logger.Level.DEBUG,
                    "the application has not taken an event host={0} reason={1}",
                    client.host(),
                    e.getMessage());
        }
        return false;
    }

    private void sleepUntil(Instant moment) throws InterruptedException {
        Duration wait = Duration.between(clock.instant(), moment);
        if (wait.isPositive()) {
            Thread.sleep(wait);
        }
    }

    private static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }

    /** Ends it; events that wait are lost. */
    @Override
    public void close() {
        thread.interrupt();
    }
}
