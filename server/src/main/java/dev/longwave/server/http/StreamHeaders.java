package dev.longwave.server.http;

import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.http.ServerResponse;

/**
 * The header fields of a response that is sent piece by piece, which proxies must not hold back.
 */
public final class StreamHeaders {

    /** Without storing it, and without compressing it on the way. */
    public static final Header CACHE_CONTROL =
            HeaderValues.createCached(HeaderNames.CACHE_CONTROL, "no-cache, no-transform");

    private static final Header NO_PROXY_BUFFERING =
            HeaderValues.createCached(HeaderNames.create("X-Accel-Buffering"), "no");

    private StreamHeaders() {}

    /** Sets them. */
    public static void set(ServerResponse response, String contentType) {
        response.header(HeaderValues.create(HeaderNames.CONTENT_TYPE, contentType))
                .header(CACHE_CONTROL)
                .header(NO_PROXY_BUFFERING)
                .header(Responses.NO_REFERRER);
    }
}
