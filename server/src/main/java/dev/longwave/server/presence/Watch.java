package dev.longwave.server.presence;

import java.util.function.Consumer;

/** Interest in the joins and leaves of one topic, until it is closed. Safe for many threads. */
public final class Watch implements AutoCloseable {

    private final RoomListener listener;
    private final long order;
    private final Runnable end;

    /**
     * @param order how many changes there were before
     * @param end run when it is closed
     */
    Watch(RoomListener listener, long order, Consumer<Watch> end) {
        this.listener = listener;
        this.order = order;
        this.end = () -> end.accept(this);
    }

    RoomListener listener() {
        return listener;
    }

    long order() {
        return order;
    }

    /**
     * Ends it. A call that is running on another thread may still go on. Does nothing the second
     * time.
     */
    @Override
    public void close() {
        end.run();
    }
}
