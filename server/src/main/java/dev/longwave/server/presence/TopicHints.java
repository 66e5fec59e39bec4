package dev.longwave.server.presence;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longwave.broker.Broker;
import dev.longwave.broker.Capability;
import dev.longwave.broker.Entry;
import dev.longwave.broker.EphemeralMessage;
import dev.longwave.broker.GapReason;
import dev.longwave.broker.Message;
import dev.longwave.broker.Position;
import dev.longwave.core.TopicName;
import dev.longwave.server.http.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Hints as events of a topic that only servers use: ephemeral ones, unless the broker has none.
 * Nobody needs them later.
 */
final class TopicHints implements Hints {

    static final String TOPIC = TopicName.RESERVED + "/presence";

    /**
     * For readers of all topics, who may see them: EventSource ignores a type it does not expect.
     */
    private static final String TYPE = "longwave-presence";

    private static final int PER_MESSAGE = 16; // each up to 2 KiB

    private final String node = UUID.randomUUID().toString();
    private final Broker broker;
    private final Broker.Subscription subscription;

    private TopicHints(Broker broker, Consumer<List<Change>> hearing) {
        this.broker = broker;
        this.subscription =
                broker.subscribe(
                        TOPIC,
                        new Broker.Sink() {
                            @Override
                            public void message(Entry entry) {
                                hear(entry.message().data(), hearing);
                            }

                            @Override
                            public void ephemeral(EphemeralMessage hint) {
                                hear(hint.message().data(), hearing);
                            }

                            @Override
                            public void gap(Position after, Position before, GapReason reason) {
                                // The leases are read anyway.
                            }
                        });
    }

    /** {@return the hints over {@code broker}, if it has other nodes} */
    static Hints open(Broker broker, Consumer<List<Change>> hearing) {
        return broker.capabilities().contains(Capability.SHARED)
                ? over(broker, hearing)
                : Hints.NONE;
    }

    static Hints over(Broker broker, Consumer<List<Change>> hearing) {
        return new TopicHints(broker, hearing);
    }

    @Override
    public void publish(List<Change> changes) {
        for (int from = 0; from < changes.size(); from += PER_MESSAGE) {
            int to = Math.min(from + PER_MESSAGE, changes.size());
            byte[] bytes = bytes(changes.subList(from, to));
            Message message = Message.builder(bytes).type(TYPE).build();
            if (broker.capabilities().contains(Capability.EPHEMERAL)) {
                broker.broadcast(TOPIC, message);
            } else {
                var _ = broker.publish(TOPIC, message);
            }
        }
    }

    private byte[] bytes(List<Change> changes) {
        ObjectNode json = Json.object().put("n", node);
        ArrayNode list = json.putArray("c");
        for (Change change : changes) {
            Lease lease = change.lease();
            list.add(
                    lease.json()
                            .put("t", lease.topic())
                            .put("c", lease.member().connection())
                            .put("x", change.ended()));
        }
        return Json.bytes(json);
    }

    private void hear(byte[] data, Consumer<List<Change>> hearing) {
        JsonNode json;
        try {
            json = Json.parse(data, 0, data.length);
        } catch (IllegalArgumentException _) {
            return; // it is not one of ours
        }
        if (json.path("n").asText().equals(node)) {
            return;
        }
        var changes = new ArrayList<Change>();
        for (JsonNode each : json.path("c")) {
            change(each).ifPresent(changes::add);
        }
        hearing.accept(changes);
    }

    private static Optional<Change> change(JsonNode json) {
        return Lease.parse(json.path("t").asText(), json.path("c").asText(), json)
                .map(lease -> new Change(lease, json.path("x").asBoolean()));
    }

    @Override
    public void close() {
        subscription.close();
    }
}
