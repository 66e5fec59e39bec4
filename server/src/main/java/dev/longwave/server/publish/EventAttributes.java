package dev.longwave.server.publish;

import dev.longwave.broker.Attributes;
import dev.longwave.server.http.ContentType;
import dev.longwave.server.http.Query;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** Finds the attributes of an event whose data is the whole body of a request. */
final class EventAttributes {
    /*
     * What clients send without being asked says nothing about the data, and leads to no attribute: curl -d
     * declares a form, and fetch() declares a string as text/plain;charset=UTF-8.
     */
    static final String PARAMETER = "attribute.";
    private static final String FORM = "application/x-www-form-urlencoded";
    private static final String PLAIN = "text/plain";
    private static final Pattern PLAIN_UTF_8 =
            Pattern.compile("text/plain *; *charset *= *\"?utf-?8\"? *");

    private EventAttributes() {}

    /**
     * {@return the attributes that the {@code trace} of a request, the {@code type} of its body,
     * and its {@code query} name} A parameter {@code attribute.<name>} takes precedence. Nothing is
     * checked: building the message does that.
     */
    static Map<String, String> of(Map<String, String> trace, ContentType type, Query query) {
        var attributes = new LinkedHashMap<String, String>();
        if (saysSomething(type)) {
            attributes.put(Attributes.CONTENT_TYPE, type.text());
        }
        attributes.putAll(trace);
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
}
