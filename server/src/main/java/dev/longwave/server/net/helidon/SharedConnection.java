package dev.longwave.server.net.helidon;

import dev.longwave.server.net.ClientFaults;
import dev.longwave.server.net.Endpoint;
import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** What the streams of one HTTP/2 connection share. Safe for many threads. */
final class SharedConnection {

    private static final long LAST_WRITE_MILLIS = 1_000;

    /** Eight bytes, type 7, of the connection: the highest stream ID, and no error. */
    private static final byte[] GO_AWAY = {0, 0, 8, 7, 0, 0, 0, 0, 0, 0x7f, -1, -1, -1, 0, 0, 0, 0};

    private static final int MAX_DISCARDED_BYTES = 256 << 10;
    private static final Duration MAX_DISCARDING = Duration.ofSeconds(1);

    private final Endpoint endpoint;
    private final Http2Services services;
    private final GuardedStreams streams;
    private final ConnectionWindows windows = new ConnectionWindows();
    private final GatheringWriter writer;
    private final DirectWrites directWrites = new DirectWrites();
    private final Http2Guard guard;
    private final DataReader reader;
    private final Resets resets = new Resets();
    private final Requests requests = new Requests();
    private final AtomicInteger open = new AtomicInteger(); // responses that last
    private final AtomicBoolean goingAway = new AtomicBoolean();

    /**
     * @param source what the client sends
     */
    SharedConnection(Endpoint endpoint, Http2Services services, DataReader source) {
        this.endpoint = endpoint;
        this.services = services;
        this.streams = new GuardedStreams(services.maxStreams());
        var written = new WrittenFrames(streams, windows);
        this.writer = new GatheringWriter(endpoint, open::get, written::written);
        this.guard =
                new Http2Guard(
                        streams,
                        windows,
                        new FloodCounter(System::nanoTime, services.maxStreams()),
                        frame -> writer.writeNow(BufferData.create(frame)),
                        resets::reset,
                        this::note);
        this.reader = DataReader.create(guard.guarding(source));
    }

    /** The connection was one of HTTP/1, and asked for the upgrade with its first stream. */
    void upgraded() {
        guard.streamGuard().upgraded();
    }

    private void note(ClientFaults.Kind kind, String words) {
        services.faults().note(kind, endpoint.peer(), words);
    }

    /** What the engine reads. */
    DataReader reader() {
        return reader;
    }

    DataWriter writer() {
        return writer;
    }

    /** What the engine runs requests on, in place of {@code threads}. */
    ExecutorService threads(ExecutorService threads) {
        return new StreamThreads(threads, streams, guard.streamGuard());
    }

    /** Has a request handled, or refused. For the stream's thread. */
    void handle(RoutingRequest request, RoutingResponse response, Runnable handler) {
        int id = request.id();
        GuardedStream stream = stream(id);
        var body =
                new RequestBody(
                        services.deadlines(),
                        stream::isComplete,
                        () -> note(ClientFaults.Kind.TOO_SLOW, "a body did not arrive"));
        if (stream.isToWebSocket()) {
            body.endless();
        }
        request.streamFilter(body::of);
        requests.begin(id, body);
        boolean answered = false;
        try {
            GuardedStream.Refusal refusal = stream.refusal();
            if (refusal == null) {
                handler.run();
            } else {
                Refusals.send(response, refusal.fault(), refusal.answersHead());
            }
            answered = true;
        } finally {
            if (guard.streamGuard().answered(stream, answered)) {
                dropRest(request, body);
            }
            requests.end(id);
            resets.forget(id);
        }
    }

    /**
     * Has the engine take the body for read to its end: it would wait for the rest, until the
     * thread that reads the connection tells it that there is none.
     */
    private static void dropRest(RoutingRequest request, RequestBody body) {
        body.drop();
        Thread.currentThread().interrupt();
        try {
            request.content().consume();
        } finally {
            var _ = Thread.interrupted();
        }
    }

    /** A stream whose request is being handled. */
    GuardedStream stream(int id) {
        return streams.find(id)
                .orElseThrow(() -> new IllegalStateException("unknown stream id=" + id));
    }

    /** What writes to the streams where that needs no waiting. */
    Executor directWrites() {
        return directWrites;
    }

    /**
     * Whether {@code bytes} can be written to a stream without waiting, as far as can be seen now.
     *
     * @param sent how much was written to it
     */
    boolean allows(GuardedStream stream, long sent, int bytes) {
        return windows.ofStream() + stream.opened() - sent >= bytes
                && windows.allows(bytes)
                && writer.hasRoom();
    }

    /** Has a thread that reads the rest of a request stop. */
    void stopReading(int id) {
        requests.lose(id);
    }

    /** Has a thread that reads a body stop, which then answers. */
    void stopBody(int id) {
        requests.stop(id);
    }

    /** A request may pause within its body for as long as an idle client may, or no longer. */
    void allowPauses(int id, boolean allowed) {
        requests.allowPauses(id, allowed);
    }

    /**
     * Notes that a response that lasts is open, until {@link #streamClosed}.
     *
     * @param onReset called once if the stream is reset, now or later; by the connection's thread,
     *     so it must not block
     */
    void streamOpened(int id, Runnable onReset) {
        open.incrementAndGet();
        resets.listen(id, onReset);
    }

    /** Takes back {@link #streamOpened}. Once. */
    void streamClosed(int id) {
        open.decrementAndGet();
        resets.forget(id);
    }

    /**
     * Tells the client to open no more streams on this connection: RFC 9113, section 6.8. It may
     * not have heard of it when it opens the next one, so the highest ID is what it is told. Any
     * thread; does not block.
     */
    void goAway() {
        if (!goingAway.getAndSet(true)) {
            writer.tryWriteNow(BufferData.create(GO_AWAY));
        }
    }

    /** The client sends nothing any more, and nothing can be written. */
    void end() {
        requests.lose();
    }

    /** Sees to it that a client whose connection ends by its fault learns of that. */
    void drain() {
        if (guard.isOver()) {
            awaitWritten();
            endpoint.drain(MAX_DISCARDED_BYTES, MAX_DISCARDING);
        }
    }

    /** Whether there is nothing to read, to handle, or to write. */
    boolean isIdle() {
        return streams.isEmpty() && !guard.awaitsRest() && !writer.isWriting();
    }

    /** Whether the client has begun a frame or a header block, and has not finished it. */
    boolean awaitsRest() {
        return guard.awaitsRest();
    }

    /** Waits until what the streams have written is sent, but not for long. */
    void awaitWritten() {
        writer.awaitWritten(LAST_WRITE_MILLIS);
    }
}
