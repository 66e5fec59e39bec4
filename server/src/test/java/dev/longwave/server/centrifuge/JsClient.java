package dev.longwave.server.centrifuge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longwave.broker.testing.RequiredProgram;
import dev.longwave.server.JsPackages;
import dev.longwave.server.http.Json;
import dev.longwave.testing.SignedToken;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** The unmodified client of npm in Node.js, and what it has said. For one thread. */
final class JsClient implements AutoCloseable {

    private static final Duration DEADLINE = Duration.ofMinutes(5);

    private final Process process;
    private final List<JsonNode> events = new ArrayList<>(); // guarded by itself
    private int operations;
    private final List<JsonNode> unseen = new ArrayList<>(); // likewise: not asked for yet

    JsClient() throws IOException, InterruptedException {
        Path folder = JsPackages.installed("centrifuge");
        process =
                new ProcessBuilder(RequiredProgram.find("node", "nodejs").toString(), "node.js")
                        .directory(folder.toFile())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        Thread.ofVirtual().start(this::read);
    }

    private void read() {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                byte[] json = line.getBytes(StandardCharsets.UTF_8);
                synchronized (events) {
                    JsonNode event = Json.parse(json, 0, json.length);
                    events.add(event);
                    unseen.add(event);
                    events.notifyAll();
                }
            }
        } catch (IOException _) {
            // It was killed.
        }
    }

    /** Has it do something. {@return the number of that} */
    int does(String operation, Consumer<ObjectNode> parameters) {
        ObjectNode command = Json.object().put("op", operation).put("id", ++operations);
        parameters.accept(command);
        try {
            process.getOutputStream().write(Json.bytes(command));
            process.getOutputStream().write('\n');
            process.getOutputStream().flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return operations;
    }

    void does(String operation) {
        does(operation, _ -> {});
    }

    /** Connects over one transport. */
    void connects(String transport, int port, Consumer<ObjectNode> more) {
        does(
                "connect",
                command -> {
                    String base = "http://127.0.0.1:" + port;
                    command.putArray("endpoint")
                            .addObject()
                            .put("transport", transport)
                            .put(
                                    "endpoint",
                                    (transport.equals("websocket")
                                                    ? base.replace("http", "ws")
                                                    : base)
                                            + "/connection/"
                                            + transport);
                    command.putObject("options").put("emulationEndpoint", base + "/emulation");
                    more.accept(command);
                });
    }

    void subscribes(String channel) {
        subscribes(channel, _ -> {});
    }

    void subscribes(String channel, Consumer<ObjectNode> more) {
        does(
                "subscribe",
                command -> {
                    command.put("channel", channel);
                    more.accept(command);
                });
    }

    /** Sets the tokens that it is to have, one after the other. */
    static Consumer<ObjectNode> tokens(SignedToken... tokens) {
        return command -> {
            ArrayNode array = command.putArray("tokens");
            for (SignedToken token : tokens) {
                array.add(token.text());
            }
        };
    }

    /** Does something to a channel. {@return what it results in} */
    JsonNode result(String operation, String channel, Consumer<ObjectNode> more) {
        int number =
                does(
                        operation,
                        command -> {
                            command.put("channel", channel);
                            more.accept(command);
                        });
        return awaits(event -> event.path("of").asInt() == number);
    }

    void publishes(String channel, String data) {
        JsonNode result = result("publish", channel, command -> command.put("data", data));
        if (!result.path("event").asText().equals("done")) {
            throw new AssertionError("it did not publish: " + result);
        }
    }

    /** Waits for the next event of this kind that was not waited for before. */
    JsonNode awaits(String event) {
        return awaits(json -> json.path("event").asText().equals(event));
    }

    JsonNode awaits(String event, String channel) {
        return awaits(json ->
                json.path("event").asText().equals(event)
                        && json.path("channel").asText().equals(channel));
    }

    JsonNode awaits(Predicate<JsonNode> wanted) {
        long deadline = System.nanoTime() + DEADLINE.toNanos();
        synchronized (events) {
            while (true) {
                for (JsonNode next : unseen) {
                    if (wanted.test(next)) {
                        unseen.remove(next);
                        return next;
                    }
                }
                long left = deadline - System.nanoTime();
                if (left <= 0 || !process.isAlive()) {
                    throw new AssertionError("it has not come: " + events);
                }
                try {
                    TimeUnit.NANOSECONDS.timedWait(
                            events, Math.min(left, TimeUnit.SECONDS.toNanos(1)));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new AssertionError(e);
                }
            }
        }
    }

    /** {@return all that it has said so far} */
    List<JsonNode> events() {
        synchronized (events) {
            return List.copyOf(events);
        }
    }

    /** {@return the data of all events that it has received of a channel} */
    List<String> received(String channel) {
        return events().stream()
                .filter(event -> event.path("event").asText().equals("publication"))
                .filter(event -> event.path("channel").asText().equals(channel))
                .map(event -> event.path("data").asText())
                .toList();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
