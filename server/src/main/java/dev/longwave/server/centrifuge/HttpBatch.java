package dev.longwave.server.centrifuge;

import dev.longwave.core.Cursors;
import dev.longwave.core.Event;
import dev.longwave.server.net.Chunks;
import dev.longwave.server.session.GatheringBatch;
import dev.longwave.server.ws.WsFrame;

/** What one write to a response of the protocol carries. */
final class HttpBatch extends GatheringBatch {

    private final Connection connection;
    private final HttpTransport transport;
    private final boolean chunked;

    /**
     * @param chunked whether it is to be written as a chunk of HTTP/1.1
     */
    HttpBatch(Connection connection, HttpTransport transport, boolean chunked) {
        super(Chunks.LONGEST_HEADER);
        this.connection = connection;
        this.transport = transport;
        this.chunked = chunked;
    }

    @Override
    public void add(Event event, Cursors cursors) {
        if (connection.admits(event)) {
            WsFrame frame = event.frame(CentrifugeFormat.PUSHES);
            addText(frame.bytes(), frame.payload());
        }
    }

    @Override
    public void addHeartbeat(Cursors cursors) {
        addText(connection.ping(), 0);
    }

    /** Adds a JSON text, from {@code from} on. */
    void addText(byte[] text, int from) {
        append(transport.before, 0, transport.before.length);
        append(text, from, text.length);
        append(transport.after, 0, transport.after.length);
    }

    /** Adds texts that are framed already. */
    @Override
    public void addBytes(byte[] framed) {
        connection.bytesTaken();
        append(framed, 0, framed.length);
    }

    @Override
    public boolean isEmpty() {
        return end == 0;
    }

    @Override
    public boolean isFull() {
        return end >= FULL_BYTES;
    }

    @Override
    protected void finish() {
        if (chunked) {
            Chunks.putLongestHeader(buffer, end - Chunks.LONGEST_HEADER);
            ensure(Chunks.TRAILER_LENGTH);
            Chunks.putTrailer(buffer, end);
        }
    }

    @Override
    protected byte[] array() {
        return buffer;
    }

    @Override
    protected int offset() {
        return chunked ? 0 : Chunks.LONGEST_HEADER;
    }

    @Override
    protected int length() {
        return chunked ? end + Chunks.TRAILER_LENGTH : end - Chunks.LONGEST_HEADER;
    }
}
