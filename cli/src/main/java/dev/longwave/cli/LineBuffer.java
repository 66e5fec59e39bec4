package dev.longwave.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The lines that were read and are not acknowledged yet, in order. One thread adds, and waits while
 * there is no room; lines leave at the front, when they are acknowledged. Safe for many threads.
 */
final class LineBuffer {

    /** At most this many lines go into one request. */
    static final int MAX_REQUEST_LINES = 500;

    /** A request that has this many characters takes no further line. */
    static final int MAX_REQUEST_CHARS = 1 << 20;

    private static final int MAX_LINES = 2 * MAX_REQUEST_LINES;
    private static final int MAX_CHARS = 2 * MAX_REQUEST_CHARS;

    // Guarded by this, like the two below.
    private final List<Line> lines = new ArrayList<>(MAX_LINES);
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
     * {@return the line at {@code index} from the front, if it comes before {@code timeout} ends}
     */
    synchronized Optional<Line> await(int index, long timeoutNanos) throws InterruptedException {
        long deadline = System.nanoTime() + timeoutNanos;
        while (index >= lines.size() && !ended) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                return Optional.empty();
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        return index < lines.size() ? Optional.of(lines.get(index)) : Optional.empty();
    }

    /** {@return the lines in front that fit into one request} */
    synchronized List<Line> head() {
        int count = 0;
        int taken = 0;
        while (count < Math.min(lines.size(), MAX_REQUEST_LINES) && taken < MAX_REQUEST_CHARS) {
            taken += lines.get(count++).json().length();
        }
        return List.copyOf(lines.subList(0, count));
    }

    /** Lets go of {@code count} lines in front. */
    synchronized void acknowledge(int count) {
        List<Line> done = lines.subList(0, count);
        for (Line line : done) {
            chars -= line.json().length();
        }
        done.clear();
        notifyAll();
    }
}
