package dev.longwave.broker.nats;

import dev.longwave.broker.TopicPattern;
import dev.longwave.broker.TopicSyntax;
import java.util.ArrayList;
import java.util.Optional;

/**
 * The subjects of topics: those that messages are published to, and those they are republished to.
 */
final class Subjects {
    /*
     * Each segment of a topic is one token of the subject, so that patterns can be expressed with the
     * wildcards of NATS. Letters, digits, '-', '_', and '~' are unchanged; every other byte of the
     * segment's UTF-8 form, including the percent sign, is percent-encoded in upper case. An empty
     * segment becomes a lone percent sign, which has no other meaning. So different topics have
     * different subjects, and the topic can be found from the subject.
     */
    private static final String EMPTY_SEGMENT = "%";
    private static final String PROBE = "%00"; // no client can name it

    private final String log;
    private final String live;
    private final String ephemeral;

    Subjects(String prefix) {
        log = prefix + ".events.";
        live = prefix + ".live.";
        ephemeral = prefix + ".ephemeral.";
    }

    /** {@return the subject on which messages of {@code topic} are published and stored} */
    String log(String topic) {
        return log + tokens(topic);
    }

    /** {@return the filter for the stored messages of a topic or pattern} */
    SubjectFilter filter(String topicOrPattern) {
        return new SubjectFilter(
                log + wildcards(topicOrPattern), TopicPattern.isPattern(topicOrPattern));
    }

    /**
     * {@return the subject of the republished messages of a topic or, with wildcards, a pattern}
     */
    String live(String topicOrPattern) {
        return live + wildcards(topicOrPattern);
    }

    /** {@return the subject of the ephemeral messages of a topic or, with wildcards, a pattern} */
    String ephemeral(String topicOrPattern) {
        return ephemeral + wildcards(topicOrPattern);
    }

    /** {@return a wildcard for the subjects of all stored messages} */
    String allOfLog() {
        return log + '>';
    }

    /** {@return a wildcard for the subjects of all republished messages} */
    String allLive() {
        return live + '>';
    }

    /** {@return whether {@code subject} is one on which messages of topics are stored} */
    boolean isOfLog(String subject) {
        return subject.startsWith(log);
    }

    /**
     * {@return the topic whose messages are stored on {@code subject}; nothing if it is not the
     * subject of a topic, but of another application's making}
     */
    Optional<String> topic(String subject) {
        return topicOf(log, subject);
    }

    /** {@return the topic whose ephemeral messages are sent on {@code subject}, as in topic()} */
    Optional<String> ephemeralTopic(String subject) {
        return topicOf(ephemeral, subject);
    }

    /** {@return a subject that is stored, and is not that of a topic} */
    String probe() {
        return log + PROBE;
    }

    private static Optional<String> topicOf(String prefix, String subject) {
        String tokens = subject.substring(prefix.length());
        String topic = topicOf(tokens);
        boolean isSubject = TopicSyntax.fault(topic) == null && tokens(topic).equals(tokens);
        return isSubject && !TopicPattern.isPattern(topic) ? Optional.of(topic) : Optional.empty();
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

    /** {@return the tokens of {@code topic}} */
    static String tokens(String topic) {
        var tokens = new ArrayList<String>();
        for (String segment : topic.split("/", -1)) {
            tokens.add(
                    segment.isEmpty()
                            ? EMPTY_SEGMENT
                            : PercentEncoding.encode(segment, Subjects::isPlain));
        }
        return String.join(".", tokens);
    }

    /** {@return the topic with these tokens} */
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
