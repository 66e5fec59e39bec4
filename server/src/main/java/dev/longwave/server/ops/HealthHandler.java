package dev.longwave.server.ops;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longwave.server.http.Json;
import dev.longwave.server.http.Responses;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.function.BooleanSupplier;

/**
 * {@code GET /health/live}, {@code /health/ready}, and {@code /health}, which is the same as the
 * latter. All return the same document: the first always with 200, the others with 503 while
 * clients should use another node.
 */
public final class HealthHandler {
    /*
     * A node that cannot reach its broker is not ready: publishing fails, and new streams receive nothing, while
     * another node may still reach it. Open streams stay, since moving them would gain nothing.
     */
    private final BrokerHealth broker;
    private final BooleanSupplier draining;
    private final BooleanSupplier deaf;

    /**
     * Reports the health of a node.
     *
     * @param draining whether the node is ending its streams
     * @param deaf whether the node does not hear what the broker says: see {@link BrokerProbe}
     */
    public HealthHandler(BrokerHealth broker, BooleanSupplier draining, BooleanSupplier deaf) {
        this.broker = broker;
        this.draining = draining;
        this.deaf = deaf;
    }

    /** Responds with 200 as long as the process can respond at all. */
    public void live(ServerRequest request, ServerResponse response) {
        Responses.json(request, response, Status.OK_200.code(), document(broker.condition()));
    }

    /** Says whether to send clients to this node. */
    public void ready(ServerRequest request, ServerResponse response) {
        BrokerHealth.Condition condition = broker.condition();
        Responses.json(
                request,
                response,
                (ready(condition) ? Status.OK_200 : Status.SERVICE_UNAVAILABLE_503).code(),
                document(condition));
    }

    private boolean ready(BrokerHealth.Condition condition) {
        return condition.ready() && !deaf.getAsBoolean() && !draining.getAsBoolean();
    }

    private ObjectNode document(BrokerHealth.Condition condition) {
        ObjectNode document =
                Json.object()
                        .put("ready", ready(condition))
                        .put("draining", draining.getAsBoolean())
                        .put("deaf", deaf.getAsBoolean());
        document.set("broker", broker.json(condition));
        return document;
    }
}
