package dev.longwave.server.centrifuge;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A JSON value in the text that a client has sent. It is taken apart where it is: a tree would take
 * many times the memory of the text, and would write some numbers in another way.
 */
final class JsonSlice {

    private static final int ESCAPED_UNIT = 4;

    private final byte[] text;
    private final int from;
    private final int to;

    private JsonSlice(byte[] text, int from, int to) {
        this.text = text;
        this.from = from;
        this.to = to;
    }

    /** {@return the value that a part of {@code text} is, if it is nothing but one} */
    static Optional<JsonSlice> parse(byte[] text, int from, int to) {
        int start = JsonGrammar.spaceEnd(text, from, to);
        int end = JsonGrammar.valueEnd(text, start, to);
        return end == JsonGrammar.NONE || JsonGrammar.spaceEnd(text, end, to) < to
                ? Optional.empty()
                : Optional.of(new JsonSlice(text, start, end));
    }

    /** {@return the same for a whole text} */
    static Optional<JsonSlice> parse(byte[] text) {
        return parse(text, 0, text.length);
    }

    /**
     * {@return the members of this object, in their order}
     *
     * @throws IllegalArgumentException if it is no object, has more than {@code max} members, or
     *     one twice
     */
    Map<String, JsonSlice> members(int max) {
        if (text[from] != '{') {
            throw new IllegalArgumentException("an object was expected");
        }
        var members = new LinkedHashMap<String, JsonSlice>();
        int at = JsonGrammar.spaceEnd(text, from + 1, to);
        while (text[at] != '}') {
            int nameEnd = JsonGrammar.stringEnd(text, at, to);
            String name = new JsonSlice(text, at, nameEnd).text();
            int colon = JsonGrammar.spaceEnd(text, nameEnd, to);
            int start = JsonGrammar.spaceEnd(text, colon + 1, to);
            int end = JsonGrammar.valueEnd(text, start, to);
            if (members.put(name, new JsonSlice(text, start, end)) != null) {
                throw new IllegalArgumentException("an object has a member twice");
            }
            if (members.size() > max) {
                throw new IllegalArgumentException("an object has too many members max=" + max);
            }
            at = JsonGrammar.spaceEnd(text, end, to);
            if (text[at] == ',') {
                at = JsonGrammar.spaceEnd(text, at + 1, to);
            }
        }
        return members;
    }

    boolean isNull() {
        return text[from] == 'n';
    }

    boolean isText() {
        return text[from] == '"';
    }

    /**
     * {@return the text of this string}
     *
     * @throws IllegalArgumentException if it is no string
     */
    String text() {
        if (!isText()) {
            throw new IllegalArgumentException("a string was expected");
        }
        String raw = new String(text, from + 1, to - from - 2, StandardCharsets.UTF_8);
        int escape = raw.indexOf('\\');
        return escape < 0 ? raw : unescaped(raw, escape);
    }

    private static String unescaped(String raw, int firstEscape) {
        var unescaped = new StringBuilder(raw.length()).append(raw, 0, firstEscape);
        int i = firstEscape;
        while (i < raw.length()) {
            char c = raw.charAt(i++);
            if (c != '\\') {
                unescaped.append(c);
                continue;
            }
            char escape = raw.charAt(i++);
            switch (escape) {
                case 'b' -> unescaped.append('\b');
                case 'f' -> unescaped.append('\f');
                case 'n' -> unescaped.append('\n');
                case 'r' -> unescaped.append('\r');
                case 't' -> unescaped.append('\t');
                case 'u' -> {
                    String unit = raw.substring(i, i + ESCAPED_UNIT);
                    unescaped.append((char) Integer.parseInt(unit, 16));
                    i += ESCAPED_UNIT;
                }
                default -> unescaped.append(escape);
            }
        }
        return unescaped.toString();
    }

    /**
     * {@return this whole number}
     *
     * @throws IllegalArgumentException if it is not one, or out of range
     */
    long number() {
        String digits = new String(text, from, to - from, StandardCharsets.UTF_8);
        try {
            return Long.parseLong(digits);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("a whole number was expected", e);
        }
    }

    /**
     * {@return whether this is true}
     *
     * @throws IllegalArgumentException if it is neither true nor false
     */
    boolean flag() {
        return switch (text[from]) {
            case 't' -> true;
            case 'f' -> false;
            default -> throw new IllegalArgumentException("true or false was expected");
        };
    }

    /** {@return how long its text is in bytes} */
    int length() {
        return to - from;
    }

    /** {@return its text, byte for byte} */
    byte[] bytes() {
        return Arrays.copyOfRange(text, from, to);
    }
}
