package dev.longwave.server.net.helidon;

import dev.longwave.server.net.ResponseStream;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

/** What a handler can do with the connection that its request came by. For the handler's thread. */
public final class Exchange {

    private final EngineContext connection;
    private final int id;

    private Exchange(EngineContext connection, int id) {
        this.connection = connection;
        this.id = id;
    }

    /** {@return the exchange that {@code request} began} */
    public static Exchange of(ServerRequest request) {
        return new Exchange(EngineContext.of(request), request.id());
    }

    /**
     * Says whether the client may pause within its request's body, for as long as one that has no
     * request under way, because it sends what it has when it has it. A handler that allows it must
     * take that back in the end.
     */
    public void allowPauses(boolean allowed) {
        connection.allowPauses(id, allowed);
    }

    /**
     * Takes the response over, to be written to an endpoint. Its headers, except those of the
     * framing, must be set; its status is 200.
     */
    public ResponseStream takeOver(ServerResponse response) {
        return response.sink(TakenResponse.TYPE).stream();
    }
}
