package dev.longwave.server.ws;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longwave.broker.TopicPattern;
import dev.longwave.core.TopicName;
import dev.longwave.server.auth.Identity;
import dev.longwave.server.http.Problem;
import dev.longwave.server.publish.EventPublisher;
import java.util.List;
import java.util.Set;

/** Publishes what the client of one connection to the raw endpoint sends. */
final class RawPublishing {

    static final String TOPIC = "topic";
    static final String REF = "ref";

    private static final Set<String> FURTHER = Set.of(TOPIC, REF);

    private final EventPublisher publisher;
    private final Identity client;
    private final List<String> topics;

    /**
     * @param topics those of the connection
     */
    RawPublishing(EventPublisher publisher, Identity client, List<String> topics) {
        this.publisher = publisher;
        this.client = client;
        this.topics = topics;
    }

    /** Publishes text to the topic of the connection. */
    ObjectNode text(byte[] utf8) {
        String topic = onlyTopic();
        return EventPublisher.answer(topic, publisher.publish(client, topic, publisher.text(utf8)));
    }

    /** Publishes data to the topic of the connection. */
    ObjectNode binary(byte[] data) {
        String topic = onlyTopic();
        return EventPublisher.answer(
                topic, publisher.publish(client, topic, publisher.binary(data)));
    }

    /** Publishes what a JSON object describes, to its topic or that of the connection. */
    ObjectNode json(JsonNode event) {
        JsonNode named = event.path(TOPIC);
        String topic = named.isTextual() ? TopicName.checked(named.textValue()) : onlyTopic();
        return EventPublisher.answer(
                topic, publisher.publish(client, topic, publisher.json(event, FURTHER)));
    }

    private String onlyTopic() {
        if (topics.size() != 1 || TopicPattern.isPattern(topics.getFirst())) {
            throw Problem.noTopic().exception();
        }
        return topics.getFirst();
    }
}
