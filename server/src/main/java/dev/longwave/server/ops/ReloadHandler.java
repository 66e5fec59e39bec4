package dev.longwave.server.ops;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.server.http.Json;
import dev.longwave.server.http.Problem;
import dev.longwave.server.http.Responses;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.List;
import java.util.function.Supplier;

/** {@code POST /admin/reload}: has the server read its configuration again. */
public final class ReloadHandler implements Handler {

    private final Supplier<Reloaded> reload;

    /**
     * What came of it.
     *
     * @param applied the settings that have another value now
     * @param needRestart the settings whose new values count only after a restart
     * @param endedStreams how many streams were ended, as their clients may not have them any more
     */
    public record Reloaded(List<String> applied, List<String> needRestart, int endedStreams) {

        public Reloaded {
            applied = List.copyOf(applied);
            needRestart = List.copyOf(needRestart);
        }
    }

    /**
     * A handler that runs {@code reload}.
     *
     * @param reload throws {@link BrokerConfigurationException} if the configuration is not valid
     */
    public ReloadHandler(Supplier<Reloaded> reload) {
        this.reload = reload;
    }

    @Override
    public void handle(ServerRequest request, ServerResponse response) {
        Pages.refuseOthers(request);
        Reloaded outcome;
        try {
            outcome = reload.get();
        } catch (BrokerConfigurationException e) {
            throw new Problem(
                            "configuration-invalid",
                            422,
                            "The configuration is not valid, and nothing has changed",
                            String.valueOf(e.getMessage()))
                    .exception();
        }
        ObjectNode body = Json.object();
        add(body.putArray("applied"), outcome.applied());
        add(body.putArray("needRestart"), outcome.needRestart());
        body.put("endedStreams", outcome.endedStreams());
        Responses.json(request, response, 200, body);
    }

    private static void add(ArrayNode array, List<String> texts) {
        texts.forEach(array::add);
    }
}
