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
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.spi.Sink;
import io.helidon.webserver.http.spi.SinkProviderContext;
import java.nio.charset.StandardCharsets;
import java.util.function.BooleanSupplier;

/**
 * Takes a response over from its engine. Helidon makes it, as a sink of its own kind: its interface
 * for sinks is the only public one that lets go of a response, and Helidon takes the response for
 * sent from then on.
 */
final class TakenResponse implements Sink<byte[]> {

    static final GenericType<TakenResponse> TYPE = GenericType.create(TakenResponse.class);

    private static final byte[] STATUS_LINE = ascii("HTTP/1.1 200 OK\r\n");
    private static final byte[] SWITCHING = ascii("HTTP/1.1 101 Switching Protocols\r\n");
    private static final byte[] CR_LF = ascii("\r\n");
    private static final byte[] NONE = {};

    private final ResponseStream stream;

    TakenResponse(SinkProviderContext context) {
        var connection = (EngineContext) context.connectionContext();
        this.stream =
                connection.protocol() == Protocol.HTTP_2
                        ? stream(connection, context)
                        : connection(connection, context);
    }

    ResponseStream stream() {
        return stream;
    }

    private static ResponseStream connection(
            EngineContext connection, SinkProviderContext context) {
        RequestReader requests = connection.requests();
        if (requests == null) {
            throw new IllegalStateException("a connection of HTTP/1 reads its requests");
        }
        boolean upgrade = isUpgrade(context);
        boolean chunked = !upgrade && requests.understandsChunks();
        ServerResponseHeaders headers = context.serverResponse().headers();
        headers.setIfAbsent(HeaderValues.create(HeaderNames.DATE, DateTime.rfc1123String()));
        if (upgrade) {
            headers.set(HeaderValues.create(HeaderNames.CONNECTION, "Upgrade"));
        } else {
            headers.set(HeaderValues.CONNECTION_CLOSE);
        }
        if (chunked) {
            headers.set(HeaderValues.TRANSFER_ENCODING_CHUNKED);
        }
        return new ResponseStream(
                connection.endpoint(),
                head(upgrade ? SWITCHING : STATUS_LINE, headers),
                chunked,
                upgrade ? requests::takeReceived : () -> NONE,
                body -> {
                    throw new Handover(() -> {
                        var _ = body.getAsBoolean();
                    });
                });
    }

    private static boolean isUpgrade(SinkProviderContext context) {
        return context.serverResponse().status().equals(Status.SWITCHING_PROTOCOLS_101);
    }

    private static byte[] head(byte[] statusLine, ServerResponseHeaders headers) {
        BufferData bytes = BufferData.growing(256);
        bytes.write(statusLine);
        for (Header header : headers) {
            header.writeHttp1Header(bytes);
        }
        bytes.write(CR_LF);
        return bytes.readBytes();
    }

    private static ResponseStream stream(EngineContext connection, SinkProviderContext context) {
        var stream = new Http2StreamEndpoint(connection, context);
        return new ResponseStream(stream, NONE, false, () -> NONE, body -> serve(stream, body));
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
    public TakenResponse emit(byte[] bytes) {
        throw new UnsupportedOperationException("the response is written to its endpoint");
    }

    @Override
    public void close() {
        // Its endpoint is closed instead.
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
