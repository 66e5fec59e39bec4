package dev.longwave.server.net.helidon;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How much either side of an HTTP/2 connection may send on all its streams together, and how much
 * the server may send on a new one: RFC 9113, section 6.9. Safe for many threads.
 *
 * <p>Helidon announces a window and does not enforce it, so that a client could have it keep 512
 * KiB for each stream whose handler does not read; and it goes on when its own overflows.
 */
final class ConnectionWindows {

    private static final int INITIAL = 65_535;
    private static final int UNKNOWN = -1;
    private static final long MAX = Integer.MAX_VALUE;

    private final AtomicLong toReceive = new AtomicLong(INITIAL);
    private final AtomicLong toSend = new AtomicLong(INITIAL);
    private volatile int ofStream = UNKNOWN;

    /** The server lets the client send {@code bytes} more. */
    void open(int bytes) {
        toReceive.addAndGet(bytes);
    }

    /** The client sent {@code bytes}. Whether it may. */
    boolean received(int bytes) {
        return toReceive.addAndGet(-bytes) >= 0;
    }

    /** The client lets the server send {@code bytes} more. Whether that can be counted. */
    boolean opened(int bytes) {
        return toSend.addAndGet(bytes) <= MAX;
    }

    /** The server sent {@code bytes}. */
    void sent(int bytes) {
        toSend.addAndGet(-bytes);
    }

    /** Whether the server may send {@code bytes}, as far as the connection is concerned. */
    boolean allows(int bytes) {
        return toSend.get() >= bytes;
    }

    /** The client has sent settings. For the thread that reads the connection. */
    void set(ClientSettings settings) {
        ofStream = settings.initialWindow().orElse(ofStream == UNKNOWN ? INITIAL : ofStream);
    }

    /**
     * How much the server may send on a stream before the client lets it send more; negative before
     * the client has sent its settings.
     */
    int ofStream() {
        return ofStream;
    }
}
