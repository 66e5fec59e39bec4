package dev.longwave.broker.nats;

import dev.longwave.broker.TopicPattern;
import java.util.ArrayList;
import java.util.regex.Pattern;

/** The subjects of topics: where they are published to, and where the stream republishes them. */
final class Subjects {
    /*
     * A segment of a topic is a token of a subject, so that what matches segments can be said with
     * the wildcards of NATS. Letters, digits, '-', '_' and '~' stand for themselves; every other
     * byte of the segment's UTF-8, the percent sign too, is percent-encoded in upper case. A segment
     * without any character is a lone percent sign, which stands for nothing else. So each topic has
     * a subject of its own, and a subject that was made here has one topic.
     */
    private static final String EMPTY_SEGMENT = "%";
    private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}|[\\x80-\\x9f]");

    private final String log;
    private final String live;

    Subjects(String prefix) {
        log = prefix + ".events.";
        live = prefix + ".live.";
    }

    /** {@return the subject on which {@code topic} is published and stored} */
    String log(String topic) {
        return log + tokens(topic);
    }

    /** {@return what matches that which is stored of a topic, or of all topics of a pattern} */
    SubjectFilter filter(String topicOrPattern) {
        return new SubjectFilter(log + wildcards(topicOrPattern), TopicPattern.isPattern(topicOrPattern));
    }

    /** {@return what matches that which is republished of a topic, or of all of a pattern} */
    String live(String topicOrPattern) {
        return live + wildcards(topicOrPattern);
    }

    /** {@return what matches all topics, as stored} */
    String allOfLog() {
        return log + '>';
    }

    /** {@return what matches all topics, as republished} */
    String allLive() {
        return live + '>';
    }

    /**
     * {@return the topic that is stored at {@code subject}; if somebody else made that subject,
     * with no character that a topic cannot have}
     */
    String topic(String subject) {
        String topic = topicOf(subject.substring(log.length()));
        return topic.chars().anyMatch(Character::isISOControl)
                ? CONTROL.matcher(topic).replaceAll("\uFFFD")
                : topic;
    }

    private static String wildcards(String topicOrPattern) {
        if (!TopicPattern.isPattern(topicOrPattern)) {
            return tokens(topicOrPattern);
        }
        var tokens = new ArrayList<String>();
        String[] segments = topicOrPattern.split("/", -1);
        for (int i = 0; i < segments.length; i++) {
            boolean last = i == segments.length - 1;
            tokens.add(
                    switch (segments[i]) {
                        case "*" -> "*";
                        case "**" -> last ? ">" : tokens(segments[i]);
                        default -> tokens(segments[i]);
                    });
        }
        return String.join(".", tokens);
    }

    /** {@return the tokens that {@code topic} becomes} */
    static String tokens(String topic) {
        var tokens = new ArrayList<String>();
        for (String segment : topic.split("/", -1)) {
            tokens.add(
                    segment.isEmpty() ? EMPTY_SEGMENT : PercentEncoding.encode(segment, Subjects::isPlain));
        }
        return String.join(".", tokens);
    }

    /** {@return the topic that became {@code tokens}} */
    static String topicOf(String tokens) {
        var segments = new ArrayList<String>();
        for (String token : tokens.split("\\.", -1)) {
            segments.add(token.equals(EMPTY_SEGMENT) ? "" : PercentEncoding.decode(token));
        }
        return String.join("/", segments);
    }

    private static boolean isPlain(int b) {
        return (b >= 'a' && b <= 'z')
                || (b >= 'A' && b <= 'Z')
                || (b >= '0' && b <= '9')
                || b == '-'
                || b == '_'
                || b == '~';
    }
}
