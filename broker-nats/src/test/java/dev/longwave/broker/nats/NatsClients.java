package dev.longwave.broker.nats;

import dev.longwave.broker.testing.NatsServer;
import io.nats.client.Connection;
import io.nats.client.Nats;
import io.nats.client.Options;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** A server, and connections to it that are closed with it. */
final class NatsClients implements AutoCloseable {

    private final NatsServer server;
    private final List<Connection> connections = new ArrayList<>();

    private NatsClients(NatsServer server) {
        this.server = server;
    }

    static NatsClients start(NatsServer.Generation generation) {
        return new NatsClients(NatsServer.start(generation));
    }

    /** {@return clients of a server, which is closed with them} */
    static NatsClients of(NatsServer server) {
        return new NatsClients(server);
    }

    NatsServer server() {
        return server;
    }

    /** {@return one more connection} */
    Connection connect() throws IOException, InterruptedException {
        Connection connection =
                Nats.connect(
                        new Options.Builder().server(server.uri()).reportNoResponders().build());
        connections.add(connection);
        return connection;
    }

    @Override
    public void close() {
        for (Connection connection : connections) {
            try {
                connection.close();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }
        server.close();
    }
}
