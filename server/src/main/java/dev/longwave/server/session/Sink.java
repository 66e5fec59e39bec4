package dev.longwave.server.session;

import dev.longwave.core.Batch;
import dev.longwave.core.CloseReason;
import dev.longwave.core.Cursors;
import dev.longwave.core.DirectWriter;
import dev.longwave.server.net.LoggedRequest;
import org.jspecify.annotations.Nullable;

/**
 * Where a session's batches go: a transport's wire format, and a client that reads it.
 *
 * <p>Its methods are for the session's thread, except {@link #tryWrite} and what else {@link
 * DirectWriter} says of itself. What they throw means that the client is gone; nothing is called
 * then but {@link #end} with a reason that says so.
 *
 * @param <B> what this transport writes
 */
public interface Sink<B extends Batch> extends DirectWriter<B> {

    /**
     * The {@link #transport} of long polling: each of its streams is one request, and ends before
     * the response is written.
     */
    String POLL = "poll";

    /**
     * Begins: sends what comes before the first event. Once, first.
     *
     * @param cursors where the stream stands
     * @param onClosed to be run if the client ends the stream in a way that no write would find
     *     out; does not block
     * @return whether {@link #tryWrite} works from now on
     */
    boolean open(Cursors cursors, Runnable onClosed);

    /**
     * Writes what the last {@link #tryWrite} has kept, if anything, and then {@code batch}, which
     * may be empty. Blocks while the client does not read.
     */
    void write(B batch);

    /** {@return the word for its kind of stream in metrics and in the access log; one of few} */
    String transport();

    /** {@return the request that opened it; null if there is none, or the access log is off} */
    @Nullable LoggedRequest request();

    /** {@return how many bytes were written to the client, recently at least} Any thread. */
    long bytesWritten();

    /**
     * Ends: tells the client why, as far as its protocol can, and that the stream is complete.
     *
     * @param reason why the stream ends; never one that means that the client is gone
     */
    void end(CloseReason reason);
}
