package dev.longwave.server.centrifuge;

import dev.longwave.server.http.Memory;
import dev.longwave.server.http.Parameters;
import dev.longwave.server.http.Resource;
import dev.longwave.server.http.Routes;
import dev.longwave.server.net.Deadlines;
import dev.longwave.server.session.Sessions;

/** The Centrifuge protocol, over all of its transports. */
public final class Centrifuge implements AutoCloseable {

    private final Services services;
    private final Sessions sessions;
    private final Deadlines deadlines;
    private final Memory memory;
    private final Timers timers = new Timers();
    private final EmulatedConnections emulated = new EmulatedConnections();

    /**
     * The protocol for clients of this node.
     *
     * @param sessions all open streams
     * @param deadlines for what clients send in parts
     * @param memory for what clients send
     */
    public Centrifuge(Services services, Sessions sessions, Deadlines deadlines, Memory memory) {
        this.services = services;
        this.sessions = sessions;
        this.deadlines = deadlines;
        this.memory = memory;
    }

    /** Adds the resources of the protocol to {@code routes}. */
    public void addTo(Routes routes) {
        StreamHandler httpStream = handler(HttpTransport.HTTP_STREAM);
        StreamHandler sse = handler(HttpTransport.SSE);
        var webSocket = new WebSocketHandler(services, timers, sessions, deadlines, memory);
        routes.add("/connection/websocket", Resource.create().get(webSocket))
                .add("/connection/http_stream", Resource.create().post(httpStream))
                .add(
                        "/connection/sse",
                        Resource.create().get(sse, sse::head, Parameters.of(StreamHandler.CONNECT)))
                .add(
                        "/emulation",
                        Resource.create().post(new EmulationHandler(services, emulated, memory)));
    }

    private StreamHandler handler(HttpTransport transport) {
        return new StreamHandler(transport, services, timers, sessions, emulated, memory);
    }

    @Override
    public void close() {
        timers.close();
    }
}
