package dev.longwave.server.wire;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.http2.Http2Config;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Serves HTTP/1.1 through Helidon, and HTTP/1.0 by translation: proxies speak it to their upstreams
 * by default, and Helidon does not.
 *
 * <p>A request line that says 1.0 is read as 1.1 with {@code Connection: close}. Responses that
 * Helidon sends in one piece have a length, which a 1.0 client understands; a stream of events is
 * framed by the connection's end, which {@link Wire#protocol()} tells the stream to do.
 */
final class Http1Selector implements ServerConnectionSelector {

    private static final String HTTP_1_0 = " HTTP/1.0";

    private final ServerConnectionSelector http11;
    private final Http1Config config;
    private final ConnectionLimits limits;

    Http1Selector(Http1Config config, Http2Config http2, ConnectionLimits limits) {
        this.config = config;
        this.limits = limits;
        this.http11 =
                Http1ConnectionSelector.builder()
                        .config(config)
                        .addUpgrader(new H2cUpgrader(http2))
                        .build();
    }

    @Override
    public int bytesToIdentifyConnection() {
        return 0;
    }

    @Override
    public Support supports(BufferData request) {
        Support support = http11.supports(request);
        if (support == Support.SUPPORTED) {
            return support;
        }
        request.rewind();
        int lineFeed = request.indexOf((byte) '\n');
        boolean http10 = lineFeed >= 0 && isHttp10(request.readString(lineFeed).stripTrailing());
        return http10 ? Support.SUPPORTED : Support.UNSUPPORTED;
    }

    @Override
    public Set<String> supportedApplicationProtocols() {
        return http11.supportedApplicationProtocols();
    }

    @Override
    public ServerConnection connection(ConnectionContext context) {
        Wire wire = wire(context);
        return new WireConnection(wire, http11.connection(wire), limits);
    }

    private Wire wire(ConnectionContext context) {
        DataReader reader = context.dataReader();
        int lineEnd;
        try {
            lineEnd = reader.findNewLine(config.maxPrologueLength());
        } catch (DataReader.IncorrectNewLineException _) {
            return Wire.http11(context); // Helidon refuses it in its own words
        }
        if (lineEnd >= config.maxPrologueLength()) {
            return Wire.http11(context); // and this
        }
        String line = reader.getBuffer(lineEnd).readString(lineEnd, StandardCharsets.US_ASCII);
        if (!isHttp10(line)) {
            return Wire.http11(context);
        }
        reader.skip(lineEnd + 2);
        String translated = line.substring(0, line.length() - 1) + "1\r\nConnection: close\r\n";
        return Wire.http10(
                context,
                DataReader.create(first(translated.getBytes(StandardCharsets.US_ASCII), reader)));
    }

    private static Supplier<byte @Nullable []> first(byte[] line, DataReader reader) {
        return new Supplier<>() {
            private boolean given;

            @Override
            public byte @Nullable [] get() {
                if (given) {
                    return Remaining.of(reader);
                }
                given = true;
                return line;
            }
        };
    }

    private static boolean isHttp10(String line) {
        return line.endsWith(HTTP_1_0);
    }
}
