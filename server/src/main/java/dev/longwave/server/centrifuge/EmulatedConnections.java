package dev.longwave.server.centrifuge;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The connections whose clients send their commands with requests. Safe for many threads. */
final class EmulatedConnections {

    private final Map<String, Connection> bySession = new ConcurrentHashMap<>();

    void add(Connection connection) {
        bySession.put(connection.session, connection);
    }

    void remove(Connection connection) {
        bySession.remove(connection.session);
    }

    Optional<Connection> get(String session) {
        return Optional.ofNullable(bySession.get(session));
    }
}
