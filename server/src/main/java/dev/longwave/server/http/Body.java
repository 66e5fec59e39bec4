package dev.longwave.server.http;

import io.helidon.webserver.http.ServerRequest;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.function.Supplier;

/** A request's body, within a bound. */
public final class Body {
    private static final long UNKNOWN = -1;

    private Body() {}

    /**
     * {@return the whole body of {@code request}}
     *
     * @param tooLarge what to answer if it is longer than {@code maxBytes}
     * @throws dev.longwave.server.problem.ProblemException with that
     */
    public static byte[] bytes(ServerRequest request, int maxBytes, Supplier<Problem> tooLarge) {
        if (!request.content().hasEntity()) {
            return new byte[0];
        }
        long announced = request.headers().contentLength().orElse(UNKNOWN);
        if (announced > maxBytes) {
            throw tooLarge.get().exception();
        }
        // Closed at its end, or Helidon allocates a buffer to find out that nothing is left.
        try (InputStream content = request.content().inputStream()) {
            if (announced != UNKNOWN) {
                // readNBytes(int) would begin with 16 KiB, however small the event.
                byte[] bytes = new byte[(int) announced];
                if (content.readNBytes(bytes, 0, bytes.length) < bytes.length) {
                    throw new EOFException("the body is shorter than announced");
                }
                return bytes;
            }
            byte[] bytes = content.readNBytes(maxBytes + 1);
            if (bytes.length > maxBytes) {
                throw tooLarge.get().exception();
            }
            return bytes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
