package dev.longwave.server.ops;

import dev.longwave.server.http.Json;
import dev.longwave.server.http.Parameters;
import dev.longwave.server.http.Problem;
import dev.longwave.server.http.Query;
import dev.longwave.server.http.Responses;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.OptionalInt;
import java.util.function.IntFunction;
import java.util.function.IntSupplier;

/**
 * {@code POST /admin/drain} sends all clients to other nodes, before the server is stopped; {@code
 * POST /admin/rebalance?percent=} sends some of them.
 */
public final class DrainHandler {

    /** The parameters of {@code POST /admin/rebalance}. */
    public static final Parameters REBALANCE_PARAMETERS = Parameters.of("percent");

    private static final int ALL = 100;

    private final IntSupplier drain;
    private final IntFunction<OptionalInt> move;

    /**
     * A handler of both.
     *
     * @param drain begins to drain the node, unless it is done already, and returns how many
     *     streams are open
     * @param move begins to end the streams of so many percent of the clients, and returns how many
     *     these are; empty if it has not ended those of the last time
     */
    public DrainHandler(IntSupplier drain, IntFunction<OptionalInt> move) {
        this.drain = drain;
        this.move = move;
    }

    /** Answers {@code POST /admin/drain}. */
    public void drain(ServerRequest request, ServerResponse response) {
        Pages.refuseOthers(request);
        Responses.json(request, response, 202, Json.object().put("streams", drain.getAsInt()));
    }

    /** Answers {@code POST /admin/rebalance}. */
    public void rebalance(ServerRequest request, ServerResponse response) {
        Pages.refuseOthers(request);
        Query query = Query.of(request);
        if (query.value("percent").isEmpty()) {
            throw Problem.malformedParameter("percent", "percent must be given, from 1 to 100")
                    .exception();
        }
        OptionalInt streams = move.apply(query.number("percent", ALL, ALL));
        if (streams.isEmpty()) {
            throw new Problem(
                            "rebalance-running",
                            409,
                            "Streams are being moved already",
                            "the streams of the last request have not all been ended; try again")
                    .exception();
        }
        Responses.json(request, response, 202, Json.object().put("streams", streams.getAsInt()));
    }
}
