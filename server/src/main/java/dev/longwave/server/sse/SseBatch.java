package dev.longwave.server.sse;

import dev.longwave.broker.Entry;
import dev.longwave.core.Cursors;
import dev.longwave.core.Event;
import dev.longwave.server.net.Chunks;
import dev.longwave.server.session.GatheringBatch;
import org.jspecify.annotations.Nullable;

/**
 * The frames of one or more events, in one array; or other blocks of an event stream.
 *
 * <p>A single frame is not copied: its shared array is what is written, so it must never be
 * changed.
 */
final class SseBatch extends GatheringBatch {

    private final SseFormat format;
    private final boolean chunked;
    private final Heartbeats heartbeats;
    private final String idSuffix;
    private boolean clientHasId; // by this connection

    private @Nullable SseFrame
            single; // else what is gathered: room for a chunk's header, and bodies

    /**
     * @param chunked whether it is to be written as a chunk of HTTP/1.1
     * @param heartbeats how the client learns an ID that no event carries
     * @param idSuffix what all IDs end with; empty for nothing
     */
    SseBatch(boolean chunked, Heartbeats heartbeats, String idSuffix) {
        this(SseFormat.EVENTS, chunked, heartbeats, idSuffix);
    }

    /**
     * The same.
     *
     * @param format what events are
     */
    SseBatch(SseFormat format, boolean chunked, Heartbeats heartbeats, String idSuffix) {
        super(Chunks.LONGEST_HEADER);
        this.format = format;
        this.chunked = chunked;
        this.heartbeats = heartbeats;
        this.idSuffix = idSuffix;
    }

    @Override
    public void add(Event event, Cursors cursors) {
        SseFrame frame = event.frame(format);
        if (event.ephemeral()) {
            addWithoutId(event, frame, cursors);
        } else if (cursors.count() == 1 && idSuffix.isEmpty()) {
            clientHasId = true;
            add(frame);
        } else {
            clientHasId = true;
            copySingle();
            appendText("id: " + cursors.id() + idSuffix + "\n");
            appendTopic(event, cursors);
            append(frame.bytes, frame.afterId, frame.bodyEnd);
        }
    }

    /**
     * By the letter of the grammar, an event on a new connection without an ID, before there was
     * one, takes the client's old one away. So the first block has the stream's ID in any case.
     */
    private void addWithoutId(Event event, SseFrame frame, Cursors cursors) {
        String id = clientHasId ? "" : cursors.id();
        if (id.isEmpty() && cursors.count() == 1) {
            add(frame);
            return;
        }
        copySingle();
        if (!id.isEmpty()) {
            clientHasId = true;
            appendText("id: " + id + idSuffix + "\n");
        }
        appendTopic(event, cursors);
        append(frame.bytes, frame.body, frame.bodyEnd);
    }

    /**
     * On a stream of several topics, an event says which one it is of; through a pattern, always.
     */
    private void appendTopic(Event event, Cursors cursors) {
        Entry entry = event.entry();
        boolean named = entry == null || entry.topic() != null || format.isDetailed();
        if (cursors.count() > 1 && !named) {
            appendText("topic: " + event.subscribed() + "\n");
        }
    }

    /** The client was sent the stream's ID in another batch. */
    void noteId() {
        clientHasId = true;
    }

    @Override
    public void addHeartbeat(Cursors cursors) {
        if (heartbeats != Heartbeats.IDS) {
            add(HeartbeatFormat.COMMENT_FRAME);
            return;
        }
        Event last = idSuffix.isEmpty() ? cursors.last() : null;
        if (last != null) {
            add(last.frame(HeartbeatFormat.HEARTBEATS));
        } else {
            addWithId(HeartbeatFormat.COMMENT, cursors.id());
        }
    }

    private void add(SseFrame frame) {
        if (isEmpty()) {
            single = frame;
            return;
        }
        copySingle();
        append(frame.bytes, frame.body, frame.bodyEnd);
    }

    /**
     * Adds lines and the stream's ID, as one block, which moves the client's last event ID without
     * an event. The two must not be apart: by the letter of the grammar, a block on a new
     * connection that ends before there was an ID takes the client's old one away. To a client that
     * wants comments only, the block stays open, and the first event ends it.
     *
     * @param lines whole lines
     * @param id the ID; if it is empty, the lines are all that is added
     */
    void addWithId(String lines, String id) {
        if (id.isEmpty()) {
            addLines(lines);
        } else {
            String end = heartbeats == Heartbeats.COMMENTS_ONLY ? "\n" : "\n\n";
            addLines(lines + "id: " + id + idSuffix + end);
        }
    }

    /** Adds text that is whole lines of an event stream. */
    void addLines(String text) {
        copySingle();
        appendText(text);
    }

    @Override
    public boolean isEmpty() {
        return single == null && end == 0;
    }

    @Override
    public boolean isFull() {
        return end >= FULL_BYTES || (single != null && single.bytes.length >= FULL_BYTES);
    }

    @Override
    protected void finish() {
        if (single == null && chunked) {
            Chunks.putLongestHeader(buffer, end - Chunks.LONGEST_HEADER);
            ensure(Chunks.TRAILER_LENGTH);
            Chunks.putTrailer(buffer, end);
        }
    }

    @Override
    protected byte[] array() {
        return single != null ? single.bytes : buffer;
    }

    @Override
    protected int offset() {
        if (chunked) {
            return 0;
        }
        return single != null ? single.body : Chunks.LONGEST_HEADER;
    }

    @Override
    protected int length() {
        if (single != null) {
            return chunked ? single.bytes.length : single.bodyEnd - single.body;
        }
        return chunked ? end + Chunks.TRAILER_LENGTH : end - Chunks.LONGEST_HEADER;
    }

    @Override
    public void clear() {
        single = null;
        super.clear();
    }

    private void copySingle() {
        SseFrame frame = single;
        if (frame != null) {
            single = null;
            append(frame.bytes, frame.body, frame.bodyEnd);
        }
    }
}
