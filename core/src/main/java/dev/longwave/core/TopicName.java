package dev.longwave.core;

import dev.longwave.broker.TopicPattern;
import java.nio.charset.StandardCharsets;

/** The rules for topic names, and for patterns in their place. */
public final class TopicName {

    /** The first segment of topics that only servers use. Clients cannot name them. */
    public static final String RESERVED = "$longwave";

    /** The longest topic, in bytes of UTF-8. */
    public static final int MAX_BYTES = 255;

    private TopicName() {}

    /**
     * {@return {@code name}, if it is the name of a topic: segments separated by {@code /}, none of
     * them empty, without control, format and unpaired surrogate characters, and without the
     * pattern segments {@code *} and {@code **}; 1 to {@value #MAX_BYTES} bytes of UTF-8}
     *
     * @throws InvalidTopicException naming the rule that is broken
     */
    public static String checked(String name) {
        checkText(name);
        if (TopicPattern.isPattern(name)) {
            throw new InvalidTopicException("topic-pattern", "topic must not be a pattern");
        }
        return name;
    }

    /**
     * {@return {@code name}, if it is the name of a topic, or a {@link TopicPattern} for which
     * otherwise the same rules hold}
     *
     * @throws InvalidTopicException naming the rule that is broken
     */
    public static String checkedOrPattern(String name) {
        checkText(name);
        try {
            var _ = TopicPattern.parse(name);
        } catch (IllegalArgumentException _) {
            throw new InvalidTopicException(
                    "topic-pattern", "pattern may have ** as its last segment only");
        }
        return name;
    }

    private static void checkText(String name) {
        int bytes = name.getBytes(StandardCharsets.UTF_8).length;
        if (bytes == 0 || bytes > MAX_BYTES) {
            throw new InvalidTopicException(
                    "topic-length",
                    "topic must have 1 to %d bytes of UTF-8 length=%d".formatted(MAX_BYTES, bytes));
        }
        name.codePoints().forEach(TopicName::checkCharacter);
        if (isReserved(name)) {
            throw new InvalidTopicException(
                    "topic-reserved", "topics of " + RESERVED + " are for servers only");
        }
        if (name.startsWith("/") || name.endsWith("/") || name.contains("//")) {
            throw new InvalidTopicException(
                    "topic-segment", "topic must not have an empty segment");
        }
    }

    /** Whether only servers use the topic: clients cannot name it, and patterns do not show it. */
    static boolean isReserved(String name) {
        return name.equals(RESERVED) || name.startsWith(RESERVED + '/');
    }

    private static void checkCharacter(int codePoint) {
        switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR ->
                    throw new InvalidTopicException(
                            "topic-character",
                            "topic must not have control or format characters codePoint=U+%04X"
                                    .formatted(codePoint));
            default -> {
                // Any other character may be in a topic.
            }
        }
    }
}
