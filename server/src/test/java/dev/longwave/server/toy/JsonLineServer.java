package dev.longwave.server.toy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longwave.broker.Start;
import dev.longwave.core.EventId;
import dev.longwave.core.Hub;
import dev.longwave.core.Outbox;
import dev.longwave.server.http.Json;
import dev.longwave.server.session.Sessions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/** Serves a stream to each client that sends a line: a topic, where it left off, and its name. */
final class JsonLineServer implements AutoCloseable {

    private final Hub hub;
    private final Sessions sessions;
    private final ServerSocket listener;

    JsonLineServer(Hub hub, Sessions sessions) throws IOException {
        this.hub = hub;
        this.sessions = sessions;
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                Thread.ofVirtual().start(() -> serve(client));
            }
        } catch (IOException _) {
            // Closed.
        }
    }

    private void serve(Socket client) {
        try (client) {
            byte[] line =
                    new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8))
                            .readLine()
                            .getBytes(StandardCharsets.UTF_8);
            JsonNode request = Json.parse(line, 0, line.length);
            String topic = request.get("topic").textValue();
            Optional<Start> start =
                    Optional.ofNullable(request.get("after"))
                            .flatMap(id -> EventId.parse(id.textValue(), 1).position(topic))
                            .map(Start::after);
            Outbox<JsonLineBatch> outbox = hub.subscribe(Map.of(topic, start));
            try {
                JsonNode name = request.get("name");
                var _ =
                        sessions.serve(
                                outbox,
                                new JsonLineSink(client.getOutputStream()),
                                name == null ? null : name.textValue());
            } finally {
                hub.release(outbox);
            }
        } catch (IOException _) {
            // The client is gone.
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
