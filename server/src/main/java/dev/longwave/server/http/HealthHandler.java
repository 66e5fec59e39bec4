package dev.longwave.server.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longwave.server.json.Json;
import dev.longwave.server.ops.BrokerHealth;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.function.BooleanSupplier;

/**
 * {@code GET /health/live} and {@code /health/ready}: the same document, the first always with 200,
 * the second with 503 while clients had better go to another node.
 */
public final class HealthHandler {
    /*
     * Not ready while the broker cannot be reached: publishing fails here and new streams stay silent, while
     * another node may reach it. Open streams stay: no other node could serve them better.
     */
    private final BrokerHealth broker;
    private final BooleanSupplier draining;

    /**
     * Answers with the health of a node.
     *
     * @param draining whether the node is about to end
     */
    public HealthHandler(BrokerHealth broker, BooleanSupplier draining) {
        this.broker = broker;
        this.draining = draining;
    }

    /** Answers as long as the process can. */
    public void live(ServerRequest request, ServerResponse response) {
        Answers.json(response, Status.OK_200.code(), document(broker.condition()));
    }

    /** Answers whether to send clients here. */
    public void ready(ServerRequest request, ServerResponse response) {
        BrokerHealth.Condition condition = broker.condition();
        Answers.json(
                response,
                (ready(condition) ? Status.OK_200 : Status.SERVICE_UNAVAILABLE_503).code(),
                document(condition));
    }

    private boolean ready(BrokerHealth.Condition condition) {
        return condition.ready() && !draining.getAsBoolean();
    }

    private ObjectNode document(BrokerHealth.Condition condition) {
        ObjectNode document =
                Json.object()
                        .put("ready", ready(condition))
                        .put("draining", draining.getAsBoolean());
        ObjectNode state =
                document.putObject("broker")
                        .put("type", broker.type())
                        .put("state", BrokerHealth.word(condition.state()))
                        .put("since", condition.since().toString());
        if (!condition.reason().isEmpty()) {
            state.put("reason", condition.reason());
        }
        return document;
    }
}
