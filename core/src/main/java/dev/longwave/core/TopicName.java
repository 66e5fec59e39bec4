package dev.longwave.core;

import dev.longwave.broker.TopicPattern;
import dev.longwave.broker.TopicSyntax;

/** The rules for topic names, and for patterns in their place. */
public final class TopicName {

    /** The first segment of topics that only servers use. Clients cannot name them. */
    public static final String RESERVED = "$longwave";

    /** The longest topic, in bytes of UTF-8. */
    public static final int MAX_BYTES = TopicSyntax.MAX_BYTES;

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
        TopicSyntax.Fault fault = TopicSyntax.fault(name);
        if (fault != null) {
            throw new InvalidTopicException(fault.rule(), fault.detail());
        }
        if (isReserved(name)) {
            throw new InvalidTopicException(
                    "topic-reserved", "topics of " + RESERVED + " are for servers only");
        }
    }

    /** Whether only servers use the topic: clients cannot name it, and patterns do not show it. */
    static boolean isReserved(String name) {
        return name.equals(RESERVED) || name.startsWith(RESERVED + '/');
    }
}
