package dev.longwave.server.net.helidon;

import dev.longwave.server.net.RequestFault;
import org.jspecify.annotations.Nullable;

/** A stream that the engine is at: its request is arriving, or is being answered, or both. */
final class GuardedStream {
    /*
     * `arriving`: the client has neither ended its request nor was the stream reset. `engineAwaits`: the engine
     * has been told of neither, and so keeps the stream. They differ while the rest of a request is discarded.
     */
    private final int id;
    private final boolean toWebSocket;
    private final @Nullable Refusal refusal;
    private long contentLeft; // negative: the client did not say; guarded by this, as all below
    private boolean arriving;
    private boolean engineAwaits;
    private boolean discarding;

    private volatile long opened; // bytes, beyond what may be sent on a new stream
    private volatile boolean reset;
    private volatile boolean answered;
    private volatile boolean started;

    /**
     * What a stream is answered, in place of what its request asked for.
     *
     * @param answersHead whether the request was one of HEAD
     * @param reset how the stream ends after the answer, unless the request has ended without error
     */
    record Refusal(RequestFault fault, boolean answersHead, Http2Error reset) {}

    private GuardedStream(
            int id, boolean toWebSocket, long contentLeft, @Nullable Refusal refusal) {
        this.id = id;
        this.toWebSocket = toWebSocket;
        this.contentLeft = contentLeft;
        this.refusal = refusal;
    }

    /** The stream of a request that the engine sees. */
    static GuardedStream passed(int id, Http2Head head, boolean ended) {
        var stream = new GuardedStream(id, head.toWebSocket(), head.contentLength(), null);
        stream.arriving = !ended;
        stream.engineAwaits = !ended && head.hasContent();
        stream.discarding = !head.hasContent();
        return stream;
    }

    /** The stream of a request that the engine does not see. */
    static GuardedStream refused(int id, Refusal refusal, boolean ended) {
        var stream = new GuardedStream(id, false, -1, refusal);
        stream.arriving = !ended;
        stream.discarding = true;
        return stream;
    }

    int id() {
        return id;
    }

    /** Whether its request is a CONNECT that asks for WebSocket. */
    boolean isToWebSocket() {
        return toWebSocket;
    }

    /** Null for a request that is to be handled. */
    @Nullable Refusal refusal() {
        return refusal;
    }

    /** The client lets the server send {@code bytes} more. For the thread that reads. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // by one thread
    void opened(int bytes) {
        opened += bytes;
    }

    /** How much the client has let the server send, beyond what it may send on a new stream. */
    long opened() {
        return opened;
    }

    synchronized boolean isArriving() {
        return arriving;
    }

    /** Whether the client has sent all of its request. Any thread. */
    boolean isComplete() {
        return !reset && !isArriving();
    }

    boolean isReset() {
        return reset;
    }

    /**
     * Counts a part of the body. Whether that is no more, and in the end no less, than announced.
     */
    synchronized boolean counts(int bytes, boolean end) {
        if (contentLeft < 0) {
            return true;
        }
        contentLeft -= bytes;
        return contentLeft >= 0 && (!end || contentLeft == 0);
    }

    /**
     * Whether what arrives of the body is to be discarded, and not to be passed on. Once the
     * response is written, the engine may have closed the stream: it would reset it for more data.
     */
    synchronized boolean isDiscarding() {
        return discarding || answered;
    }

    /** The client has ended its request. Whether the engine is still to be told so. */
    synchronized boolean end() {
        arriving = false;
        notifyAll();
        boolean awaited = engineAwaits;
        engineAwaits = false;
        return awaited;
    }

    /** The stream is reset. Whether the engine is still to be told that the request has an end. */
    synchronized boolean reset() {
        reset = true;
        discarding = true;
        return end();
    }

    /** Nobody needs the rest of the request. Whether there is a rest. */
    synchronized boolean discard() {
        discarding = true;
        return arriving;
    }

    /** Waits for the client to end its request, if that is soon. Whether it has. */
    synchronized boolean awaitEnd(long millis) {
        return Monitors.await(this, millis, () -> !arriving);
    }

    /** The response has been written to its end. Any thread. */
    void answered() {
        answered = true;
    }

    /** The engine has started its thread. */
    void started() {
        started = true;
    }

    /** Whether the stream is closed, as far as the client can know. */
    boolean isClosed() {
        return answered && !isArriving();
    }

    /** Whether the engine will soon be done with it. Any thread. */
    boolean isEnding() {
        return started && (reset || isClosed());
    }
}
