package dev.longwave.server.hooks;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerException;
import dev.longwave.broker.Capability;
import dev.longwave.server.http.Json;
import dev.longwave.server.presence.Member;
import dev.longwave.server.presence.Occupancy;
import dev.longwave.server.presence.RoomListener;
import dev.longwave.server.presence.Visit;
import dev.longwave.token.Sha256;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/** Sends joins and leaves to the application, and when topics are occupied and vacated. */
final class RoomHooks implements RoomListener, AutoCloseable {
    /*
     * Each node that sees an event has a notice of it, under the same name. The first to claim the name tells the
     * application; so it is told once, unless the broker does not answer: then it may be told by several, under the
     * same name. What a node was about to tell when it was killed is lost.
     *
     * Listeners must not block. So a notice goes to one of a few queues, by its topic, and waits there for what nodes
     * need to agree on its name.
     */
    private static final int LANES = 8;
    private static final Duration CLAIMED = Duration.ofMinutes(10);
    private static final System.Logger LOGGER = System.getLogger(RoomHooks.class.getName());

    private final Broker broker;
    private final boolean alone;
    private final Set<HookEvent> events;
    private final InstantSource clock;
    private final List<Lane> lanes = new ArrayList<>();

    RoomHooks(
            Broker broker,
            HookClient client,
            HookSettings settings,
            Lane.Timing timing,
            Tally tally,
            InstantSource clock) {
        this.broker = broker;
        this.alone =
                !broker.capabilities().contains(Capability.SHARED)
                        || !broker.capabilities().contains(Capability.CLAIMS);
        this.events = settings.events();
        this.clock = clock;
        for (int i = 0; i < LANES; i++) {
            lanes.add(
                    new Lane(
                            Math.max(1, settings.maxQueued() / LANES),
                            client,
                            timing,
                            this::isElected,
                            tally,
                            clock));
        }
    }

    @Override
    public void joined(Visit visit, Member member) {
        add(HookEvent.JOINED, visit.topic(), visit::id, () -> data(visit.topic(), member));
    }

    @Override
    public void left(Visit visit, Member member) {
        add(HookEvent.LEFT, visit.topic(), visit::id, () -> data(visit.topic(), member));
    }

    @Override
    public void occupied(Occupancy occupancy) {
        add(HookEvent.OCCUPIED, occupancy.topic(), occupancy::id, () -> data(occupancy.topic()));
    }

    @Override
    public void vacated(Occupancy occupancy) {
        add(HookEvent.VACATED, occupancy.topic(), occupancy::id, () -> data(occupancy.topic()));
    }

    private void add(
            HookEvent event, String topic, Supplier<String> span, Supplier<ObjectNode> data) {
        if (!events.contains(event)) {
            return;
        }
        Instant now = clock.instant();
        lanes.get(Math.floorMod(topic.hashCode(), LANES))
                .add(
                        new Notice(
                                topic,
                                () -> id(event, topic, span.get()),
                                () -> HookClient.body(event, now, data.get()),
                                now));
    }

    /** Has no dots, as these separate what is signed. */
    private static String id(HookEvent event, String topic, String span) {
        return event.word() + '_' + Sha256.hex(event.word() + '\0' + topic + '\0' + span);
    }

    private static ObjectNode data(String topic) {
        return Json.object().put("topic", topic);
    }

    private static ObjectNode data(String topic, Member member) {
        ObjectNode data =
                data(topic)
                        .put("user", member.user().isEmpty() ? null : member.user())
                        .put("connection", member.connection());
        if (!member.info().isEmpty()) {
            byte[] info = member.info().getBytes(StandardCharsets.UTF_8);
            data.set("info", Json.parse(info, 0, info.length));
        }
        return data;
    }

    private boolean isElected(String id) {
        if (alone) {
            return true;
        }
        try {
            return broker.claim("hook:" + id, CLAIMED);
        } catch (BrokerException e) {
            LOGGER.log(
                    System.Logger.Level.DEBUG, "an event may be told by several nodes id=" + id, e);
            return true; // better twice than never
        }
    }

    @Override
    public void close() {
        lanes.forEach(Lane::close);
    }
}
