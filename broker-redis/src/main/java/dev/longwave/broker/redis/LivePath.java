package dev.longwave.broker.redis;

import dev.longwave.broker.BrokerUnavailableException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The node's Pub/Sub connections, one to each primary, and the topics that it listens to. */
final class LivePath implements AutoCloseable {
    /*
     * Each topic of interest is subscribed to on the connection to the primary of its bucket. A topic
     * is added to `interests` before it is subscribed to, and a new connection begins by subscribing
     * to all interests of its primary: each interest is therefore sent at least once on each
     * connection.
     *
     * When the primaries change, `update` gives each a connection, and moves topics to where they
     * belong now. What is lost on the way is found, as every topic that is confirmed again is checked.
     */
    private final RedisSettings settings;
    private final Keys keys;
    private final Primaries primaries;
    private final Topology topology;
    private final Watchdog watchdog;
    private final Handler handler;
    private final Map<String, Interest> interests = new ConcurrentHashMap<>(); // by channel
    private final Map<Shard, LiveConnection> connections = new ConcurrentHashMap<>();
    private final List<LiveConnection> retired = new ArrayList<>(); // guarded by this
    private boolean closed; // guarded by this
    private volatile boolean started;

    /** Receives messages and state changes. The messages of one topic come from one thread. */
    interface Handler {

        /** A message arrived. */
        void message(String topic, byte[] bytes);

        /** A connection broke, for this reason. */
        void lost(String reason);

        /** There is a new connection, and all subscriptions are in effect again. */
        void restored();

        /** Messages of this topic may have been lost. */
        void suspect(String topic);
    }

    /**
     * A topic that the node listens to.
     *
     * @param confirmed opened by the first confirmation
     */
    record Interest(String topic, String channel, int bucket, CountDownLatch confirmed) {}

    LivePath(
            RedisSettings settings,
            Keys keys,
            Primaries primaries,
            Topology topology,
            Watchdog watchdog,
            Handler handler) {
        this.settings = settings;
        this.keys = keys;
        this.primaries = primaries;
        this.topology = topology;
        this.watchdog = watchdog;
        this.handler = handler;
    }

    /**
     * Connects.
     *
     * @throws BrokerUnavailableException if that takes too long; {@link #close} must be called
     *     nevertheless
     */
    void start() {
        update();
        for (LiveConnection connection : connections.values()) {
            await(connection.readyOnce(), "open the Pub/Sub connection");
        }
        started = true;
    }

    /**
     * Subscribes to the channel of a topic, and returns once the server has confirmed it.
     *
     * @throws BrokerUnavailableException if it is not confirmed in time
     */
    void listen(String topic) {
        String channel = keys.channel(topic);
        var interest = new Interest(topic, channel, Keys.bucket(topic), new CountDownLatch(1));
        interests.put(channel, interest);
        LiveConnection connection = connectionFor(interest);
        if (connection != null) {
            connection.subscribe(List.of(interest));
        }
        await(interest.confirmed, "subscribe to the channel of a topic");
    }

    /** Unsubscribes from the channel of a topic, and does not wait. */
    void unlisten(String topic) {
        Interest interest = interests.remove(keys.channel(topic));
        if (interest != null) {
            connections.values().forEach(connection -> connection.unsubscribe(interest));
        }
    }

    /** Connects to each primary, and subscribes to each topic where it belongs now. */
    synchronized void update() {
        if (closed) {
            return;
        }
        Set<Shard> now = Set.copyOf(primaries.all());
        connections.entrySet().removeIf(each -> !now.contains(each.getKey()) && retire(each));
        for (Shard shard : now) {
            LiveConnection known = connections.get(shard);
            if (known == null) {
                connections.computeIfAbsent(shard, this::connect).start();
            } else {
                known.leaveFormerPrimary();
            }
        }
        var toSubscribe = new HashMap<LiveConnection, List<Interest>>();
        for (Interest interest : interests.values()) {
            LiveConnection here = connectionFor(interest);
            for (LiveConnection each : connections.values()) {
                if (each == here) {
                    toSubscribe.computeIfAbsent(each, _ -> new ArrayList<>()).add(interest);
                } else {
                    each.unsubscribe(interest);
                }
            }
        }
        toSubscribe.forEach(LiveConnection::subscribe);
    }

    private LiveConnection connect(Shard shard) {
        return new LiveConnection(shard, this, settings, watchdog);
    }

    private boolean retire(Map.Entry<Shard, LiveConnection> each) {
        each.getValue().stop();
        retired.add(each.getValue());
        retired.removeIf(LiveConnection::hasEnded);
        return true;
    }

    private @Nullable LiveConnection connectionFor(Interest interest) {
        Shard shard = primaries.servedBy(interest.bucket);
        return shard == null ? null : connections.get(shard);
    }

    /** Closes all connections, and returns once their threads have ended. */
    @Override
    public void close() {
        List<LiveConnection> all;
        synchronized (this) {
            closed = true;
            all = new ArrayList<>(retired);
            all.addAll(connections.values());
        }
        all.forEach(LiveConnection::stop);
        all.forEach(LiveConnection::awaitEnd);
    }

    // Called by the connections

    List<Interest> interestsOf(Shard shard) {
        return interests.values().stream()
                .filter(interest -> primaries.servedBy(interest.bucket) == shard)
                .toList();
    }

    boolean hasShardedChannels() {
        return primaries.hasShardedChannels();
    }

    void message(String channel, byte[] bytes) {
        Interest interest = interests.get(channel);
        if (interest != null) {
            handler.message(interest.topic, bytes);
        }
    }

    /**
     * The server has confirmed a subscription.
     *
     * @param first whether it was to be expected, as the connection is new
     */
    void confirmed(String channel, boolean first) {
        Interest interest = interests.get(channel);
        if (interest == null) {
            return;
        }
        boolean again = interest.confirmed.getCount() == 0;
        interest.confirmed.countDown();
        if (again && !first) {
            handler.suspect(interest.topic);
        }
    }

    /** A subscription has ended that was not ended here: its slot has moved. */
    void moved(String channel) {
        if (interests.containsKey(channel)) {
            topology.changed();
        }
    }

    void lost(String reason) {
        topology.suspect();
        handler.lost(reason);
    }

    void restored() {
        if (started) {
            handler.restored();
        }
    }

    private void await(CountDownLatch latch, String attempt) {
        try {
            if (latch.await(settings.timeout().toNanos(), TimeUnit.NANOSECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BrokerUnavailableException("cannot " + attempt + ", interrupted", e);
        }
        throw new BrokerUnavailableException(
                "cannot %s, no answer in time server=%s timeout=%s"
                        .formatted(attempt, settings.address(), settings.timeout()));
    }
}
