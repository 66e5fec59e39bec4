package dev.longwave.server.publish;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longwave.broker.Message;
import dev.longwave.broker.Publication;
import dev.longwave.broker.Published;
import dev.longwave.core.EventId;
import dev.longwave.core.Hub;
import dev.longwave.server.http.Body;
import dev.longwave.server.http.Json;
import dev.longwave.server.http.Problem;
import dev.longwave.server.http.Query;
import dev.longwave.server.http.Responses;
import dev.longwave.server.http.TopicPath;
import dev.longwave.server.net.PlatformThreads;
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

    private final Hub hub;
    private final PublishSettings settings;
    private final EventInput input;
    private final LinePublisher lines;

    public PublishHandler(Hub hub, PublishSettings settings, PlatformThreads platformThreads) {
        this.hub = hub;
        this.settings = settings;
        this.input = new EventInput(settings.maxDataBytes());
        this.lines = new LinePublisher(hub, settings, platformThreads);
    }

    @Override
    public void handle(ServerRequest request, ServerResponse response) {
        String topic = TopicPath.topic(request);
        ObjectNode answer =
                LinePublisher.isFor(request)
                        ? lines.publish(
                                request,
                                event -> Publication.of(topic, input.message(event, Set.of())))
                        : publishOne(topic, request);
        Responses.json(response, 200, answer);
    }

    private ObjectNode publishOne(String topic, ServerRequest request) {
        Message message =
                input.message(
                        Body.bytes(
                                request,
                                settings.maxDataBytes(),
                                () -> Problem.dataTooLarge(settings.maxDataBytes())),
                        id(request),
                        parameter(request, "type"),
                        parameter(request, "key"),
                        EventAttributes.of(request),
                        flag(request, "end"));
        Published published = hub.publish(topic, message);
        return answer(topic, published).put("topic", topic);
    }

    static ObjectNode answer(String topic, Published published) {
        return Json.object()
                .put("id", EventId.of(topic, published.position()))
                .put("durability", published.durability().word())
                .put("duplicate", published.duplicate());
    }

    private static @Nullable String id(ServerRequest request) {
        String parameter = parameter(request, "id");
        String header =
                request.headers().contains(IDEMPOTENCY_KEY)
                        ? request.headers().get(IDEMPOTENCY_KEY).get()
                        : null;
        if (header != null && parameter != null && !header.equals(parameter)) {
            throw Problem.malformedParameter(
                            "id", "id and Idempotency-Key are both given but differ")
                    .exception();
        }
        return header != null ? header : parameter;
    }

    private static @Nullable String parameter(ServerRequest request, String name) {
        return Query.value(request, name).orElse(null);
    }

    private static boolean flag(ServerRequest request, String name) {
        String value = parameter(request, name);
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
