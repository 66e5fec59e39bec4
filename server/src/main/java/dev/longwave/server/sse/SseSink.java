package dev.longwave.server.sse;

import dev.longwave.core.CloseReason;
import dev.longwave.core.Cursors;
import dev.longwave.server.net.Endpoint;
import dev.longwave.server.net.ResponseStream;
import dev.longwave.server.session.BatchWriter;
import dev.longwave.server.session.Sink;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** Writes an event stream as the body of a response, over whichever protocol. */
final class SseSink implements Sink<SseBatch> {

    private final Endpoint endpoint;
    private final BatchWriter writer;
    private final boolean chunked;
    private final Duration retry;
    private final Opening opening;
    private final SseBatch batch;
    private byte @Nullable [] head; // until it is sent

    /**
     * What a stream begins with.
     *
     * @param heartbeats how the client learns an ID that no event carries
     * @param clientKnowsStart whether the client would begin at the same place if it connected
     *     again without having received anything
     * @param idSuffix what all IDs of the stream end with; empty for nothing
     */
    record Opening(Heartbeats heartbeats, boolean clientKnowsStart, String idSuffix) {

        boolean needsId() {
            return !clientKnowsStart || heartbeats == Heartbeats.IDS || !idSuffix.isEmpty();
        }
    }

    /**
     * @param retry how long clients are told to wait before they reconnect
     */
    SseSink(ResponseStream response, Duration retry, Opening opening) {
        this.endpoint = response.endpoint();
        this.writer = new BatchWriter(endpoint);
        this.chunked = response.chunked();
        this.head = response.head();
        this.retry = retry;
        this.opening = opening;
        this.batch = new SseBatch(chunked, opening.heartbeats(), opening.idSuffix());
    }

    @Override
    public SseBatch batch() {
        return batch;
    }

    @Override
    public boolean open(Cursors cursors, Runnable onClosed) {
        endpoint.onReset(onClosed);
        var first = new SseBatch(chunked, opening.heartbeats(), opening.idSuffix());
        first.addWithId(
                ": longwave\nretry: " + firstRetry() + "\n", opening.needsId() ? cursors.id() : "");
        write(first.bytes());
        return endpoint.enableDirectWrites();
    }

    /**
     * Writes the head and the first block at once: a client whose connection breaks between them
     * would have used up its ticket, and not know it by its ID.
     */
    private void write(ByteBuffer first) {
        byte[] before = head;
        head = null;
        if (before == null || before.length == 0) {
            endpoint.write(first);
            return;
        }
        endpoint.write(
                ByteBuffer.allocate(before.length + first.remaining())
                        .put(before)
                        .put(first)
                        .flip());
    }

    /** Some libraries take a line at the end of a stream for an event. */
    private boolean isOnlyComments() {
        return opening.heartbeats() == Heartbeats.COMMENTS_ONLY;
    }

    private long firstRetry() {
        return isOnlyComments() ? spread(retry.toMillis()) : retry.toMillis();
    }

    @Override
    public void write(SseBatch events) {
        writer.write(events);
    }

    @Override
    public boolean tryWrite(SseBatch events) {
        return writer.tryWrite(events);
    }

    @Override
    public int prefetch() {
        return writer.prefetch() + (batch.isEmpty() ? 0 : 1);
    }

    @Override
    public void end(CloseReason reason) {
        writer.writeRemainder();
        boolean comeBack = reason == CloseReason.SHUTDOWN || reason == CloseReason.EXPIRED;
        if (comeBack && !isOnlyComments()) {
            var closing = new SseBatch(chunked, opening.heartbeats(), opening.idSuffix());
            closing.addLines("retry: " + spread(retry.toMillis()) + "\n");
            endpoint.write(closing.bytes());
        }
        if (chunked) {
            endpoint.write(ByteBuffer.wrap(Chunks.LAST));
        }
        endpoint.close();
    }

    /** The clients of a server that stops, or whose rights end, reconnect at different moments. */
    private static long spread(long millis) {
        return millis + ThreadLocalRandom.current().nextLong(millis + 1);
    }
}
