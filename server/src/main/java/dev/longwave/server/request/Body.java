package dev.longwave.server.request;

import dev.longwave.server.problem.Problem;
import io.helidon.webserver.http.ServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** A request's body, within a bound. */
public final class Body {
    private Body() {}

    /**
     * {@return the whole body of {@code request}}
     *
     * @param tooLarge what to answer if it is longer than {@code maxBytes}
     * @throws dev.longwave.server.problem.ProblemException with that
     */
    public static byte[] bytes(ServerRequest request, int maxBytes, Problem tooLarge) {
        if (!request.content().hasEntity()) {
            return new byte[0];
        }
        if (request.headers().contentLength().orElse(0) > maxBytes) {
            throw tooLarge.exception();
        }
        try {
            InputStream content = request.content().inputStream();
            byte[] bytes = content.readNBytes(maxBytes + 1);
            if (bytes.length > maxBytes) {
                throw tooLarge.exception();
            }
            return bytes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
