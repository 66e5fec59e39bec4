package dev.longwave.broker;

import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** What the text of a topic's name, or of a pattern, may be. */
public final class TopicSyntax {

    /** The longest topic, in bytes of UTF-8. */
    public static final int MAX_BYTES = 255;

    private TopicSyntax() {}

    /**
     * A rule that a name breaks.
     *
     * @param rule its name: {@code topic-length}, {@code topic-character}, or {@code topic-segment}
     * @param detail what is wrong, in words
     */
    public record Fault(String rule, String detail) {}

    /**
     * {@return which rule {@code name} breaks; null if it has 1 to {@value #MAX_BYTES} bytes of
     * UTF-8, no control, format, and unpaired surrogate characters, and no empty segment between
     * slashes}
     */
    public static @Nullable Fault fault(String name) {
        int bytes = name.getBytes(StandardCharsets.UTF_8).length;
        if (bytes == 0 || bytes > MAX_BYTES) {
            return new Fault(
                    "topic-length",
                    "topic must have 1 to %d bytes of UTF-8 length=%d".formatted(MAX_BYTES, bytes));
        }
        OptionalInt forbidden = name.codePoints().filter(TopicSyntax::isForbidden).findFirst();
        if (forbidden.isPresent()) {
            return new Fault(
                    "topic-character",
                    "topic must not have control or format characters codePoint=U+%04X"
                            .formatted(forbidden.getAsInt()));
        }
        if (name.startsWith("/") || name.endsWith("/") || name.contains("//")) {
            return new Fault("topic-segment", "topic must not have an empty segment");
        }
        return null;
    }

    private static boolean isForbidden(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR ->
                    true;
            default -> false;
        };
    }
}
