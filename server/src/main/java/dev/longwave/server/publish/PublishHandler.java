package dev.longwave.server.publish;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longwave.broker.Message;
import dev.longwave.server.auth.Identity;
import dev.longwave.server.auth.Purpose;
import dev.longwave.server.http.Allowance;
import dev.longwave.server.http.Body;
import dev.longwave.server.http.Problem;
import dev.longwave.server.http.Query;
import dev.longwave.server.http.Responses;
import dev.longwave.server.http.TopicPath;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import org.jspecify.annotations.Nullable;

/** {@code POST /events/{topic}}: publishes one event, or one per line of a long request. */
public final class PublishHandler implements Handler {

    private static final HeaderName IDEMPOTENCY_KEY = HeaderNames.create("Idempotency-Key");

    private final Publishing publishing;
    private final int maxDataBytes;
    private final EventInput input;
    private final LinePublisher lines;

    public PublishHandler(Publishing publishing) {
        this.publishing = publishing;
        this.maxDataBytes = publishing.settings().maxDataBytes();
        this.input = new EventInput(publishing.hub(), maxDataBytes);
        this.lines = new LinePublisher(publishing);
    }

    @Override
    public void handle(ServerRequest request, ServerResponse response) {
        Identity client = publishing.access().identify(request, Purpose.OTHER);
        String topic = TopicPath.topic(request);
        client.checkPublish(topic);
        boolean ephemeral = Query.of(request).flag("ephemeral");
        EventInput traced = input.tracing(EventAttributes.trace(request));
        ObjectNode answer =
                LinePublisher.isFor(request)
                        ? lines.publish(
                                request, client, event -> traced.event(topic, event, ephemeral))
                        : publishOne(topic, request, client, ephemeral);
        Responses.json(request, response, 200, answer);
    }

    private ObjectNode publishOne(
            String topic, ServerRequest request, Identity client, boolean ephemeral) {
        Query query = Query.of(request);
        try (Allowance allowance = publishing.memory().forRequest(request)) {
            byte[] data =
                    Body.bytes(
                            request,
                            publishing.memory(),
                            allowance,
                            maxDataBytes,
                            () -> Problem.dataTooLarge(maxDataBytes));
            Message message =
                    input.message(
                            data,
                            id(request, query),
                            parameter(query, "type"),
                            parameter(query, "key"),
                            EventAttributes.of(request, query),
                            query.flag("end"));
            var event = Outgoing.of(publishing.hub(), topic, message, ephemeral);
            publishing.check().accept(topic, message);
            client.countPublish(data.length);
            return EventPublisher.answer(
                            topic, publishing.accepted(client, event).publishTo(publishing.hub()))
                    .put("topic", topic);
        }
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
