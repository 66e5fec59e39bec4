package dev.longwave.broker;

import java.util.Locale;

/** What a content type says of data: RFC 9110, section 8.3.1. */
final class MediaType {

    private static final String TOKEN_PUNCTUATION = "!#$%&'*+-.^_`|~";

    private MediaType() {}

    /** {@return whether {@code value} begins with a type and a subtype; parameters may follow} */
    static boolean isValid(String value) {
        String essence = essence(value);
        int slash = essence.indexOf('/');
        return slash > 0
                && isToken(essence.substring(0, slash))
                && isToken(essence.substring(slash + 1));
    }

    /** {@return whether data of this type is text: {@code text/*}, JSON, and {@code *+json}} */
    static boolean isText(String value) {
        String essence = essence(value);
        return essence.startsWith("text/")
                || essence.equals("application/json")
                || essence.endsWith("+json");
    }

    private static String essence(String value) {
        int parameters = value.indexOf(';');
        return (parameters < 0 ? value : value.substring(0, parameters))
                .strip()
                .toLowerCase(Locale.ROOT);
    }

    private static boolean isToken(String text) {
        return !text.isEmpty()
                && text.chars()
                        .allMatch(c ->
                                (c >= 'a' && c <= 'z')
                                        || (c >= '0' && c <= '9')
                                        || TOKEN_PUNCTUATION.indexOf(c) >= 0);
    }
}
