package dev.longwave.core;

import java.util.List;

/**
 * Which topics a rule is for: a topic's name, in which a segment may be {@code *}, any one segment,
 * and the last segment {@code **}, one or more.
 */
public final class TopicPattern {

    private static final String ONE = "*";
    private static final String REST = "**";

    private final String text;
    private final List<String> segments;
    private final boolean open;

    private TopicPattern(String text, List<String> segments, boolean open) {
        this.text = text;
        this.segments = segments;
        this.open = open;
    }

    /**
     * {@return the pattern that {@code text} stands for}
     *
     * @throws InvalidTopicException if it has an empty segment, or {@code **} before the last one
     */
    public static TopicPattern parse(String text) {
        List<String> segments = List.of(text.split("/", -1));
        if (segments.contains("")) {
            throw new InvalidTopicException(
                    "topic-segment", "pattern must not have an empty segment");
        }
        boolean open = segments.getLast().equals(REST);
        List<String> fixed = open ? segments.subList(0, segments.size() - 1) : segments;
        if (fixed.contains(REST)) {
            throw new InvalidTopicException(
                    "topic-pattern", "pattern may have ** as its last segment only");
        }
        return new TopicPattern(text, List.copyOf(fixed), open);
    }

    /** {@return whether {@code topic} is one of those meant} */
    public boolean matches(String topic) {
        int at = 0;
        for (String segment : segments) {
            if (at > topic.length()) {
                return false;
            }
            int slash = topic.indexOf('/', at);
            int segmentEnd = slash < 0 ? topic.length() : slash;
            boolean same =
                    segment.equals(ONE)
                            || (segmentEnd - at == segment.length()
                                    && topic.startsWith(segment, at));
            if (!same) {
                return false;
            }
            at = segmentEnd + 1;
        }
        return open ? at < topic.length() : at > topic.length();
    }

    @Override
    public String toString() {
        return text;
    }
}
