package dev.longwave.server.http;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import java.util.List;
import java.util.Locale;

/**
 * The media type of a request's body: RFC 9110, section 8.3. What is not a media type counts as
 * none, since clients send all kinds of things without being asked.
 *
 * @param essence type and subtype, in lower case; empty if there is none
 * @param text all of it, with its parameters if they are printable; empty if there is none
 */
public record ContentType(String essence, String text) {
    /*
     * Every request that publishes an event comes here, so this is done without regular expressions.
     */
    private static final ContentType NONE = new ContentType("", "");
    private static final int MAX_NAME_LENGTH = 127; // RFC 6838, section 4.2
    private static final int MAX_TEXT_LENGTH = 512;
    private static final String SYMBOLS =
            "!#$%&'*+.^_`|~-"; // of a token, beside letters and digits

    /** {@return the media type of the body of {@code request}} */
    public static ContentType of(ServerRequest request) {
        if (!request.headers().contains(HeaderNames.CONTENT_TYPE)) {
            return NONE;
        }
        List<String> values = request.headers().get(HeaderNames.CONTENT_TYPE).allValues();
        return values.size() == 1 ? parsed(values.getFirst()) : NONE;
    }

    static ContentType parsed(String value) {
        String text = value.strip();
        int parameters = text.indexOf(';');
        String essence =
                (parameters < 0 ? text : text.substring(0, parameters).strip())
                        .toLowerCase(Locale.ROOT);
        int slash = essence.indexOf('/');
        if (slash < 0
                || !isName(essence, 0, slash)
                || !isName(essence, slash + 1, essence.length())) {
            return NONE;
        }
        return new ContentType(essence, isPrintable(text) ? text : essence);
    }

    /** Whether there is one. */
    public boolean isPresent() {
        return !essence.isEmpty();
    }

    /** Whether type and subtype are {@code essence}, which is in lower case. */
    public boolean is(String essence) {
        return this.essence.equals(essence);
    }

    private static boolean isName(String text, int from, int to) {
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && SYMBOLS.indexOf(c) < 0) {
                return false;
            }
        }
        return to > from && to - from <= MAX_NAME_LENGTH;
    }

    private static boolean isPrintable(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < ' ' || text.charAt(i) > '~') {
                return false;
            }
        }
        return text.length() <= MAX_TEXT_LENGTH;
    }
}
