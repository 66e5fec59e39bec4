package dev.longwave.cli.demo;

import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Publishes demonstration data under {@code demo/} until it is closed: notifications, jobs with
 * their progress, metrics, log lines, and answers of an assistant, token by token.
 *
 * <p>Events that cannot be published are tried again a few times, then left out.
 */
public final class DemoPublisher implements AutoCloseable {
    /*
     * A virtual thread for each lane, so that a publisher that blocks for one topic leaves the
     * others lively. All that happens between two events is waiting for the latch: closing is
     * noticed at once.
     */
    private static final Duration CLOSE_DEADLINE = Duration.ofSeconds(2);

    private final CountDownLatch closed = new CountDownLatch(1);
    private final Duration closeDeadline;
    private final List<Thread> threads;

    private DemoPublisher(Map<String, Lane> lanes, Duration closeDeadline) {
        this.closeDeadline = closeDeadline;
        this.threads =
                lanes.entrySet().stream()
                        .map(lane -> thread(lane.getKey(), lane.getValue()))
                        .toList();
    }

    /**
     * Starts to publish.
     *
     * @param publisher where to; called from several threads
     * @return the running demo, to be closed
     */
    public static DemoPublisher start(EventPublisher publisher) {
        return start(
                lanes(publisher, new SplittableRandom(), InstantSource.system()), CLOSE_DEADLINE);
    }

    static DemoPublisher start(Map<String, Lane> lanes, Duration closeDeadline) {
        DemoPublisher demo = new DemoPublisher(lanes, closeDeadline);
        demo.threads.forEach(Thread::start);
        return demo;
    }

    /** {@return everything that the demo plays, by name} */
    static Map<String, Lane> lanes(
            EventPublisher publisher, SplittableRandom random, InstantSource clock) {
        Map<String, Script> scripts = new LinkedHashMap<>();
        scripts.put("notifications", new NotificationScript(dice(random), clock));
        scripts.put("jobs-1", new JobScript(dice(random)));
        scripts.put("jobs-2", new JobScript(dice(random)));
        scripts.put("metrics", new MetricScript(random.split(), clock));
        scripts.put("logs", new LogScript(dice(random), clock));
        scripts.put("answers", new AnswerScript(dice(random)));

        Map<String, Lane> lanes = new LinkedHashMap<>();
        scripts.forEach((name, script) -> lanes.put(name, new Lane(script, publisher)));
        return lanes;
    }

    private static Dice dice(SplittableRandom random) {
        return new Dice(random.split());
    }

    /**
     * Stops publishing: once this returns, nothing more is published. A publisher that blocks is
     * interrupted after a short while, and given up after as long again.
     */
    @Override
    public void close() {
        closed.countDown();
        if (!joined()) {
            threads.forEach(Thread::interrupt);
            joined();
        }
    }

    private Thread thread(String name, Lane lane) {
        return Thread.ofVirtual().name("longwave-demo-" + name).unstarted(() -> play(lane));
    }

    private void play(Lane lane) {
        try {
            Duration delay = lane.advance();
            while (!closed.await(delay.toNanos(), TimeUnit.NANOSECONDS)) {
                delay = lane.advance();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits until all threads have ended. Returns false if the deadline came first. */
    private boolean joined() {
        long deadline = System.nanoTime() + closeDeadline.toNanos();
        try {
            for (Thread thread : threads) {
                if (!thread.join(Duration.ofNanos(deadline - System.nanoTime()))) {
                    return false;
                }
            }
            return true;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
