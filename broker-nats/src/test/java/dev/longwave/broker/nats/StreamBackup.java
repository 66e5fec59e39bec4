package dev.longwave.broker.nats;

import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.Message;
import io.nats.client.support.JsonParseException;
import io.nats.client.support.JsonParser;
import io.nats.client.support.JsonValue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A stream as {@code nats stream backup} saves it and {@code nats stream restore} puts it back. */
final class StreamBackup {

    private static final Duration TIMEOUT = Duration.ofMinutes(2); // a watchdog

    private final String stream;
    private final String head; // its configuration and state, as JSON
    private final List<byte[]> chunks;

    private StreamBackup(String stream, String head, List<byte[]> chunks) {
        this.stream = stream;
        this.head = head;
        this.chunks = chunks;
    }

    static StreamBackup of(String uri, String stream) {
        return Streams.connected(uri, connection -> save(connection, stream));
    }

    private static StreamBackup save(Connection connection, String stream)
            throws InterruptedException, TimeoutException {
        var chunks = new CopyOnWriteArrayList<byte[]>();
        var end = new CompletableFuture<Boolean>();
        String inbox = connection.createInbox();
        Dispatcher dispatcher =
                connection.createDispatcher(message -> {
                    if (message.getData().length == 0) {
                        end.complete(true);
                    } else {
                        chunks.add(message.getData());
                        if (message.getReplyTo() != null) {
                            connection.publish(message.getReplyTo(), new byte[0]);
                        }
                    }
                });
        dispatcher.subscribe(inbox);
        JsonValue answer =
                ask(
                        connection,
                        "$JS.API.STREAM.SNAPSHOT." + stream,
                        "{\"deliver_subject\":\"%s\",\"no_consumers\":true}".formatted(inbox));
        try {
            end.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
        String head =
                "{\"config\":%s,\"state\":%s}"
                        .formatted(
                                member(answer, "config").toJson(),
                                member(answer, "state").toJson());
        return new StreamBackup(stream, head, List.copyOf(chunks));
    }

    /** Puts it back; the stream must not exist. */
    void putBack(String uri) {
        Streams.connected(
                uri,
                connection -> {
                    JsonValue answer = ask(connection, "$JS.API.STREAM.RESTORE." + stream, head);
                    String target = member(answer, "deliver_subject").string;
                    for (byte[] chunk : chunks) {
                        reply(connection, target, chunk);
                    }
                    Message created = reply(connection, target, new byte[0]);
                    if (new String(created.getData(), StandardCharsets.UTF_8)
                            .contains("\"error\"")) {
                        throw new IOException(
                                new String(created.getData(), StandardCharsets.UTF_8));
                    }
                    return true;
                });
    }

    private static JsonValue ask(Connection connection, String subject, String body)
            throws InterruptedException {
        Message reply = reply(connection, subject, body.getBytes(StandardCharsets.UTF_8));
        try {
            return JsonParser.parse(reply.getData());
        } catch (JsonParseException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Message reply(Connection connection, String subject, byte[] body)
            throws InterruptedException {
        return Objects.requireNonNull(connection.request(subject, body, TIMEOUT), "no answer");
    }

    private static JsonValue member(JsonValue object, String name) {
        return Objects.requireNonNull(
                Objects.requireNonNull(object.map, "no object").get(name), name);
    }
}
