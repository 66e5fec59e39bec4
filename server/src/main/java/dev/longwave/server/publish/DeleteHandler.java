package dev.longwave.server.publish;

import dev.longwave.server.auth.Identity;
import dev.longwave.server.auth.Purpose;
import dev.longwave.server.http.Problem;
import dev.longwave.server.http.TopicPath;
import io.helidon.http.Status;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

/** {@code DELETE /events/{topic}}: erases all events of a topic, on all nodes. */
public final class DeleteHandler implements Handler {

    private final Publishing publishing;

    public DeleteHandler(Publishing publishing) {
        this.publishing = publishing;
    }

    @Override
    public void handle(ServerRequest request, ServerResponse response) {
        Identity client = publishing.access().identify(request, Purpose.OTHER);
        String topic = TopicPath.topic(request);
        client.checkDelete(topic);
        try {
            publishing.hub().delete(topic);
        } catch (UnsupportedOperationException _) {
            throw Problem.deleteUnsupported().exception();
        }
        response.status(Status.NO_CONTENT_204).send();
    }
}
