package dev.longwave.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.longwave.testing.WebSocketClient;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Queue;

/** A client of the Centrifuge protocol over a WebSocket, command by command. For one thread. */
final class CentrifugeClient implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final WebSocketClient socket;
    private final Queue<String> lines = new ArrayDeque<>(); // that are not read yet
    private final Queue<JsonNode> pushes = new ArrayDeque<>(); // that came before a reply
    private int commands;

    private CentrifugeClient(WebSocketClient socket) {
        this.socket = socket;
    }

    /** Connects without a token. */
    static CentrifugeClient connect(Node node) throws IOException {
        return connect(node, "{}");
    }

    /**
     * Connects.
     *
     * @param parameters of the command, as JSON
     */
    static CentrifugeClient connect(Node node, String parameters) throws IOException {
        var client =
                new CentrifugeClient(
                        WebSocketClient.connect(
                                URI.create(
                                        "ws://127.0.0.1:%d/connection/websocket"
                                                .formatted(node.process().port()))));
        try {
            var _ = client.ask("connect", parameters);
            return client;
        } catch (IOException | RuntimeException e) {
            client.close();
            throw e;
        }
    }

    /**
     * Subscribes.
     *
     * @param more further parameters, as members of a JSON object, each after a comma
     * @return what the server answers
     */
    JsonNode subscribe(String channel, String more) throws IOException {
        return ask("subscribe", "{\"channel\":\"%s\"%s}".formatted(channel, more));
    }

    private JsonNode ask(String command, String parameters) throws IOException {
        int id = ++commands;
        socket.text("{\"id\":%d,\"%s\":%s}".formatted(id, command, parameters));
        JsonNode message = next();
        while (message.path("id").asInt() != id) {
            pushes.add(message.required("push"));
            message = next();
        }
        if (!message.has(command)) {
            throw new IOException("refused " + command + ": " + message);
        }
        return message.required(command);
    }

    /** {@return the next push} */
    JsonNode push() throws IOException {
        JsonNode earlier = pushes.poll();
        return earlier == null ? next().required("push") : earlier;
    }

    private JsonNode next() throws IOException {
        while (true) {
            String line = lines.poll();
            if (line == null) {
                WebSocketClient.Frame frame = socket.read();
                if (frame.opcode() != WebSocketClient.TEXT) {
                    throw new IOException("the server has closed the connection: " + frame);
                }
                lines.addAll(Arrays.asList(frame.text().split("\n", -1)));
            } else if (line.equals("{}")) {
                socket.text("{}"); // to a ping
            } else {
                return JSON.readTree(line);
            }
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
