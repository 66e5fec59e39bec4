package dev.longwave.server.net.helidon;

/** What a field of a header block must be, in requests and in trailers: RFC 9113, section 8.2. */
final class FieldRules {

    private static final String TOKEN_MARKS = "!#$%&'*+-.^_`|~";
    private static final int MAX_LENGTH_DIGITS = 18;

    private FieldRules() {}

    /**
     * Checks the characters of a field.
     *
     * @throws MalformedRequest if one cannot be where it is
     */
    static void checkCharacters(HeaderField field) {
        String name = field.isPseudo() ? field.name().substring(1) : field.name();
        if (!isToken(name) || hasUpperCase(name)) {
            throw new MalformedRequest(
                    "the name of a header is empty or has a character that names cannot have");
        }
        String value = field.value();
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if ((c < ' ' && c != '\t') || c == 0x7f) {
                throw new MalformedRequest("a header has a control character in its value");
            }
        }
        if (!value.isEmpty()
                && (isSpace(value.charAt(0)) || isSpace(value.charAt(value.length() - 1)))) {
            throw new MalformedRequest("the value of a header begins or ends with white space");
        }
    }

    /** Whether it is a token: RFC 9110, section 5.6.2. */
    static boolean isToken(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean alphanumeric =
                    (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
            if (!alphanumeric && TOKEN_MARKS.indexOf(c) < 0) {
                return false;
            }
        }
        return !text.isEmpty();
    }

    /** Whether the field is for a connection of HTTP/1, and cannot be here: section 8.2.2. */
    static boolean isOfConnection(HeaderField field) {
        return switch (field.name()) {
            case "connection",
                    "keep-alive",
                    "proxy-connection",
                    "transfer-encoding",
                    "upgrade",
                    "http2-settings" ->
                    true;
            case "te" -> !field.value().equals("trailers");
            default -> false;
        };
    }

    /** The number that {@code content-length} says. */
    static long contentLength(String value) {
        boolean digits = value.chars().allMatch(c -> c >= '0' && c <= '9');
        if (value.isEmpty() || value.length() > MAX_LENGTH_DIGITS || !digits) {
            throw new MalformedRequest("content-length is not a number");
        }
        return Long.parseLong(value);
    }

    private static boolean hasUpperCase(String name) {
        return name.chars().anyMatch(c -> c >= 'A' && c <= 'Z');
    }

    private static boolean isSpace(char c) {
        return c == ' ' || c == '\t';
    }
}
