package dev.longwave.server.ops;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.longwave.broker.Broker;
import dev.longwave.broker.Presence;
import dev.longwave.core.TopicName;
import dev.longwave.server.http.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The nodes that share a broker. It tells them of this node, and lists those that have told of
 * themselves. Safe for many threads.
 */
public final class ClusterNodes implements AutoCloseable {
    /*
     * Each node is a member of a topic that no client may use, and renews its lease. So a node that was killed is listed
     * until its lease expires, and without the broker a node knows only itself: what it has read is forgotten after as
     * long. Nothing but the list depends on it.
     */
    static final String TOPIC = TopicName.RESERVED + "/nodes";

    static final Duration LEASE = Duration.ofSeconds(15);
    private static final Duration PERIOD = LEASE.dividedBy(3);
    private static final Duration FAREWELL = Duration.ofSeconds(2);
    private static final int MAX_NODES = 1000;
    private static final System.Logger LOGGER = System.getLogger(ClusterNodes.class.getName());

    private final Optional<Presence> presence;
    private final Supplier<ClusterNode> self;
    private final LongSupplier nanoTime;
    private final ScheduledThreadPoolExecutor thread =
            new ScheduledThreadPoolExecutor(
                    1, Thread.ofPlatform().daemon().name("longwave-nodes").factory());
    private volatile Others others;
    private boolean failing; // the thread's own

    private record Others(List<ClusterNode> nodes, long readNanos) {}

    /**
     * Announces a node until it is closed, if the broker keeps presence; otherwise each node knows
     * only itself.
     *
     * @param self describes this node as it is at the moment, always with the same ID; called by
     *     any thread, must not block
     */
    public static ClusterNodes start(Broker broker, Supplier<ClusterNode> self) {
        ClusterNodes nodes = new ClusterNodes(broker.presence(), self, System::nanoTime);
        if (nodes.presence.isPresent()) {
            var _ =
                    nodes.thread.scheduleWithFixedDelay(
                            nodes::exchange, 0, PERIOD.toMillis(), TimeUnit.MILLISECONDS);
        }
        return nodes;
    }

    /** Without a schedule, for tests. */
    ClusterNodes(Optional<Presence> presence, Supplier<ClusterNode> self, LongSupplier nanoTime) {
        this.presence = presence;
        this.self = self;
        this.nanoTime = nanoTime;
        this.others = new Others(List.of(), nanoTime.getAsLong());
    }

    /** {@return this node, and the others by their IDs} */
    public List<ClusterNode> list() {
        var nodes = new ArrayList<ClusterNode>();
        nodes.add(self.get());
        Others known = others;
        if (nanoTime.getAsLong() - known.readNanos() < LEASE.toNanos()) {
            nodes.addAll(known.nodes());
        }
        return nodes;
    }

    /** {@return the same as JSON} */
    ArrayNode json() {
        ArrayNode json = Json.object().putArray("nodes");
        list().forEach(node -> json.add(node.json()));
        return json;
    }

    /** Tells the others of this node, and reads what they have told. */
    void exchange() {
        try {
            ClusterNode node = self.get();
            Presence shared = presence.orElseThrow();
            shared.put(TOPIC, node.member(), LEASE);
            others =
                    new Others(
                            shared.members(TOPIC, MAX_NODES).stream()
                                    .filter(member -> !member.id().equals(node.id()))
                                    .map(ClusterNode::parse)
                                    .flatMap(Optional::stream)
                                    .sorted(Comparator.comparing(ClusterNode::id))
                                    .toList(),
                            nanoTime.getAsLong());
            failing = false;
        } catch (RuntimeException e) { // an executor would never run it again
            if (!failing) {
                failing = true;
                LOGGER.log(
                        System.Logger.Level.INFO,
                        "the broker cannot be asked for the other nodes: {0}",
                        e.getMessage());
            }
        }
    }

    /** Takes leave of the others, for a moment at most. */
    @Override
    public void close() {
        presence.ifPresent(shared -> thread.execute(() -> leave(shared)));
        thread.shutdown();
        try {
            if (!thread.awaitTermination(FAREWELL.toMillis(), TimeUnit.MILLISECONDS)) {
                thread.shutdownNow();
            }
        } catch (InterruptedException _) {
            thread.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }

    private void leave(Presence shared) {
        try {
            shared.remove(TOPIC, self.get().id());
        } catch (RuntimeException e) {
            LOGGER.log(
                    System.Logger.Level.DEBUG,
                    "this node could not be removed from the list; its lease expires",
                    e);
        }
    }
}
