package dev.longwave.server.http;

import io.helidon.webserver.http.ServerRequest;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.function.Supplier;

/** A request's whole body, within a bound. */
public final class Body {
    /*
     * The length that a client announces takes no memory: only bytes that have arrived do. It only refuses what is too
     * long at once, and bounds how far the buffer grows.
     */
    private Body() {}

    /**
     * {@return the whole body of {@code request}, without its content coding}
     *
     * @param memory gives what the body needs, until {@code allowance} is closed
     * @param tooLarge what to answer if it is longer than {@code maxBytes}
     * @throws ProblemException with that; or if its coding is unknown, it is not what the coding
     *     says, or there is no memory left
     */
    public static byte[] bytes(
            ServerRequest request,
            Memory memory,
            Allowance allowance,
            int maxBytes,
            Supplier<Problem> tooLarge) {
        long announced = Content.length(request);
        if (announced > maxBytes) {
            throw tooLarge.get().exception();
        }
        // Closed at its end, or Helidon allocates a buffer to find out that nothing is left.
        try (InputStream content = Content.of(request, memory)) {
            return announced == Content.UNKNOWN_LENGTH
                    ? toTheEnd(content, allowance, maxBytes, tooLarge)
                    : exactly((int) announced, content, allowance);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] exactly(int announced, InputStream content, Allowance allowance)
            throws IOException {
        var bytes = new GrowingBytes(allowance, announced);
        while (!bytes.isFull()) {
            if (bytes.readFrom(content) < 0) {
                throw new EOFException("the body is shorter than announced");
            }
        }
        return bytes.exact();
    }

    private static byte[] toTheEnd(
            InputStream content, Allowance allowance, int maxBytes, Supplier<Problem> tooLarge)
            throws IOException {
        var bytes = new GrowingBytes(allowance, maxBytes + 1);
        while (bytes.readFrom(content) >= 0) {
            if (bytes.isFull()) {
                throw tooLarge.get().exception();
            }
        }
        return bytes.exact();
    }
}
