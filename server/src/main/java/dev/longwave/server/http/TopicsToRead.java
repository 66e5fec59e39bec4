package dev.longwave.server.http;

import dev.longwave.broker.TopicPattern;
import dev.longwave.core.Hub;
import dev.longwave.core.TopicName;
import io.helidon.webserver.http.ServerRequest;
import java.util.LinkedHashSet;
import java.util.SequencedSet;

/** What a request wants to read: topics, and patterns if the broker has them. */
public final class TopicsToRead {

    private final Hub hub;
    private final String brokerType;

    /**
     * @param brokerType what to call the broker if it has no patterns
     */
    public TopicsToRead(Hub hub, String brokerType) {
        this.hub = hub;
        this.brokerType = brokerType;
    }

    /**
     * {@return the topic or pattern in the path of {@code request}}
     *
     * @throws dev.longwave.core.InvalidTopicException if it breaks a rule
     * @throws dev.longwave.server.problem.ProblemException if there is none, it is not
     *     percent-encoded UTF-8, or a pattern that the broker cannot have
     */
    public String inPath(ServerRequest request) {
        return TopicPath.name(request)
                .map(this::checked)
                .orElseThrow(() -> Problem.noTopic().exception());
    }

    /**
     * {@return the topics and patterns in the path of {@code request} and in its {@code query}, one
     * or more}
     *
     * @throws dev.longwave.core.InvalidTopicException if one breaks a rule
     * @throws dev.longwave.server.problem.ProblemException as {@link #inPath} does, or if there are
     *     more than {@code max}
     */
    public SequencedSet<String> all(ServerRequest request, Query query, int max) {
        SequencedSet<String> names = new LinkedHashSet<>();
        TopicPath.name(request).map(this::checked).ifPresent(names::add);
        query.values("topic").forEach(name -> names.add(checked(name)));
        if (names.isEmpty()) {
            throw Problem.noTopic().exception();
        }
        if (names.size() > max) {
            throw Problem.tooManyTopics(names.size(), max).exception();
        }
        return names;
    }

    private String checked(String name) {
        String valid = TopicName.checkedOrPattern(name);
        if (TopicPattern.isPattern(valid) && !hub.hasPatterns()) {
            throw Problem.patternsUnsupported(brokerType).exception();
        }
        return valid;
    }
}
