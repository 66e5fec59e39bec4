package dev.longwave.server.net.helidon;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Brings the resets of one HTTP/2 connection to the streams that they are for. */
final class Resets {
    /*
     * A reset can overtake the thread that begins to handle its stream. Such resets are remembered until that
     * thread asks, the latest few: many more than the streams that can be about to begin, since Helidon
     * bounds how many a connection may have open.
     */
    private static final int REMEMBERED = 1024;

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Integer, Runnable> listeners = new HashMap<>(); // guarded by lock
    private final Set<Integer> early = new LinkedHashSet<>(); // guarded by lock

    void listen(int streamId, Runnable onReset) {
        boolean resetAlready;
        lock.lock();
        try {
            resetAlready = early.remove(streamId);
            if (!resetAlready) {
                listeners.put(streamId, onReset);
            }
        } finally {
            lock.unlock();
        }
        if (resetAlready) {
            onReset.run();
        }
    }

    void forget(int streamId) {
        lock.lock();
        try {
            listeners.remove(streamId);
            early.remove(streamId);
        } finally {
            lock.unlock();
        }
    }

    void reset(int streamId) {
        @Nullable Runnable listener;
        lock.lock();
        try {
            listener = listeners.remove(streamId);
            if (listener == null) {
                if (early.size() == REMEMBERED) {
                    early.remove(early.iterator().next());
                }
                early.add(streamId);
            }
        } finally {
            lock.unlock();
        }
        if (listener != null) {
            listener.run();
        }
    }
}
