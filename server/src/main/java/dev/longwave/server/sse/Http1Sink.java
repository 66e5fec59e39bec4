package dev.longwave.server.sse;

import dev.longwave.core.SseBatch;
import dev.longwave.server.wire.ChannelSocket;
import dev.longwave.server.wire.Wire;
import io.helidon.common.buffers.BufferData;
import io.helidon.http.DateTime;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.webserver.http.ServerResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A whole connection, taken over from Helidon to its end: the batches are chunks of HTTP/1.1
 * already, and HTTP/1.0 has none.
 *
 * <p>It can write without waiting: {@link #writeNow}.
 */
final class Http1Sink implements SseSink {

    private static final byte[] STATUS_LINE = ascii("HTTP/1.1 200 OK\r\n");
    private static final byte[] CR_LF = ascii("\r\n");
    private static final byte[] LAST_CHUNK = ascii("0\r\n\r\n");

    private final ChannelSocket socket;
    private final SseBatch.Framing framing;
    private byte @Nullable [] head; // until it is sent
    private @Nullable ByteBuffer rest;

    Http1Sink(Wire wire, ServerResponse response) {
        this.socket = wire.socket();
        this.framing =
                wire.protocol() == Wire.Protocol.HTTP_1_1
                        ? SseBatch.Framing.CHUNKED
                        : SseBatch.Framing.PLAIN;
        this.head = head(response.headers());
    }

    private byte[] head(ServerResponseHeaders headers) {
        headers.setIfAbsent(HeaderValues.create(HeaderNames.DATE, DateTime.rfc1123String()));
        headers.set(HeaderValues.CONNECTION_CLOSE);
        if (framing == SseBatch.Framing.CHUNKED) {
            headers.set(HeaderValues.TRANSFER_ENCODING_CHUNKED);
        }
        BufferData bytes = BufferData.growing(256);
        bytes.write(STATUS_LINE);
        for (Header header : headers) {
            header.writeHttp1Header(bytes);
        }
        bytes.write(CR_LF);
        return bytes.readBytes();
    }

    /** Sends the headers, from when on the response cannot be another one. Once, first. */
    void open() {
        byte[] bytes = head;
        if (bytes != null) {
            head = null;
            socket.write(ByteBuffer.wrap(bytes));
            socket.express();
        }
    }

    @Override
    public SseBatch.Framing framing() {
        return framing;
    }

    @Override
    public Http1Sink emit(SseBatch batch) {
        socket.write(bytes(batch));
        return this;
    }

    /**
     * Writes of a finished batch what can be written without waiting.
     *
     * @return whether that was all; otherwise {@link #writeRest} comes next
     */
    boolean writeNow(SseBatch batch) {
        ByteBuffer bytes = bytes(batch);
        socket.writeNow(bytes);
        if (bytes.hasRemaining()) {
            rest = bytes;
            return false;
        }
        return true;
    }

    /** {@return anything} See {@link dev.longwave.core.Outbox.Express#touch}. */
    int touch() {
        return socket.touch() + (rest == null ? 0 : 1);
    }

    /** Writes what {@link #writeNow} left. Blocks while the client does not read. */
    void writeRest() {
        ByteBuffer bytes = rest;
        if (bytes != null) {
            rest = null;
            socket.write(bytes);
        }
    }

    /** Ends the response; the end of the connection follows it. */
    @Override
    public void close() {
        if (framing == SseBatch.Framing.CHUNKED) {
            socket.write(ByteBuffer.wrap(LAST_CHUNK));
        }
    }

    /** The array may be shared; the reading position is the wrapper's own. */
    private static ByteBuffer bytes(SseBatch batch) {
        return ByteBuffer.wrap(batch.array(), batch.offset(), batch.length());
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
