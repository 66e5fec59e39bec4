package dev.longwave.server.publish;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longwave.broker.Message;
import dev.longwave.broker.Publication;
import dev.longwave.broker.Published;
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
import java.util.Set;
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
        this.input = new EventInput(maxDataBytes);
        this.lines = new LinePublisher(publishing);
    }

    @Override
    public void handle(ServerRequest request, ServerResponse response) {
        Identity client = publishing.access().identify(request, Purpose.OTHER);
        String topic = TopicPath.topic(request);
        client.checkPublish(topic);
        ObjectNode answer =
                LinePublisher.isFor(request)
                        ? lines.publish(
                                request,
                                client,
                                event -> Publication.of(topic, input.message(event, Set.of())))
                        : publishOne(topic, request, client);
        Responses.json(request, response, 200, answer);
    }

    private ObjectNode publishOne(String topic, ServerRequest request, Identity client) {
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
                            flag(query, "end"));
            publishing.check().accept(topic, message);
            client.countPublish(data.length);
            Published published = publishing.hub().publish(topic, message);
            return EventPublisher.answer(topic, published).put("topic", topic);
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

    private static boolean flag(Query query, String name) {
        String value = parameter(query, name);
        return switch (value) {
            case null -> false;
            case "true", "" -> true;
            case "false" -> false;
            default ->
                    throw Problem.malformedParameter(name, name + " must be true or false")
                            .exception();
        };
    }
}
