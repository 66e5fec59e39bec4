package dev.longwave.server.publish;

import dev.longwave.broker.Attributes;
import dev.longwave.server.http.ContentType;
import dev.longwave.server.http.Query;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** Finds the attributes of an event whose data is the whole body of a request. */
final class EventAttributes {
    /*
     * What clients send without being asked says nothing about the data, and leads to no attribute: curl -d
     * declares a form, and fetch() declares a string as text/plain;charset=UTF-8.
     *
     * A trace's headers are added by libraries and proxies, so one that is malformed is ignored, as W3C Trace
     * Context, section 3.4, demands, and no reason to refuse the event.
     */
    static final String PARAMETER = "attribute.";
    private static final HeaderName TRACEPARENT = HeaderNames.create(Attributes.TRACEPARENT);
    private static final HeaderName TRACESTATE = HeaderNames.create(Attributes.TRACESTATE);
    private static final Pattern TRACEPARENT_FORM =
            Pattern.compile("[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(-[!-~]*)?");
    private static final Pattern TRACESTATE_FORM = Pattern.compile("[!-~]([ -~]*[!-~])?");
    private static final int MAX_TRACE_LENGTH = 512;
    private static final String FORM = "application/x-www-form-urlencoded";
    private static final String PLAIN = "text/plain";
    private static final Pattern PLAIN_UTF_8 =
            Pattern.compile("text/plain *; *charset *= *\"?utf-?8\"? *");

    private EventAttributes() {}

    /**
     * {@return the attributes that {@code request}, the type of its body, and its {@code query}
     * name} A parameter {@code attribute.<name>} takes precedence over a header. Nothing is
     * checked: building the message does that.
     */
    static Map<String, String> of(ServerRequest request, ContentType type, Query query) {
        var attributes = new LinkedHashMap<String, String>();
        if (saysSomething(type)) {
            attributes.put(Attributes.CONTENT_TYPE, type.text());
        }
        attributes.putAll(trace(request));
        addParameters(query, attributes);
        return attributes;
    }

    private static boolean saysSomething(ContentType type) {
        return switch (type.essence()) {
            case "", FORM -> false;
            case PLAIN ->
                    !type.text().equalsIgnoreCase(PLAIN)
                            && !PLAIN_UTF_8.matcher(type.text().toLowerCase(Locale.ROOT)).matches();
            default -> true;
        };
    }

    /** Adds those that {@code query} names. */
    static void addParameters(Query query, Map<String, String> attributes) {
        for (String name : query.names()) {
            if (name.startsWith(PARAMETER)) {
                attributes.put(name.substring(PARAMETER.length()), query.value(name).orElse(""));
            }
        }
    }

    /** {@return the trace that {@code request} belongs to, as attributes; none if it says none} */
    static Map<String, String> trace(ServerRequest request) {
        if (!request.headers().contains(TRACEPARENT)) {
            return Map.of();
        }
        String parent = header(request, TRACEPARENT);
        if (!isTrace(TRACEPARENT_FORM, parent)) {
            return Map.of();
        }
        String state = header(request, TRACESTATE);
        return isTrace(TRACESTATE_FORM, state)
                ? Map.of(Attributes.TRACEPARENT, parent, Attributes.TRACESTATE, state)
                : Map.of(Attributes.TRACEPARENT, parent);
    }

    private static boolean isTrace(Pattern form, String value) {
        return value.length() <= MAX_TRACE_LENGTH && form.matcher(value).matches();
    }

    private static String header(ServerRequest request, HeaderName name) {
        return request.headers().contains(name)
                ? String.join(",", request.headers().get(name).allValues()).strip()
                : "";
    }
}
