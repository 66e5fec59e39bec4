package dev.longwave.core;

import java.nio.charset.StandardCharsets;

/** The rules for topic names. */
public final class TopicName {

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
        int bytes = name.getBytes(StandardCharsets.UTF_8).length;
        if (bytes == 0 || bytes > MAX_BYTES) {
            throw new InvalidTopicException(
                    "topic-length",
                    "topic must have 1 to %d bytes of UTF-8 length=%d".formatted(MAX_BYTES, bytes));
        }
        name.codePoints().forEach(TopicName::checkCharacter);
        for (String segment : name.split("/", -1)) {
            if (segment.isEmpty()) {
                throw new InvalidTopicException(
                        "topic-segment", "topic must not have an empty segment");
            }
            if (segment.equals("*") || segment.equals("**")) {
                throw new InvalidTopicException(
                        "topic-pattern", "topic must not be a pattern segment=" + segment);
            }
        }
        return name;
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
