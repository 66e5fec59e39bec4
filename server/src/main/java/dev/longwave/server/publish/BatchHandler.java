package dev.longwave.server.publish;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longwave.server.auth.Identity;
import dev.longwave.server.auth.Purpose;
import dev.longwave.server.http.ContentType;
import dev.longwave.server.http.Problem;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

/**
 * {@code POST /publish}: events of several topics, as a batch or one per line of a long request.
 */
public final class BatchHandler implements Handler {

    private final Publishing publishing;
    private final EventInput input;
    private final LinePublisher lines;
    private final BatchRequests batches;

    public BatchHandler(Publishing publishing) {
        this.publishing = publishing;
        this.input = new EventInput(publishing.hub(), publishing.settings().maxDataBytes());
        this.lines = new LinePublisher(publishing);
        this.batches = new BatchRequests(publishing);
    }

    @Override
    public void handle(ServerRequest request, ServerResponse response) {
        Identity client = publishing.access().identify(request, Purpose.OTHER);
        EventInput traced = input.tracing(publishing.trace(request));
        ContentType type = ContentType.of(request);
        if (LinePublisher.isFor(type)) {
            lines.publish(request, response, client, traced::event);
        } else {
            Forms.refuse(type);
            batches.handle(request, response, client, BatchHandler::events, traced::event);
        }
    }

    private static JsonNode events(JsonNode document) {
        JsonNode events = document.path("events");
        if (!events.isArray()) {
            throw Problem.invalidMessage("a batch must be an object with an array named events")
                    .exception();
        }
        return events;
    }
}
