package dev.longwave.server.publish;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longwave.core.InvalidTopicException;
import dev.longwave.server.auth.Identity;
import dev.longwave.server.auth.Purpose;
import dev.longwave.server.http.Allowance;
import dev.longwave.server.http.Body;
import dev.longwave.server.http.Json;
import dev.longwave.server.http.Problem;
import dev.longwave.server.http.ProblemException;
import dev.longwave.server.http.Responses;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code POST /publish}: events of several topics, as a batch or one per line of a long request.
 *
 * <p>Of a batch nothing is published unless all of it is valid; what the broker then makes of each
 * event is answered one by one, in order.
 */
public final class BatchHandler implements Handler {

    private final Publishing publishing;
    private final PublishSettings settings;
    private final EventInput input;
    private final LinePublisher lines;

    public BatchHandler(Publishing publishing) {
        this.publishing = publishing;
        this.settings = publishing.settings();
        this.input = new EventInput(publishing.hub(), settings.maxDataBytes());
        this.lines = new LinePublisher(publishing);
    }

    @Override
    public void handle(ServerRequest request, ServerResponse response) {
        Identity client = publishing.access().identify(request, Purpose.OTHER);
        EventInput traced = input.tracing(EventAttributes.trace(request));
        if (LinePublisher.isFor(request)) {
            Responses.json(request, response, 200, lines.publish(request, client, traced::event));
            return;
        }
        var results = new ArrayList<ObjectNode>();
        boolean allAccepted = publish(request, traced, client, results);
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

    /** Publishes the batch, and adds what became of each event to {@code results}. */
    private boolean publish(
            ServerRequest request, EventInput traced, Identity client, List<ObjectNode> results) {
        try (Allowance allowance = publishing.memory().forRequest(request)) {
            List<Outgoing> events = events(body(request, allowance), traced, allowance, client);
            // Before anything is published: of a batch it is all or nothing.
            events.forEach(event -> client.countPublish(event.message().data().length));
            return new Batch(publishing.hub(), accepted(events, client), results).publish();
        }
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

    private byte[] body(ServerRequest request, Allowance allowance) {
        int maxBytes = settings.maxBatchBytes();
        return Body.bytes(
                request,
                publishing.memory(),
                allowance,
                maxBytes,
                () -> Problem.bodyTooLarge(maxBytes));
    }

    private List<Outgoing> events(
            byte[] body, EventInput traced, Allowance allowance, Identity client) {
        JsonNode sent;
        try {
            sent = Json.parse(body, 0, body.length, allowance).path("events");
        } catch (IllegalArgumentException e) {
            throw Problem.malformedJson(e.getMessage() == null ? "not valid JSON" : e.getMessage())
                    .exception();
        }
        if (!sent.isArray()) {
            throw Problem.invalidMessage("a batch must be an object with an array named events")
                    .exception();
        }
        if (sent.size() > settings.maxBatchEvents()) {
            throw Problem.tooManyEvents(sent.size(), settings.maxBatchEvents()).exception();
        }
        var events = new ArrayList<Outgoing>(sent.size());
        for (JsonNode item : sent) {
            try {
                Outgoing event = traced.event(item);
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
}
