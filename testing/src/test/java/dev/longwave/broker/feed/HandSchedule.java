package dev.longwave.broker.feed;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.random.RandomGenerator;

/** A schedule whose time a test moves by hand, and whose work runs in the test's thread. */
final class HandSchedule implements Schedule {

    private final List<Work> queue = new ArrayList<>();
    private long now = 1_000_000;
    private long count;
    private boolean closed;

    private record Work(long due, long number, Runnable run) {}

    @Override
    public long nanos() {
        return now;
    }

    @Override
    public synchronized void check(Duration delay, Runnable work) {
        if (!closed) {
            queue.add(new Work(now + delay.toNanos(), count++, work));
        }
    }

    @Override
    public void fill(Duration delay, Runnable work) {
        check(delay, work);
    }

    @Override
    public void close(boolean await) {
        closed = true;
        queue.clear();
    }

    /** {@return how much is queued} */
    int size() {
        return queue.size();
    }

    /** Runs what is due, and what becomes due by that. */
    void run() {
        pass(Duration.ZERO);
    }

    /** Lets time pass, and runs what becomes due in its order. */
    void pass(Duration time) {
        long end = now + time.toNanos();
        while (true) {
            Work next =
                    queue.stream()
                            .filter(work -> work.due <= end)
                            .min(
                                    Comparator.comparingLong(Work::due)
                                            .thenComparingLong(Work::number))
                            .orElse(null);
            if (next == null) {
                now = end;
                return;
            }
            queue.remove(next);
            now = Math.max(now, next.due);
            next.run.run();
        }
    }

    /** Runs one of those that are due, whichever. */
    void runOne(RandomGenerator random) {
        List<Work> due = queue.stream().filter(work -> work.due <= now).toList();
        if (!due.isEmpty()) {
            Work next = due.get(random.nextInt(due.size()));
            queue.remove(next);
            next.run.run();
        }
    }

    /** Lets time pass, and runs nothing. */
    void sleep(Duration time) {
        now += time.toNanos();
    }
}
