package dev.longwave.server.http;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The content of a request as it arrives: RFC 9110, section 8.4. */
public final class Content {

    static final long UNKNOWN_LENGTH = -1;

    private Content() {}

    /**
     * {@return the content of {@code request} without its coding, or null if it has none} Its
     * {@code read} throws {@link ProblemException} for bytes that are not what the coding says.
     *
     * @throws ProblemException if the coding is not one that can be decoded
     */
    public static @Nullable InputStream of(ServerRequest request, Memory memory) {
        boolean gzip = isGzip(request);
        if (!request.content().hasEntity()) {
            return null;
        }
        InputStream raw = request.content().inputStream();
        return gzip ? new GzipContent(raw, memory.forRequest(request)) : raw;
    }

    /**
     * {@return how long the content will be, as far as the client says so in a way that counts
     * here: {@link #UNKNOWN_LENGTH} otherwise}
     */
    static long length(ServerRequest request) {
        if (!request.headers().contains(HeaderNames.CONTENT_LENGTH) || isGzip(request)) {
            return UNKNOWN_LENGTH;
        }
        try {
            long length = Long.parseLong(request.headers().get(HeaderNames.CONTENT_LENGTH).get());
            return Math.max(UNKNOWN_LENGTH, length);
        } catch (NumberFormatException _) {
            return UNKNOWN_LENGTH; // it is for the protocol to refuse
        }
    }

    private static boolean isGzip(ServerRequest request) {
        if (!request.headers().contains(HeaderNames.CONTENT_ENCODING)) {
            return false;
        }
        var codings = new ArrayList<String>();
        for (String value : request.headers().get(HeaderNames.CONTENT_ENCODING).allValues()) {
            for (String coding : value.split(",", -1)) {
                String word = coding.strip().toLowerCase(Locale.ROOT);
                if (!word.isEmpty() && !word.equals("identity")) {
                    codings.add(word);
                }
            }
        }
        if (codings.isEmpty()) {
            return false;
        }
        if (codings.equals(List.of("gzip")) || codings.equals(List.of("x-gzip"))) {
            return true;
        }
        throw Problem.unsupportedCoding().exception();
    }
}
