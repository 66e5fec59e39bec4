package dev.longwave.server.http;

import dev.longwave.server.net.helidon.Exchange;
import io.helidon.webserver.http.ServerRequest;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.function.Supplier;

/** A request's body, within a bound. */
public final class Body {
    private static final long UNKNOWN = -1;

    /** Enough for most events, and little for a client that does not send what it announces. */
    private static final int INITIAL_BYTES = 4 << 10;

    private Body() {}

    /**
     * {@return the whole body of {@code request}}
     *
     * @param tooLarge what to answer if it is longer than {@code maxBytes}
     * @throws dev.longwave.server.problem.ProblemException with that
     */
    public static byte[] bytes(ServerRequest request, int maxBytes, Supplier<Problem> tooLarge) {
        Exchange exchange = Exchange.of(request);
        long announced = exchange.announcedLength().orElse(UNKNOWN);
        if (announced > maxBytes) {
            throw tooLarge.get().exception();
        }
        // Closed at its end, or Helidon allocates a buffer to find out that nothing is left.
        try (InputStream content = exchange.body()) {
            byte[] bytes = read(content, announced, maxBytes);
            if (bytes.length > maxBytes) {
                throw tooLarge.get().exception();
            }
            if (announced != UNKNOWN && bytes.length < announced) {
                throw new EOFException("the body is shorter than announced");
            }
            return bytes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Up to one byte more than {@code maxBytes}; takes memory as they arrive. */
    private static byte[] read(InputStream content, long announced, int maxBytes)
            throws IOException {
        int most = announced == UNKNOWN ? maxBytes + 1 : (int) announced;
        byte[] bytes = new byte[Math.min(most, INITIAL_BYTES)];
        int length = 0;
        while (true) {
            if (length == bytes.length) {
                if (length == most) {
                    return bytes;
                }
                bytes = Arrays.copyOf(bytes, (int) Math.min(2L * length + 1, most));
            }
            int count = content.read(bytes, length, bytes.length - length);
            if (count < 0) {
                return Arrays.copyOf(bytes, length);
            }
            length += count;
        }
    }
}
