package dev.longwave.server.publish;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.MessageRefusedException;
import dev.longwave.broker.Publication;
import dev.longwave.broker.PublishResult;
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
        this.input = new EventInput(settings.maxDataBytes());
        this.lines = new LinePublisher(publishing);
    }

    @Override
    public void handle(ServerRequest request, ServerResponse response) {
        Identity client = publishing.access().identify(request, Purpose.OTHER);
        if (LinePublisher.isFor(request)) {
            Responses.json(
                    request, response, 200, lines.publish(request, client, input::publication));
            return;
        }
        var results = new ArrayList<ObjectNode>();
        boolean allAccepted = publish(request, client, results);
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
    private boolean publish(ServerRequest request, Identity client, List<ObjectNode> results) {
        try (Allowance allowance = publishing.memory().forRequest(request)) {
            List<Publication> items = items(body(request, allowance), allowance, client);
            // Before anything is published: of a batch it is all or nothing.
            items.forEach(item -> client.countPublish(item.message().data().length));
            items = accepted(items, client);
            List<PublishResult> outcomes = publishing.hub().publishAll(items);
            boolean allAccepted = true;
            for (int i = 0; i < items.size(); i++) {
                PublishResult outcome = outcomes.get(i);
                allAccepted &= outcome.failure().isEmpty();
                results.add(result(items.get(i).topic(), outcome));
            }
            return allAccepted;
        }
    }

    private List<Publication> accepted(List<Publication> items, Identity client) {
        var accepted = new ArrayList<Publication>(items.size());
        for (Publication item : items) {
            try {
                accepted.add(
                        Publication.of(
                                item.topic(),
                                publishing.accepted(client, item.topic(), item.message())));
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

    private static ObjectNode result(String topic, PublishResult outcome) {
        return outcome.published()
                .map(published -> PublishHandler.answer(topic, published))
                .orElseGet(() -> Json.object().set("error", problem(outcome).json()));
    }

    private static Problem problem(PublishResult outcome) {
        return switch (outcome.failure().orElse(null)) {
            case MessageRefusedException e -> Problem.refused(e);
            case BrokerUnavailableException e -> Problem.brokerUnavailable(e);
            case null, default -> Problem.internal();
        };
    }

    private List<Publication> items(byte[] body, Allowance allowance, Identity client) {
        JsonNode events;
        try {
            events = Json.parse(body, 0, body.length, allowance).path("events");
        } catch (IllegalArgumentException e) {
            throw Problem.malformedJson(e.getMessage() == null ? "not valid JSON" : e.getMessage())
                    .exception();
        }
        if (!events.isArray()) {
            throw Problem.invalidMessage("a batch must be an object with an array named events")
                    .exception();
        }
        if (events.size() > settings.maxBatchEvents()) {
            throw Problem.tooManyEvents(events.size(), settings.maxBatchEvents()).exception();
        }
        var items = new ArrayList<Publication>(events.size());
        for (JsonNode event : events) {
            try {
                Publication publication = input.publication(event);
                client.checkPublish(publication.topic());
                publishing.check().accept(publication.topic(), publication.message());
                items.add(publication);
            } catch (InvalidTopicException e) {
                throw Problem.invalidTopic(e).with("index", items.size()).exception();
            } catch (ProblemException e) {
                throw e.problem().with("index", items.size()).exception();
            }
        }
        return items;
    }
}
