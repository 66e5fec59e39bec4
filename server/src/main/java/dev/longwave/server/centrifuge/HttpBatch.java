package dev.longwave.server.centrifuge;

import dev.longwave.core.Batch;
import dev.longwave.core.Cursors;
import dev.longwave.core.Event;
import dev.longwave.server.ws.WsFrame;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** What one write to a response of the protocol carries. */
final class HttpBatch implements Batch {

    private static final int FULL_BYTES = 16 << 10;
    private static final int INITIAL_BYTES = 1 << 10;
    private static final int CHUNK_HEADER = 8 + 2; // eight digits and CRLF
    private static final byte[] NONE = {};
    private static final byte[] CR_LF = {'\r', '\n'};

    private final Connection connection;
    private final HttpTransport transport;
    private final boolean chunked;
    private byte[] buffer = NONE; // begins with room for a chunk's header
    private int end;

    /**
     * @param chunked whether it is to be written as a chunk of HTTP/1.1
     */
    HttpBatch(Connection connection, HttpTransport transport, boolean chunked) {
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
        int length = transport.framedLength(text.length - from);
        ensure(length);
        transport.put(text, from, text.length, buffer, end);
        end += length;
    }

    /** Adds texts that are framed already. */
    @Override
    public void addBytes(byte[] framed) {
        connection.bytesTaken();
        ensure(framed.length);
        System.arraycopy(framed, 0, buffer, end, framed.length);
        end += framed.length;
    }

    @Override
    public boolean isEmpty() {
        return end == 0;
    }

    @Override
    public boolean isFull() {
        return end >= FULL_BYTES;
    }

    /** {@return what is to be written} Nothing may be added afterwards. */
    ByteBuffer bytes() {
        if (!chunked) {
            return ByteBuffer.wrap(buffer, CHUNK_HEADER, end - CHUNK_HEADER);
        }
        int length = end - CHUNK_HEADER;
        byte[] digits = "%08x\r\n".formatted(length).getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(digits, 0, buffer, 0, CHUNK_HEADER);
        ensure(CR_LF.length);
        System.arraycopy(CR_LF, 0, buffer, end, CR_LF.length);
        return ByteBuffer.wrap(buffer, 0, end + CR_LF.length);
    }

    @Override
    public void clear() {
        buffer = NONE;
        end = 0;
    }

    private void ensure(int room) {
        if (end == 0) {
            end = CHUNK_HEADER;
        }
        if (buffer.length - end < room) {
            int doubled = Math.max(INITIAL_BYTES, buffer.length * 2);
            buffer = Arrays.copyOf(buffer, Math.max(doubled, end + room));
        }
    }
}
