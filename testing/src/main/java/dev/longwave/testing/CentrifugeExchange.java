package dev.longwave.testing;

import dev.longwave.broker.testing.Ending;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A connection of the Centrifuge protocol in place of an event stream: what comes of its topics is
 * given out in the grammar of event streams, so that an {@link EventSourceClient} can read it.
 */
final class CentrifugeExchange implements Transport.Exchange {
    /*
     * Recovery by epoch and offset, as the client libraries do it. A reply without "recovered" is given out as a gap up
     * to the position in it, which is where the server goes on. "since=earliest" is recovery from offset 0, for which the
     * epoch is asked first.
     *
     * Each topic is subscribed to by a frame of its own, and so answered by one: what was missed of it is in that frame,
     * and a connection that is cut within loses no more than that. Publications that come while a subscription is not
     * answered yet are of the one before it, and come again.
     */
    private static final int SUBSCRIBE_AGAIN = 2500; // and above

    private final WebSocketClient client;
    private final List<String> topics;
    private final boolean fromEarliest;
    // All for the reading thread.
    private final Map<String, CentrifugePosition> positions = new LinkedHashMap<>();
    private final Map<String, String> subscribing = new HashMap<>(); // topics by their command
    private final Queue<String> blocks = new ArrayDeque<>();
    private int commands;
    private @Nullable ResponseHead head;
    private @Nullable EventBlocks body;

    private CentrifugeExchange(
            WebSocketClient client, List<String> topics, boolean fromEarliest, String lastEventId) {
        this.client = client;
        this.topics = topics;
        this.fromEarliest = fromEarliest;
        CentrifugePosition.all(lastEventId).forEach(this::stand);
    }

    static CentrifugeExchange get(URI uri, Map<String, String> headers) throws IOException {
        List<String> query = List.of(uri.getRawQuery().split("&", -1));
        List<String> topics =
                query.stream()
                        .filter(part -> part.startsWith("topic="))
                        .map(part -> PublishClient.decoded(part.substring("topic=".length())))
                        .toList();
        URI target = uri.resolve("/connection/websocket");
        return new CentrifugeExchange(
                WebSocketClient.ask(Protocol.connect(target), target),
                topics,
                query.contains("since=earliest"),
                headers.getOrDefault("Last-Event-ID", ""));
    }

    @Override
    public ResponseHead head() throws IOException {
        ResponseHead known = head;
        if (known == null) {
            known = answer(client.head());
            head = known;
        }
        return known;
    }

    private ResponseHead answer(ResponseHead handshake) throws IOException {
        if (!handshake.isUpgrade()) {
            return handshake;
        }
        client.text("{\"id\":%d,\"connect\":{}}".formatted(++commands));
        for (String topic : topics) {
            subscribe(topic);
        }
        body = new EventBlocks(next(), this::next);
        return new ResponseHead(200, Map.of("content-type", "text/event-stream"));
    }

    @Override
    public InputStream body() throws IOException {
        var _ = head();
        EventBlocks present = body;
        return present == null ? InputStream.nullInputStream() : present;
    }

    @Override
    public void close() {
        Ending.FIN.end(client.socket());
    }

    private void subscribe(String topic) throws IOException {
        String id = Integer.toString(++commands);
        subscribing.put(id, topic);
        CentrifugePosition position = positions.get(topic);
        String recovery =
                position == null
                        ? ""
                        : ",\"recover\":true,\"epoch\":\"%s\",\"offset\":%d"
                                .formatted(position.epoch(), position.offset());
        client.text(
                "{\"id\":%s,\"subscribe\":{\"channel\":\"%s\"%s}}".formatted(id, topic, recovery));
    }

    private void unsubscribe(String topic) throws IOException {
        client.text(
                "{\"id\":%d,\"unsubscribe\":{\"channel\":\"%s\"}}".formatted(++commands, topic));
    }

    private String next() throws IOException {
        while (blocks.isEmpty()) {
            WebSocketClient.Frame frame = client.read();
            if (frame.opcode() != WebSocketClient.TEXT) {
                throw new IOException("the server has closed the connection: " + frame);
            }
            for (String line : frame.text().split("\n", -1)) {
                take(JsonObject.parse(line));
            }
        }
        return blocks.remove();
    }

    private void take(JsonObject message) throws IOException {
        if (message.has("push")) {
            push(message.object("push"));
        } else if (message.has("error")) {
            throw new IOException("a command is refused: " + message.required("error"));
        } else if (message.has("subscribe")) {
            String topic = Objects.requireNonNull(subscribing.remove(message.required("id")));
            subscribed(topic, message.object("subscribe"));
        } else if (message.has("connect")) {
            blocks.add(EventBlocks.id(id())); // the stream has begun, where the last one stood
        } else if (!message.has("id")) {
            client.text("{}"); // a ping
        }
    }

    private void push(JsonObject push) throws IOException {
        String topic = push.required("channel");
        CentrifugePosition position = positions.get(topic);
        if (push.has("pub") && position != null && !subscribing.containsValue(topic)) {
            publication(position, push.object("pub"));
        } else if (push.has("unsubscribe")) {
            String code = push.object("unsubscribe").required("code");
            if (Integer.parseInt(code) < SUBSCRIBE_AGAIN) {
                throw new IOException("a subscription has ended code=" + code);
            }
            subscribe(topic);
        }
    }

    private void subscribed(String topic, JsonObject reply) throws IOException {
        var told =
                new CentrifugePosition(
                        topic,
                        reply.required("epoch"),
                        reply.has("offset") ? Long.parseLong(reply.required("offset")) : 0);
        CentrifugePosition before = positions.get(topic);
        if (before == null && fromEarliest && told.offset() > 0) {
            stand(new CentrifugePosition(topic, told.epoch(), 0));
            unsubscribe(topic);
            subscribe(topic);
        } else {
            if (before != null && !reply.has("recovered")) {
                gap(before, told);
            }
            if (reply.has("publications")) {
                for (JsonObject each : reply.objects("publications")) {
                    publication(told, each);
                }
            }
            stand(told);
        }
        blocks.add(EventBlocks.id(id()));
    }

    private void gap(CentrifugePosition after, CentrifugePosition before) {
        stand(before);
        blocks.add(
                EventBlocks.gap(
                        before.topic(),
                        after.epoch().equals(before.epoch()) ? "expired" : "epoch-changed",
                        after.text(),
                        before.text(),
                        id()));
    }

    private void publication(CentrifugePosition of, JsonObject publication) {
        long offset = Long.parseLong(publication.required("offset"));
        stand(new CentrifugePosition(of.topic(), of.epoch(), offset));
        String type = null;
        if (publication.has("tags")) {
            JsonObject tags = publication.object("tags");
            type = tags.has("type") ? tags.required("type") : null;
        }
        blocks.add(EventBlocks.event(type, publication.required("data"), id()));
    }

    private void stand(CentrifugePosition position) {
        positions.put(position.topic(), position);
    }

    private String id() {
        return positions.values().stream()
                .map(CentrifugePosition::text)
                .collect(Collectors.joining(","));
    }
}
