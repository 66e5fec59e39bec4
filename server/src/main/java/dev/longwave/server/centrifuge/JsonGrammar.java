package dev.longwave.server.centrifuge;

/** Finds where a JSON value ends: RFC 8259. */
final class JsonGrammar {
    /*
     * Strict, as JSON.parse is: what passes here is put into frames unchanged, and one wrong byte would make clients drop
     * the whole frame. Bytes of UTF-8 beyond ASCII are only looked at as a part of a string, where all are allowed.
     */
    static final int NONE = -1;

    /** What is nested deeper is not taken for JSON: parsers of clients have limits too. */
    private static final int MAX_DEPTH = 100;

    private final byte[] text;
    private final int end;

    private JsonGrammar(byte[] text, int end) {
        this.text = text;
        this.end = end;
    }

    /** {@return where the value ends that begins at {@code from}, or {@link #NONE}} */
    static int valueEnd(byte[] text, int from, int to) {
        return new JsonGrammar(text, to).value(from, 0);
    }

    /** {@return where the string ends that begins at {@code from}, or {@link #NONE}} */
    static int stringEnd(byte[] text, int from, int to) {
        return from < to && text[from] == '"' ? new JsonGrammar(text, to).string(from) : NONE;
    }

    /** {@return the first place from {@code from} on that is not white space} */
    static int spaceEnd(byte[] text, int from, int to) {
        int at = from;
        while (at < to && isSpace(text[at])) {
            at++;
        }
        return at;
    }

    private static boolean isSpace(byte b) {
        return b == ' ' || b == '\t' || b == '\n' || b == '\r';
    }

    private int value(int at, int depth) {
        if (at >= end || depth > MAX_DEPTH) {
            return NONE;
        }
        return switch (text[at]) {
            case '{' -> container(at, depth, '}');
            case '[' -> container(at, depth, ']');
            case '"' -> string(at);
            case 't' -> word(at, "true");
            case 'f' -> word(at, "false");
            case 'n' -> word(at, "null");
            default -> number(at);
        };
    }

    private int container(int start, int depth, char close) {
        int at = spaceEnd(text, start + 1, end);
        if (is(at, close)) {
            return at + 1;
        }
        while (true) {
            if (close == '}') {
                at = name(at);
            }
            at = at == NONE ? NONE : value(at, depth + 1);
            if (at == NONE) {
                return NONE;
            }
            at = spaceEnd(text, at, end);
            if (is(at, close)) {
                return at + 1;
            }
            if (!is(at, ',')) {
                return NONE;
            }
            at = spaceEnd(text, at + 1, end);
        }
    }

    /** A member's name and the colon, up to its value. */
    private int name(int at) {
        if (!is(at, '"')) {
            return NONE;
        }
        int nameEnd = string(at);
        if (nameEnd == NONE) {
            return NONE;
        }
        int colon = spaceEnd(text, nameEnd, end);
        return is(colon, ':') ? spaceEnd(text, colon + 1, end) : NONE;
    }

    private boolean is(int at, char c) {
        return at < end && text[at] == c;
    }

    private int word(int at, String word) {
        for (int i = 0; i < word.length(); i++) {
            if (!is(at + i, word.charAt(i))) {
                return NONE;
            }
        }
        return at + word.length();
    }

    private int string(int start) {
        for (int at = start + 1; at < end; at++) {
            byte b = text[at];
            if (b == '"') {
                return at + 1;
            }
            if (b >= 0 && b < ' ') {
                return NONE;
            }
            if (b == '\\') {
                int escape = escape(at + 1);
                if (escape == NONE) {
                    return NONE;
                }
                at = escape;
            }
        }
        return NONE;
    }

    /** The last byte of an escape, whose first one after the backslash is at {@code at}. */
    private int escape(int at) {
        if (at >= end) {
            return NONE;
        }
        if (text[at] != 'u') {
            return "\"\\/bfnrt".indexOf(text[at]) < 0 ? NONE : at;
        }
        for (int i = 1; i <= 4; i++) {
            if (at + i >= end || text[at + i] < 0 || Character.digit(text[at + i], 16) < 0) {
                return NONE;
            }
        }
        return at + 4;
    }

    private int number(int start) {
        int at = is(start, '-') ? start + 1 : start;
        at = is(at, '0') ? at + 1 : digits(at);
        if (at != NONE && is(at, '.')) {
            at = digits(at + 1);
        }
        if (at != NONE && (is(at, 'e') || is(at, 'E'))) {
            at++;
            at = digits(is(at, '+') || is(at, '-') ? at + 1 : at);
        }
        return at;
    }

    /** One digit or more. */
    private int digits(int start) {
        int at = start;
        while (at < end && text[at] >= '0' && text[at] <= '9') {
            at++;
        }
        return at == start ? NONE : at;
    }
}
