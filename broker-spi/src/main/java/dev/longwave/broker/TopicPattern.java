package dev.longwave.broker;

import java.util.List;

/**
 * Some topics, by their names: the segments of a topic, in which {@code *} stands for any one
 * segment and a last {@code **} for one or more. All other segments stand for themselves, whatever
 * characters they have.
 */
public final class TopicPattern {

    private static final String ONE = "*";
    private static final String REST = "**";

    private final String text;
    private final List<String> segments;
    private final List<String> fixed; // without a last **
    private final boolean open;

    private TopicPattern(String text, List<String> segments) {
        this.text = text;
        this.segments = segments;
        this.open = segments.getLast().equals(REST);
        this.fixed = open ? segments.subList(0, segments.size() - 1) : segments;
    }

    /**
     * {@return the pattern that {@code text} stands for; a topic's name is one that matches itself}
     *
     * @throws IllegalArgumentException if it has an empty segment, or {@code **} before the last
     *     one
     */
    public static TopicPattern parse(String text) {
        List<String> segments = List.of(text.split("/", -1));
        if (segments.contains("")) {
            throw new IllegalArgumentException("pattern must not have an empty segment");
        }
        if (segments.subList(0, segments.size() - 1).contains(REST)) {
            throw new IllegalArgumentException("pattern may have ** as its last segment only");
        }
        return new TopicPattern(text, segments);
    }

    /**
     * {@return whether {@code text} is no topic but a pattern: whether one of its segments is
     * {@code *} or {@code **}}
     */
    public static boolean isPattern(String text) {
        int star = text.indexOf('*');
        while (star >= 0) {
            int end = text.startsWith(REST, star) ? star + 2 : star + 1;
            boolean begins = star == 0 || text.charAt(star - 1) == '/';
            if (begins && (end == text.length() || text.charAt(end) == '/')) {
                return true;
            }
            star = text.indexOf('*', end);
        }
        return false;
    }

    /** {@return its segments, of which {@code *} may be any and {@code **} the last one} */
    public List<String> segments() {
        return segments;
    }

    /** {@return whether {@code topic} is one of those meant} */
    public boolean matches(String topic) {
        int at = 0;
        for (String segment : fixed) {
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

    /** {@return whether every topic that {@code other} matches is matched by this one as well} */
    public boolean covers(TopicPattern other) {
        // Its wildcards are segments like others to this one's, but that * is not all of **.
        return matches(other.text) && (open || !other.open);
    }

    /** {@return its text} */
    @Override
    public String toString() {
        return text;
    }
}
