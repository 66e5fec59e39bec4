package dev.longwave.server.auth;

import dev.longwave.broker.TopicPattern;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a client may do, by topic. Nothing is allowed that no pattern allows.
 *
 * @param subscribe the topics it may read, live or from history
 * @param publish the topics it may publish to
 * @param presence the topics of which it may see who else is there
 */
record Permissions(
        List<TopicPattern> subscribe, List<TopicPattern> publish, List<TopicPattern> presence) {

    static final Permissions NONE = new Permissions(List.of(), List.of(), List.of());
    static final Permissions ALL = everything(List.of(TopicPattern.parse("**")));

    /** Stands for the subject of the credential, as one segment of a pattern or a part of one. */
    static final String SUBJECT = "{sub}";

    /** What can be allowed. */
    enum Action {
        SUBSCRIBE,
        PUBLISH,
        PRESENCE
    }

    Permissions {
        subscribe = List.copyOf(subscribe);
        publish = List.copyOf(publish);
        presence = List.copyOf(presence);
    }

    private static Permissions everything(List<TopicPattern> topics) {
        return new Permissions(topics, topics, topics);
    }

    /**
     * {@return the patterns that {@code texts} are for {@code subject}}
     *
     * <p>A pattern with {@value #SUBJECT} allows nothing to a client without a subject, or whose
     * subject would be more than a part of one segment: {@code *} or {@code a/b} would open the
     * topics of others.
     *
     * @throws IllegalArgumentException if one is not a pattern
     */
    static List<TopicPattern> patterns(List<String> texts, @Nullable String subject) {
        var patterns = new ArrayList<TopicPattern>();
        for (String text : texts) {
            if (!text.contains(SUBJECT)) {
                patterns.add(TopicPattern.parse(text));
            } else if (subject != null && isPartOfSegment(subject)) {
                patterns.add(TopicPattern.parse(text.replace(SUBJECT, subject)));
            }
        }
        return patterns;
    }

    private static boolean isPartOfSegment(String subject) {
        return !subject.isEmpty() && subject.indexOf('/') < 0 && subject.indexOf('*') < 0;
    }

    /** {@return what is allowed of {@code topics}, each as a whole} */
    Permissions only(List<TopicPattern> topics) {
        return new Permissions(
                only(subscribe, topics), only(publish, topics), only(presence, topics));
    }

    private static List<TopicPattern> only(List<TopicPattern> allowed, List<TopicPattern> topics) {
        return topics.stream()
                .filter(topic -> allowed.stream().anyMatch(pattern -> pattern.covers(topic)))
                .toList();
    }

    /** {@return what either of the two allows} */
    Permissions plus(Permissions other) {
        return new Permissions(
                both(subscribe, other.subscribe),
                both(publish, other.publish),
                both(presence, other.presence));
    }

    private static List<TopicPattern> both(List<TopicPattern> some, List<TopicPattern> others) {
        return Stream.concat(some.stream(), others.stream()).toList();
    }

    /** {@return whether {@code action} is allowed for {@code topic}, or for all of a pattern} */
    boolean allow(Action action, String topic) {
        List<TopicPattern> allowed =
                switch (action) {
                    case SUBSCRIBE -> subscribe;
                    case PUBLISH -> publish;
                    case PRESENCE -> presence;
                };
        TopicPattern wanted = TopicPattern.parse(topic);
        return allowed.stream().anyMatch(pattern -> pattern.covers(wanted));
    }
}
