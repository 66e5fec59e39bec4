package dev.longwave.server.sse;

import dev.longwave.core.CloseReason;
import dev.longwave.core.Cursors;
import dev.longwave.server.net.Chunks;
import dev.longwave.server.net.ResponseStream;
import dev.longwave.server.session.EndpointSink;
import dev.longwave.server.session.Reconnects;
import java.nio.ByteBuffer;

/** Writes an event stream as the body of a response, over whichever protocol. */
final class SseSink extends EndpointSink<SseBatch> {

    private final SseBatch batch;
    private final boolean chunked;
    private final Reconnects reconnects;
    private final Opening opening;
    private final byte[] head;

    /**
     * What a stream begins with.
     *
     * @param format what events are
     * @param heartbeats how the client learns an ID that no event carries
     * @param clientKnowsStart whether the client would begin at the same place if it connected
     *     again without having received anything
     * @param idSuffix what all IDs of the stream end with; empty for nothing
     * @param format what its events look like
     */
    record Opening(
            SseFormat format, Heartbeats heartbeats, boolean clientKnowsStart, String idSuffix) {

        boolean needsId() {
            return !clientKnowsStart || heartbeats == Heartbeats.IDS || !idSuffix.isEmpty();
        }
    }

    /**
     * @param reconnects how long clients are told to wait before they reconnect
     */
    SseSink(ResponseStream response, Reconnects reconnects, Opening opening) {
        this(
                response,
                reconnects,
                opening,
                new SseBatch(
                        opening.format(),
                        response.chunked(),
                        opening.heartbeats(),
                        opening.idSuffix()));
    }

    private SseSink(
            ResponseStream response, Reconnects reconnects, Opening opening, SseBatch batch) {
        super(response, batch);
        this.batch = batch;
        this.chunked = response.chunked();
        this.head = response.head();
        this.reconnects = reconnects;
        this.opening = opening;
    }

    @Override
    public boolean open(Cursors cursors, Runnable onClosed) {
        endpoint.onReset(onClosed);
        var first = new SseBatch(chunked, opening.heartbeats(), opening.idSuffix());
        String id = opening.needsId() ? cursors.id() : "";
        first.addWithId(": longwave\nretry: " + firstRetry() + "\n", id);
        if (!id.isEmpty()) {
            batch.noteId();
        }
        begin(head, first.bytes());
        return endpoint.enableDirectWrites();
    }

    /** Some libraries take a line at the end of a stream for an event. */
    private boolean isOnlyComments() {
        return opening.heartbeats() == Heartbeats.COMMENTS_ONLY;
    }

    private long firstRetry() {
        return isOnlyComments() ? reconnects.spreadMillis() : reconnects.firstMillis();
    }

    @Override
    public String transport() {
        return "sse";
    }

    @Override
    protected void sayFarewell(CloseReason reason) {
        writeRemainder();
        boolean comeBack =
                reason == CloseReason.SHUTDOWN
                        || reason == CloseReason.MOVED
                        || reason == CloseReason.EXPIRED;
        if (comeBack && !isOnlyComments()) {
            var closing = new SseBatch(chunked, opening.heartbeats(), opening.idSuffix());
            closing.addLines("retry: " + reconnects.spreadMillis() + "\n");
            send(closing.bytes());
        }
        if (chunked) {
            send(ByteBuffer.wrap(Chunks.LAST));
        }
        endpoint.close();
    }
}
