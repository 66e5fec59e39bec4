package dev.longwave.server.http;

import dev.longwave.server.net.helidon.Exchange;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The content of a request as it arrives: RFC 9110, section 8.4. */
public final class Content {

    static final long UNKNOWN_LENGTH = -1;

    private Content() {}

    /**
     * {@return the content of {@code request} without its coding; empty if it has none} Its {@code
     * read} throws {@link ProblemException} for bytes that are not what the coding says, and else
     * what {@link Exchange#body()} says.
     *
     * @throws ProblemException if the coding is not one that can be decoded
     */
    public static InputStream of(ServerRequest request, Memory memory) {
        boolean gzip = isGzip(request);
        InputStream raw = Exchange.of(request).body();
        return gzip ? new GzipContent(raw, memory.forRequest(request)) : raw;
    }

    /**
     * {@return how long the content will be, as far as the client says so in a way that counts
     * here: {@link #UNKNOWN_LENGTH} otherwise}
     */
    static long length(ServerRequest request) {
        return isGzip(request)
                ? UNKNOWN_LENGTH
                : Exchange.of(request).announcedLength().orElse(UNKNOWN_LENGTH);
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
