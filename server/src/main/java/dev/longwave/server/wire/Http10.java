package dev.longwave.server.wire;

import io.helidon.common.buffers.DataReader;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Translates HTTP/1.0, which proxies speak to their upstreams by default and Helidon does not.
 *
 * <p>A request line that says 1.0 is read as 1.1 with {@code Connection: close}. Responses that
 * Helidon sends in one piece have a length, which a 1.0 client understands; a stream of events is
 * framed by the connection's end, which {@link Wire#protocol()} tells the stream to do.
 */
final class Http10 {

    private static final String HTTP_1_0 = " HTTP/1.0";

    private Http10() {}

    /** {@code wire} itself, unless its first request line says HTTP/1.0. */
    static Wire translated(Wire wire, int maxRequestLine) {
        DataReader reader = wire.dataReader();
        int lineEnd;
        try {
            lineEnd = reader.findNewLine(maxRequestLine);
        } catch (DataReader.IncorrectNewLineException _) {
            return wire; // Helidon refuses it in its own words
        }
        if (lineEnd >= maxRequestLine) {
            return wire; // and this
        }
        String line = reader.getBuffer(lineEnd).readString(lineEnd, StandardCharsets.US_ASCII);
        if (!line.endsWith(HTTP_1_0)) {
            return wire;
        }
        reader.skip(lineEnd + 2);
        String http11 = line.substring(0, line.length() - 1) + "1\r\nConnection: close\r\n";
        return wire.http10(
                DataReader.create(first(http11.getBytes(StandardCharsets.US_ASCII), reader)));
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
}
