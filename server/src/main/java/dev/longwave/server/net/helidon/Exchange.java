package dev.longwave.server.net.helidon;

import dev.longwave.server.net.Protocol;
import dev.longwave.server.net.ResponseStream;
import io.helidon.common.GenericType;
import io.helidon.common.buffers.BufferData;
import io.helidon.http.DateTime;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.http.spi.Sink;
import io.helidon.webserver.http.spi.SinkProviderContext;
import java.nio.charset.StandardCharsets;
import java.util.function.BooleanSupplier;

/**
 * What a handler can do with the connection that its request came by. For the handler's thread.
 *
 * <p>It reaches the connection through Helidon's interface for sinks, the only public one that
 * shows a handler the connection.
 */
public final class Exchange implements Sink<byte[]> {

    static final GenericType<Exchange> TYPE = GenericType.create(Exchange.class);

    private static final byte[] STATUS_LINE = ascii("HTTP/1.1 200 OK\r\n");
    private static final byte[] CR_LF = ascii("\r\n");
    private static final byte[] NONE = {};

    private final SinkProviderContext context;
    private final EngineContext connection;

    Exchange(SinkProviderContext context) {
        this.context = context;
        this.connection = (EngineContext) context.connectionContext();
    }

    /** {@return the exchange that {@code response} ends} */
    public static Exchange of(ServerResponse response) {
        return response.sink(TYPE);
    }

    /**
     * Says whether the client may pause within its request's body, for as long as one that has no
     * request under way, because it sends what it has when it has it.
     */
    public void allowPauses(boolean allowed) {
        connection.allowPauses(allowed);
    }

    /**
     * Takes the response over, to be written to an endpoint. Its headers, except those of the
     * framing, must be set; its status is 200.
     */
    public ResponseStream takeOver() {
        return connection.protocol() == Protocol.HTTP_2 ? takeOverStream() : takeOverConnection();
    }

    private ResponseStream takeOverConnection() {
        boolean chunked = connection.protocol() == Protocol.HTTP_1_1;
        return new ResponseStream(
                connection.endpoint(),
                head(context.serverResponse().headers(), chunked),
                chunked,
                body -> {
                    throw new Handover(() -> {
                        var _ = body.getAsBoolean();
                    });
                });
    }

    private static byte[] head(ServerResponseHeaders headers, boolean chunked) {
        headers.setIfAbsent(HeaderValues.create(HeaderNames.DATE, DateTime.rfc1123String()));
        headers.set(HeaderValues.CONNECTION_CLOSE);
        if (chunked) {
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

    private ResponseStream takeOverStream() {
        var stream = new Http2StreamEndpoint(connection, context);
        return new ResponseStream(stream, NONE, false, body -> serve(stream, body));
    }

    private static void serve(Http2StreamEndpoint stream, BooleanSupplier body) {
        try {
            if (!body.getAsBoolean()) {
                throw new CloseConnectionException("the stream was given up");
            }
        } finally {
            stream.release();
        }
    }

    @Override
    public Exchange emit(byte[] bytes) {
        throw new UnsupportedOperationException("an exchange is no sink of its own");
    }

    @Override
    public void close() {
        // The handler's response ends it.
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
