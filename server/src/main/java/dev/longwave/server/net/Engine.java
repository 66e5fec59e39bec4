package dev.longwave.server.net;

import java.time.Duration;

/** What speaks a protocol on one connection. One thread at a time serves it. */
public interface Engine {

    /** How {@link #serve} came to its end. */
    sealed interface Outcome {

        /** The connection is at its end. */
        record Ended() implements Outcome {}

        /** The client keeps sending requests: the next is to be awaited on a platform thread. */
        record Busy() implements Outcome {}

        /**
         * A handler has taken the connection over.
         *
         * @param response writes the response, to the connection's end
         */
        record HandedOver(Runnable response) implements Outcome {}
    }

    /** Serves the connection, until its end or until it goes on elsewhere. */
    Outcome serve() throws InterruptedException;

    /**
     * {@return how long the client may send nothing at this moment} Any thread.
     *
     * @param limits the configured limits
     */
    Duration readLimit(Deadlines.Limits limits);

    /** {@return whether the client has no request under way} Any thread. */
    boolean isIdle();

    /** Has it end after the request that it is at, or now if there is none. Any thread. */
    void finish();

    /** Waits, briefly, until what was written for it is sent. */
    void awaitWritten();
}
