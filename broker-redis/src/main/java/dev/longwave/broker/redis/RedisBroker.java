package dev.longwave.broker.redis;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerContext;
import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.Capability;
import dev.longwave.broker.Durability;
import dev.longwave.broker.EphemeralMessage;
import dev.longwave.broker.Message;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Presence;
import dev.longwave.broker.Publication;
import dev.longwave.broker.PublishResult;
import dev.longwave.broker.Published;
import dev.longwave.broker.Start;
import dev.longwave.broker.feed.Feed;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;

/** A broker that uses one Redis or Valkey server. */
final class RedisBroker implements Broker {
    /*
     * The log of a topic is a stream. One script publishes a message, and the server runs it
     * atomically: it adds the entry, stores its id as the topic's newest, stores the message's id,
     * and publishes the message on the topic's channel with its position and the previous one. The
     * channel therefore has the order of the log, and the Feed reads from the log what the node
     * misses on the channel.
     *
     * An ephemeral message is published on the same channel, and nowhere else.
     *
     * The server generates the entry ids from its clock, each greater than the one before. Entries
     * are trimmed by count and by age; the stream of a topic that nobody publishes to expires as a
     * whole. The topic's newest position is kept far longer. LogPage explains what that proves.
     *
     * Epochs. A position is valid only for the incarnation of the log that gave it. Every script
     * first reads the epoch of the bucket, and stores a new random one if there is none. The epoch
     * lives in the database beside the logs: FLUSHALL deletes both, and another database, another
     * namespace or an empty server has another epoch. A log that has only lost its newest entries,
     * for example in a fail-over, keeps its epoch; LogPage detects that.
     *
     * Closing sets `closed` first, then ends the subscriptions, the live path and the pool, in this
     * order. Running commands finish by themselves, or reach their time-out.
     */
    private static final Logger LOGGER = System.getLogger(RedisBroker.class.getName());

    private static final int LONGEST_CLIENT_NAME = 64;

    private static final Set<Capability> IN_MEMORY =
            Set.of(
                    Capability.HISTORY,
                    Capability.DEDUPLICATION,
                    Capability.SHARED,
                    Capability.CLAIMS,
                    Capability.PRESENCE,
                    Capability.EPHEMERAL);
    static final Set<Capability> DURABLE =
            Set.of(
                    Capability.HISTORY,
                    Capability.DEDUPLICATION,
                    Capability.SHARED,
                    Capability.CLAIMS,
                    Capability.PRESENCE,
                    Capability.EPHEMERAL,
                    Capability.DURABLE);

    private final RedisSettings settings;
    private final Keys keys;
    private final Epochs epochs = new Epochs();
    private final Watchdog watchdog;
    private final ConnectionPool pool;
    private final Server server;
    private final Feed feed;
    private final LivePath live;
    private final RedisLog log;
    private final Publisher publisher;
    private final RedisPresence presence;
    private volatile boolean closed;
    private Durability durability = Durability.MEMORY; // set before the broker is published

    private RedisBroker(RedisSettings settings, BrokerContext context) {
        this.settings = settings;
        keys = new Keys(settings.namespace(), settings.address().database());
        var connector = new Connector(settings, clientName(context.node()));
        watchdog = new Watchdog(settings.timeout());
        feed = new Feed(Feed.RESYNC_PERIOD, context.onStatus());
        live = new LivePath(settings, keys, connector, watchdog, new FeedHandler(feed));
        pool = new ConnectionPool(settings, connector, watchdog, live::reconnect);
        server = new Server(pool, settings);
        log = new RedisLog(server, live, keys, settings, epochs);
        publisher = new Publisher(server, keys, settings, epochs);
        presence = new RedisPresence(server, keys);
    }

    /** {@return a broker, connected} */
    static RedisBroker connect(RedisSettings settings, BrokerContext context) {
        var broker = new RedisBroker(settings, context);
        try {
            broker.start();
            return broker;
        } catch (RuntimeException e) {
            broker.close();
            throw e;
        }
    }

    private void start() {
        watchdog.start();
        try {
            pool.connect();
            durability = ServerInfo.ask(server, settings.address()).durability();
            Permissions.check(server, keys);
        } catch (BrokerUnavailableException e) {
            throw Failures.atStart(settings, e);
        }
        live.start();
        feed.start(log);
    }

    @Override
    public Set<Capability> capabilities() {
        return durability == Durability.MEMORY ? IN_MEMORY : DURABLE;
    }

    @Override
    public int maxMessageBytes() {
        return settings.maxMessageBytes();
    }

    @Override
    public Published publish(String topic, Message message) {
        checkOpen();
        return publisher.publish(topic, message, durability);
    }

    @Override
    public List<PublishResult> publishAll(List<Publication> publications) {
        checkOpen();
        return publisher.publishAll(publications, durability);
    }

    @Override
    public void broadcast(String topic, Message message) {
        checkOpen();
        publisher.broadcast(topic, message);
    }

    @Override
    public Subscription subscribe(String topic, Sink sink) {
        checkOpen();
        return feed.subscribe(topic, sink);
    }

    @Override
    public Page history(
            String topic, Start start, @Nullable Position until, int maxEntries, int maxBytes) {
        checkOpen();
        if (maxEntries < 1 || maxBytes < 1) {
            throw new IllegalArgumentException(
                    "a page needs room maxEntries=%d maxBytes=%d min=1"
                            .formatted(maxEntries, maxBytes));
        }
        return log.read(topic, start, until, maxEntries, maxBytes);
    }

    @Override
    public Optional<Presence> presence() {
        return Optional.of(presence);
    }

    @Override
    public boolean claim(String key, Duration ttl) {
        checkOpen();
        var set =
                new CommandArguments(Command.SET)
                        .add(keys.claim(key))
                        .add("1")
                        .add("NX")
                        .add("PX")
                        .add(Math.max(1, ttl.toMillis()));
        // Not repeatable: the second attempt would find the claim of the first.
        return !server.execute("claim", set, false).isNothing();
    }

    @Override
    public void close() {
        closed = true;
        feed.close();
        live.close();
        pool.close();
        watchdog.close();
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the broker is closed");
        }
    }

    /** {@return the name shown in CLIENT LIST, without spaces, which the server refuses} */
    private static String clientName(String node) {
        String name = "longwave-" + node.replaceAll("[^!-~]", "_");
        return name.substring(0, Math.min(name.length(), LONGEST_CLIENT_NAME));
    }

    /** Passes everything from the live path to the feed. */
    private record FeedHandler(Feed feed) implements LivePath.Handler {

        @Override
        public void message(String topic, byte[] bytes) {
            Runnable pass;
            try {
                pass = EphemeralFrame.isOne(bytes) ? ephemeral(topic, bytes) : live(topic, bytes);
            } catch (IllegalArgumentException e) {
                LOGGER.log(
                        Level.WARNING,
                        "ignored a foreign message on the channel of topic=" + topic,
                        e);
                feed.suspect(topic);
                return;
            }
            pass.run();
        }

        private Runnable ephemeral(String topic, byte[] bytes) {
            EphemeralMessage message = EphemeralFrame.parse(bytes);
            return () -> feed.broadcast(topic, message);
        }

        private Runnable live(String topic, byte[] bytes) {
            LiveMessage message = LiveMessage.parse(bytes);
            return () -> feed.live(topic, message.previous(), message.entry());
        }

        @Override
        public void lost(String reason) {
            feed.disconnected(reason);
        }

        @Override
        public void restored() {
            feed.suspectAll();
        }
    }
}
