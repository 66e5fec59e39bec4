package dev.longwave.broker.redis;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A reply of the server, with typed accessors.
 *
 * @param value null, a byte array, a {@code Long}, or a list of these
 */
record Reply(@Nullable Object value) {

    boolean isNothing() {
        return value == null;
    }

    byte[] bytes() {
        if (value instanceof byte[] bytes) {
            return bytes;
        }
        throw unexpected();
    }

    /** {@return ASCII text, such as an id or a number} */
    String text() {
        return EntryIds.text(bytes());
    }

    String utf8() {
        return new String(bytes(), StandardCharsets.UTF_8);
    }

    long number() {
        return value instanceof Long number ? number : Long.parseLong(text());
    }

    int size() {
        return list().size();
    }

    Reply at(int index) {
        return new Reply(list().get(index));
    }

    List<Reply> items() {
        return list().stream().map(Reply::new).toList();
    }

    private List<?> list() {
        if (value instanceof List<?> list) {
            return list;
        }
        throw unexpected();
    }

    private IllegalStateException unexpected() {
        return new IllegalStateException(
                "unexpected type of reply from the server kind="
                        + (value == null ? "nothing" : value.getClass().getSimpleName()));
    }

    @Override
    public String toString() {
        return "Reply"; // it may contain a payload
    }
}
