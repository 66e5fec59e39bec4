package dev.longwave.server.net.helidon;

import java.util.ArrayDeque;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * The streams of one HTTP/2 connection, as far as they must be known. For the thread that reads the
 * connection, where nothing else is said.
 */
final class GuardedStreams {
    /*
     * `present` has the streams that the engine is at, at most as many as there may be at a time. Of all
     * others it is enough to know the highest ID, and which were reset lately.
     *
     * The engine starts a thread for each request that it is handed, in that order, while it reads: `begun`
     * are those whose threads it has not started.
     */
    private static final long ENDING_MILLIS = 1_000;

    private final int max;
    private final Map<Integer, GuardedStream> present = new ConcurrentHashMap<>();
    private final Queue<GuardedStream> begun = new ArrayDeque<>();
    private final RecentResets resets = new RecentResets();

    /** Those of which the engine is to be told that the rest of the request will not come. */
    private final Queue<Integer> givenUp = new ConcurrentLinkedQueue<>();

    /** Those that the engine has reset by itself. */
    private final Queue<GuardedStream> resetByEngine = new ConcurrentLinkedQueue<>();

    private int lastId;

    /**
     * @param max how many there may be at a time
     */
    GuardedStreams(int max) {
        this.max = max;
    }

    /** The highest ID so far; 0 before the first stream. */
    int lastId() {
        return lastId;
    }

    /** A stream begins, whatever becomes of it. */
    void begin(int id) {
        lastId = id;
    }

    /** Whether the client has not begun the stream, and has not skipped it. */
    boolean isIdle(int id) {
        return id > lastId || id % 2 == 0;
    }

    /**
     * Whether there can be one more. Waits for those that are ending, but not for long: a client
     * that has reset all of its streams may begin as many at once.
     */
    synchronized boolean hasRoom() {
        var _ =
                Monitors.await(
                        this,
                        ENDING_MILLIS,
                        () ->
                                present.size() < max
                                        || present.values().stream()
                                                .noneMatch(GuardedStream::isEnding));
        return present.size() < max;
    }

    /** The engine is handed the request of a stream. */
    void add(GuardedStream stream) {
        present.put(stream.id(), stream);
        begun.add(stream);
    }

    /** The stream whose thread the engine starts. */
    Optional<GuardedStream> nextBegun() {
        Optional<GuardedStream> next = Optional.ofNullable(begun.poll());
        next.ifPresent(GuardedStream::started);
        return next;
    }

    /** The engine is not handed the request of a stream after all. */
    void cancel(GuardedStream stream) {
        begun.remove(stream);
        present.remove(stream.id());
    }

    /** The engine is done with a stream. Any thread. */
    void remove(GuardedStream stream) {
        present.remove(stream.id());
        synchronized (this) {
            notifyAll();
        }
    }

    /** A stream that the engine is at. Any thread. */
    Optional<GuardedStream> find(int id) {
        return Optional.ofNullable(present.get(id));
    }

    /** Whether the engine is at none. Any thread. */
    boolean isEmpty() {
        return present.isEmpty();
    }

    RecentResets resets() {
        return resets;
    }

    /** The engine is to be told that the rest of a request will not come. Any thread. */
    void giveUp(int id) {
        givenUp.add(id);
    }

    /** The next stream of which it is to be told. */
    @Nullable Integer nextGivenUp() {
        return givenUp.poll();
    }

    /** The engine has reset a stream by itself. Any thread. */
    void noteReset(GuardedStream stream) {
        resetByEngine.add(stream);
    }

    /** The next stream that it has reset. */
    @Nullable GuardedStream nextResetByEngine() {
        return resetByEngine.poll();
    }
}
