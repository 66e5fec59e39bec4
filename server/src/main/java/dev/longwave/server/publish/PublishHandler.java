package dev.longwave.server.publish;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longwave.broker.Message;
import dev.longwave.server.auth.Identity;
import dev.longwave.server.auth.Purpose;
import dev.longwave.server.http.Allowance;
import dev.longwave.server.http.Body;
import dev.longwave.server.http.ContentType;
import dev.longwave.server.http.Parameters;
import dev.longwave.server.http.Problem;
import dev.longwave.server.http.Query;
import dev.longwave.server.http.Responses;
import dev.longwave.server.http.TopicPath;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /events/{topic}}: publishes one event, or one per line of a long request; or one or
 * several in the terms of CloudEvents.
 */
public final class PublishHandler implements Handler {

    /** The parameters of a request. */
    public static final Parameters PARAMETERS =
            Parameters.of("type", "key", "id", "end", "ephemeral")
                    .andAllOf(EventAttributes.PARAMETER);

    /** Those of a request of several events, which say the rest themselves. */
    private static final Parameters OF_SEVERAL = Parameters.of("ephemeral");

    private static final HeaderName IDEMPOTENCY_KEY = HeaderNames.create("Idempotency-Key");

    private final Publishing publishing;
    private final int maxDataBytes;
    private final EventInput input;
    private final LinePublisher lines;
    private final BatchRequests batches;

    public PublishHandler(Publishing publishing) {
        this.publishing = publishing;
        this.maxDataBytes = publishing.settings().maxDataBytes();
        this.input = new EventInput(publishing.hub(), maxDataBytes);
        this.lines = new LinePublisher(publishing);
        this.batches = new BatchRequests(publishing);
    }

    @Override
    public void handle(ServerRequest request, ServerResponse response) {
        Identity client = publishing.access().identify(request, Purpose.OTHER);
        String topic = TopicPath.topic(request);
        client.checkPublish(topic);
        Query query = Query.of(request);
        boolean ephemeral = query.flag("ephemeral");
        ContentType type = ContentType.of(request);
        if (LinePublisher.isFor(type)) {
            OF_SEVERAL.check(query);
            EventInput traced = input.tracing(publishing.trace(request));
            lines.publish(
                    request, response, client, event -> traced.event(topic, event, ephemeral));
        } else if (type.is(CloudEvent.BATCH)) {
            OF_SEVERAL.check(query);
            batches.handle(
                    request,
                    response,
                    client,
                    PublishHandler::events,
                    event -> outgoing(topic, message(CloudEvent.of(event)), ephemeral));
        } else {
            Forms.refuse(type);
            Responses.json(
                    request,
                    response,
                    200,
                    publishOne(topic, request, type, query, client, ephemeral));
        }
    }

    private static JsonNode events(JsonNode document) {
        if (!document.isArray()) {
            throw Problem.invalidMessage("a batch of CloudEvents must be an array").exception();
        }
        return document;
    }

    private ObjectNode publishOne(
            String topic,
            ServerRequest request,
            ContentType type,
            Query query,
            Identity client,
            boolean ephemeral) {
        try (Allowance allowance = publishing.memory().forRequest(request)) {
            Outgoing event = outgoing(topic, message(request, type, query, allowance), ephemeral);
            publishing.check().accept(topic, event.message());
            client.countPublish(event.message().data().length);
            return EventPublisher.answer(
                            topic, publishing.accepted(client, event).publishTo(publishing.hub()))
                    .put("topic", topic);
        }
    }

    private Message message(
            ServerRequest request, ContentType type, Query query, Allowance allowance) {
        if (type.is(CloudEvent.STRUCTURED)) {
            return message(CloudEvent.of(batches.document(request, allowance)), request, query);
        }
        byte[] data =
                Body.bytes(
                        request,
                        publishing.memory(),
                        allowance,
                        maxDataBytes,
                        () -> Problem.dataTooLarge(maxDataBytes));
        Map<String, String> attributes = EventAttributes.of(publishing.trace(request), type, query);
        return CloudEvent.isBinary(request)
                ? message(CloudEvent.binary(request, type, data, attributes), request, query)
                : input.message(
                        data,
                        id(request, query),
                        parameter(query, "type"),
                        parameter(query, "key"),
                        attributes,
                        query.flag("end"));
    }

    /** What the request itself says takes precedence. */
    private Message message(CloudEvent event, ServerRequest request, Query query) {
        String id = id(request, query);
        var attributes = new LinkedHashMap<>(event.attributes());
        EventAttributes.addParameters(query, attributes);
        return input.message(
                event.data(),
                id == null ? event.id() : id,
                query.value("type").orElse(event.type()),
                query.contains("key") ? parameter(query, "key") : event.key(),
                attributes,
                query.flag("end"));
    }

    private Message message(CloudEvent event) {
        return input.message(
                event.data(), event.id(), event.type(), event.key(), event.attributes(), false);
    }

    private Outgoing outgoing(String topic, Message message, boolean ephemeral) {
        return Outgoing.of(publishing.hub(), topic, message, ephemeral);
    }

    private static @Nullable String id(ServerRequest request, Query query) {
        String parameter = parameter(query, "id");
        // Sent twice, it is one with a comma: RFC 9110, section 5.3.
        String header =
                request.headers().contains(IDEMPOTENCY_KEY)
                        ? String.join(", ", request.headers().get(IDEMPOTENCY_KEY).allValues())
                        : null;
        if (header != null && parameter != null && !header.equals(parameter)) {
            throw Problem.malformedParameter(
                            "id", "id and Idempotency-Key are both given but differ")
                    .exception();
        }
        return header != null ? header : parameter;
    }

    private static @Nullable String parameter(Query query, String name) {
        return query.value(name).orElse(null);
    }
}
