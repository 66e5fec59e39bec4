package dev.longwave.server.publish;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longwave.core.InvalidTopicException;
import dev.longwave.server.auth.Identity;
import dev.longwave.server.http.Allowance;
import dev.longwave.server.http.Body;
import dev.longwave.server.http.Json;
import dev.longwave.server.http.Problem;
import dev.longwave.server.http.ProblemException;
import dev.longwave.server.http.Responses;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Publishes the events of one JSON document, and answers.
 *
 * <p>Nothing is published unless all of it is valid; what the broker then makes of each event is
 * answered one by one, in order.
 */
final class BatchRequests {

    private final Publishing publishing;
    private final PublishSettings settings;

    BatchRequests(Publishing publishing) {
        this.publishing = publishing;
        this.settings = publishing.settings();
    }

    /**
     * Handles {@code request}.
     *
     * @param array finds the events in the document, or throws
     * @param reading makes an event of each
     */
    void handle(
            ServerRequest request,
            ServerResponse response,
            Identity client,
            Function<JsonNode, JsonNode> array,
            Function<JsonNode, Outgoing> reading) {
        var results = new ArrayList<ObjectNode>();
        boolean allAccepted;
        try (Allowance allowance = publishing.memory().forRequest(request)) {
            JsonNode sent = array.apply(document(request, allowance));
            List<Outgoing> events = events(sent, client, reading);
            // Before anything is published: of a batch it is all or nothing.
            events.forEach(event -> client.countPublish(event.message().data().length));
            allAccepted = new Batch(publishing.hub(), accepted(events, client), results).publish();
        }
        answer(request, response, allAccepted, results);
    }

    /** {@return the JSON that is the body of {@code request}} */
    JsonNode document(ServerRequest request, Allowance allowance) {
        int maxBytes = settings.maxBatchBytes();
        byte[] body =
                Body.bytes(
                        request,
                        publishing.memory(),
                        allowance,
                        maxBytes,
                        () -> Problem.bodyTooLarge(maxBytes));
        try {
            return Json.parse(body, 0, body.length, allowance);
        } catch (IllegalArgumentException e) {
            throw Problem.malformedJson(e.getMessage() == null ? "not valid JSON" : e.getMessage())
                    .exception();
        }
    }

    private List<Outgoing> events(
            JsonNode sent, Identity client, Function<JsonNode, Outgoing> reading) {
        if (sent.size() > settings.maxBatchEvents()) {
            throw Problem.tooManyEvents(sent.size(), settings.maxBatchEvents()).exception();
        }
        var events = new ArrayList<Outgoing>(sent.size());
        for (JsonNode item : sent) {
            try {
                Outgoing event = reading.apply(item);
                client.checkPublish(event.topic());
                publishing.check().accept(event.topic(), event.message());
                events.add(event);
            } catch (InvalidTopicException e) {
                throw Problem.invalidTopic(e).with("index", events.size()).exception();
            } catch (ProblemException e) {
                throw e.problem().with("index", events.size()).exception();
            }
        }
        return events;
    }

    private List<Outgoing> accepted(List<Outgoing> events, Identity client) {
        var accepted = new ArrayList<Outgoing>(events.size());
        for (Outgoing event : events) {
            try {
                accepted.add(publishing.accepted(client, event));
            } catch (ProblemException e) {
                throw e.problem().with("index", accepted.size()).exception();
            }
        }
        return accepted;
    }

    private void answer(
            ServerRequest request,
            ServerResponse response,
            boolean allAccepted,
            List<ObjectNode> results) {
        try (Allowance allowance = publishing.memory().forResponse(request)) {
            Responses.json(
                    request,
                    response,
                    allAccepted ? 200 : 207,
                    allowance,
                    json -> {
                        json.writeStartObject();
                        json.writeArrayFieldStart("results");
                        for (ObjectNode result : results) {
                            json.writeTree(result);
                        }
                        json.writeEndArray();
                        json.writeEndObject();
                    });
        }
    }
}
