package dev.longwave.broker.redis;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the server answered, read as what it has to be.
 *
 * @param value null, bytes, a Long, or a list of such
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

    /** {@return the text of an id or a number, or other ASCII} */
    String text() {
        return Places.text(bytes());
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
                "the server answered something else than expected kind="
                        + (value == null ? "nothing" : value.getClass().getSimpleName()));
    }

    @Override
    public String toString() {
        return "Reply"; // it may hold a payload
    }
}
