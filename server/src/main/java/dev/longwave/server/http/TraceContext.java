package dev.longwave.server.http;

import dev.longwave.broker.Attributes;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The trace that a request belongs to, and the span in it that has caused what follows: W3C Trace
 * Context.
 *
 * @param parent {@code traceparent}
 * @param state {@code tracestate}; empty for none
 */
public record TraceContext(String parent, String state) {
    /*
     * Its headers are added by libraries and proxies, so one that is malformed is ignored, as section 3.4 demands, and no
     * reason to refuse a request.
     */
    private static final HeaderName TRACEPARENT = HeaderNames.create(Attributes.TRACEPARENT);
    private static final HeaderName TRACESTATE = HeaderNames.create(Attributes.TRACESTATE);
    private static final Pattern TRACEPARENT_FORM =
            Pattern.compile("[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(-[!-~]*)?");
    private static final Pattern TRACESTATE_FORM = Pattern.compile("[!-~]([ -~]*[!-~])?");
    private static final int MAX_LENGTH = 512;

    /** {@return what the headers of {@code request} say; empty if they say nothing valid} */
    public static Optional<TraceContext> of(ServerRequest request) {
        if (!request.headers().contains(TRACEPARENT)) {
            return Optional.empty();
        }
        String parent = header(request, TRACEPARENT);
        if (!isValid(TRACEPARENT_FORM, parent)) {
            return Optional.empty();
        }
        String state = header(request, TRACESTATE);
        return Optional.of(new TraceContext(parent, isValid(TRACESTATE_FORM, state) ? state : ""));
    }

    private static boolean isValid(Pattern form, String value) {
        return value.length() <= MAX_LENGTH && form.matcher(value).matches();
    }

    private static String header(ServerRequest request, HeaderName name) {
        return request.headers().contains(name)
                ? String.join(",", request.headers().get(name).allValues()).strip()
                : "";
    }

    /** {@return the attributes of an event that belongs to it} */
    public Map<String, String> attributes() {
        return state.isEmpty()
                ? Map.of(Attributes.TRACEPARENT, parent)
                : Map.of(Attributes.TRACEPARENT, parent, Attributes.TRACESTATE, state);
    }
}
