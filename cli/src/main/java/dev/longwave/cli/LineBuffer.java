package dev.longwave.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The lines that were read and are not acknowledged yet, in order, numbered from 0 in the order in
 * which they were added. One thread adds, and waits while there is no room; lines leave at the
 * front, when they are acknowledged. Safe for many threads.
 */
final class LineBuffer {

    /** At most so many lines are sent and not acknowledged. */
    static final int MAX_UNACKNOWLEDGED = 500;

    private static final int MAX_LINES = 2 * MAX_UNACKNOWLEDGED;
    private static final int MAX_CHARS = 2 << 20;

    // Guarded by this, like the three below.
    private final List<Line> lines = new ArrayList<>(MAX_LINES);
    private long first;
    private int chars;
    private boolean ended;

    /** Adds a line at the end, as soon as there is room. */
    synchronized void add(Line line) throws InterruptedException {
        while (lines.size() >= MAX_LINES || chars >= MAX_CHARS) {
            wait();
        }
        lines.add(line);
        chars += line.json().length();
        notifyAll();
    }

    /** No line will be added any more. */
    synchronized void end() {
        ended = true;
        notifyAll();
    }

    /** Waits until there is a line, which is true, or no line will come any more. */
    synchronized boolean awaitLine() throws InterruptedException {
        while (lines.isEmpty() && !ended) {
            wait();
        }
        return !lines.isEmpty();
    }

    /**
     * {@return line {@code number}, if it comes, and so many before it are acknowledged that it may
     * be sent, before {@code timeout} ends}
     */
    synchronized Optional<Line> await(long number, long timeoutNanos) throws InterruptedException {
        long deadline = System.nanoTime() + timeoutNanos;
        while (!isThere(number) || isFull(number)) {
            long left = deadline - System.nanoTime();
            if (left <= 0 || (ended && !isThere(number))) {
                return Optional.empty();
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        return Optional.of(lines.get((int) (number - first)));
    }

    private boolean isThere(long number) {
        return number < first + lines.size();
    }

    /** Whether as many are sent as may be, if {@code next} is the next one to be sent. */
    synchronized boolean isFull(long next) {
        return next - first >= MAX_UNACKNOWLEDGED;
    }

    /** Whether there will be no line {@code number}. */
    synchronized boolean endsBefore(long number) {
        return ended && !isThere(number);
    }

    /** {@return how many lines were acknowledged, which is the number of the one in front} */
    synchronized long acknowledged() {
        return first;
    }

    /** {@return the line in front} */
    synchronized Line head() {
        return lines.getFirst();
    }

    /** {@return how many lines are there} */
    synchronized int size() {
        return lines.size();
    }

    /** Lets go of the lines in front of line {@code number}, as far as they are there. */
    synchronized void acknowledge(long number) {
        List<Line> done = lines.subList(0, Math.clamp(number - first, 0, lines.size()));
        for (Line line : done) {
            chars -= line.json().length();
        }
        first += done.size();
        done.clear();
        notifyAll();
    }
}
