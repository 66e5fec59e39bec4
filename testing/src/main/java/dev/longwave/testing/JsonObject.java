package dev.longwave.testing;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A JSON object (RFC 8259), as Longwave sends it about an event. */
final class JsonObject {

    private final Map<String, @Nullable String> members;

    private JsonObject(Map<String, @Nullable String> members) {
        this.members = members;
    }

    /**
     * Parses {@code text}, all of it.
     *
     * @throws IllegalArgumentException if it is no such object
     */
    static JsonObject parse(String text) {
        return new JsonObject(new Parser(text).whole());
    }

    /**
     * {@return a string, or any other value as it is written}
     *
     * @throws IllegalArgumentException if it is null, or there is no such member
     */
    String required(String name) {
        String value = nullable(name);
        if (value == null) {
            throw new IllegalArgumentException("null where a value is required member=" + name);
        }
        return value;
    }

    /**
     * {@return an object}
     *
     * @throws IllegalArgumentException if it is something else, or there is no such member
     */
    JsonObject object(String name) {
        return parse(required(name));
    }

    /**
     * {@return an array of objects}
     *
     * @throws IllegalArgumentException if it is something else, or there is no such member
     */
    List<JsonObject> objects(String name) {
        var parser = new Parser(required(name));
        return parser.array().stream().map(JsonObject::parse).toList();
    }

    /** {@return whether there is such a member} */
    boolean has(String name) {
        return members.containsKey(name);
    }

    /**
     * {@return the same, or null where that is the value}
     *
     * @throws IllegalArgumentException if there is no such member
     */
    @Nullable String nullable(String name) {
        if (!members.containsKey(name)) {
            throw new IllegalArgumentException("a member is missing member=" + name);
        }
        return members.get(name);
    }

    private static final class Parser {
        private static final char END = '\0';

        private final String text;
        private int at;

        Parser(String text) {
            this.text = text;
        }

        Map<String, @Nullable String> object() {
            var members = new LinkedHashMap<String, @Nullable String>();
            skip('{');
            if (peek() == '}') {
                at++;
            } else {
                do {
                    String name = string();
                    skip(':');
                    members.put(name, value());
                } while (skip(",}") == ',');
            }
            return members;
        }

        /** The elements of an array, as they are written. */
        List<String> array() {
            var elements = new ArrayList<String>();
            skip('[');
            if (peek() == ']') {
                at++;
            } else {
                do {
                    var _ = peek();
                    int start = at;
                    var _ = value();
                    elements.add(text.substring(start, at));
                } while (skip(",]") == ',');
            }
            return elements;
        }

        private @Nullable String value() {
            char first = peek();
            int start = at;
            return switch (first) {
                case '"' -> string();
                case '{' -> {
                    var _ = object();
                    yield text.substring(start, at);
                }
                case '[' -> {
                    var _ = array();
                    yield text.substring(start, at);
                }
                default -> literal();
            };
        }

        Map<String, @Nullable String> whole() {
            Map<String, @Nullable String> members = object();
            if (peek() != END) {
                throw wrong("the end");
            }
            return members;
        }

        /** The next character that is no white space, {@link #END} if there is none. */
        private char peek() {
            while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
                at++;
            }
            return at < text.length() ? text.charAt(at) : END;
        }

        private void skip(char expected) {
            skip(String.valueOf(expected));
        }

        /** Skips one of the characters {@code expected}, and returns it. */
        private char skip(String expected) {
            char next = peek();
            if (next == END || expected.indexOf(next) < 0) {
                throw wrong("one of " + expected);
            }
            at++;
            return next;
        }

        private String string() {
            skip('"');
            var value = new StringBuilder();
            while (at < text.length() && text.charAt(at) != '"') {
                char c = text.charAt(at++);
                if (c < ' ') {
                    throw wrong("an escape for a control character");
                }
                value.append(c == '\\' ? escaped() : c);
            }
            skip('"');
            return value.toString();
        }

        private char escaped() {
            if (at == text.length()) {
                throw wrong("an escape");
            }
            char c = text.charAt(at++);
            return switch (c) {
                case '"', '\\', '/' -> c;
                case 'b' -> '\b';
                case 'f' -> '\f';
                case 'n' -> '\n';
                case 'r' -> '\r';
                case 't' -> '\t';
                case 'u' -> {
                    int end = Math.min(at + 4, text.length());
                    if (!text.substring(at, end).matches("[0-9A-Fa-f]{4}")) {
                        throw wrong("four hexadecimal digits");
                    }
                    at = end;
                    yield (char) Integer.parseInt(text, at - 4, at, 16);
                }
                default -> throw wrong("an escape");
            };
        }

        private @Nullable String literal() {
            int start = at;
            while (at < text.length() && ",]} \t\r\n".indexOf(text.charAt(at)) < 0) {
                at++;
            }
            String value = text.substring(start, at);
            if (!value.matches("null|true|false|-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?")) {
                at = start;
                throw wrong("a value");
            }
            return value.equals("null") ? null : value;
        }

        private IllegalArgumentException wrong(String expected) {
            return new IllegalArgumentException(
                    "not a JSON object: expected %s at %d of %s".formatted(expected, at, text));
        }
    }
}
