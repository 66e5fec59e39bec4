package dev.longwave.broker.redis;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.BrokerContext;
import dev.longwave.broker.BrokerException;
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
import dev.longwave.broker.feed.ForeignEntries;
import dev.longwave.broker.feed.WriteHealth;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisException;

/** A broker that uses Redis or Valkey: one server, a primary that Sentinels know, or a cluster. */
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
     * for example in a fail-over or from an old copy, keeps its epoch; LogPage detects that.
     *
     * Deleting a topic deletes its stream, and stores up to where. The newest position stays, and
     * what is published later goes on above it.
     *
     * Closing sets `closed` first, then ends the subscriptions, the live path and the connections,
     * in this order. Running commands finish by themselves, or reach their time-out.
     */
    private static final String TYPE = "redis";

    private static final Logger LOGGER = System.getLogger(RedisBroker.class.getName());

    private static final int LONGEST_CLIENT_NAME = 64;

    static final Set<Capability> IN_MEMORY =
            Set.of(
                    Capability.HISTORY,
                    Capability.DEDUPLICATION,
                    Capability.SHARED,
                    Capability.CLAIMS,
                    Capability.PRESENCE,
                    Capability.EPHEMERAL,
                    Capability.DELETE);
    static final Set<Capability> DURABLE =
            Stream.concat(IN_MEMORY.stream(), Stream.of(Capability.DURABLE))
                    .collect(Collectors.toUnmodifiableSet());

    private final RedisSettings settings;
    private final Keys keys;
    private final Epochs epochs = new Epochs();
    private final SeenEntries seen = new SeenEntries();
    private final Watchdog watchdog;
    private final @Nullable Sentinels sentinels;
    private final Primaries primaries;
    private final Topology topology;
    private final Server server;
    private final Feed feed;
    private final LivePath live;
    private final RedisLog log;
    private final Writes writes;
    private final Command publish;
    private final Publisher publisher;
    private final RedisPresence presence;
    private final ServerCheck check;
    private volatile boolean closed;
    private Set<Capability> capabilities = IN_MEMORY; // set before the broker is published

    private RedisBroker(RedisSettings settings, BrokerContext context) {
        this.settings = settings;
        keys = new Keys(settings.namespace(), settings.address().database());
        var connector = new Connector(settings, clientName(context.node()));
        watchdog = new Watchdog(settings.timeout());
        sentinels =
                settings.address().kind() == RedisAddress.Kind.SENTINEL
                        ? new Sentinels(settings, connector)
                        : null;
        primaries = primaries(settings, connector, watchdog, sentinels);
        topology = new Topology(primaries, this::primariesChanged);
        server = new Server(primaries, topology, watchdog, settings);
        feed = new Feed(Feed.RESYNC_PERIOD, context.onStatus());
        check = new ServerCheck(server, primaries, keys, settings, context.node(), feed);
        var foreign = new ForeignEntries(TYPE, settings.maxMessageBytes());
        live =
                new LivePath(
                        settings,
                        keys,
                        primaries,
                        topology,
                        watchdog,
                        new FeedHandler(feed, foreign, seen, check));
        log = new RedisLog(server, primaries, live, keys, settings, epochs, seen, foreign, feed);
        writes = new Writes(server, new WriteHealth(TYPE, feed, this::probe));
        publish = primaries.hasShardedChannels() ? Command.SPUBLISH : Command.PUBLISH;
        publisher = new Publisher(writes, keys, settings, epochs, seen, publish);
        presence = new RedisPresence(server, writes, keys);
    }

    private static Primaries primaries(
            RedisSettings settings,
            Connector connector,
            Watchdog watchdog,
            @Nullable Sentinels sentinels) {
        try {
            if (sentinels != null) {
                sentinels.check();
                return OnePrimary.of(sentinels, settings, connector, watchdog);
            }
            if (settings.address().kind() == RedisAddress.Kind.CLUSTER) {
                return new ClusterPrimaries(settings, connector, watchdog);
            }
            HostAndPort server = settings.address().servers().getFirst();
            return OnePrimary.at(server, settings, connector, watchdog);
        } catch (JedisException e) {
            if (sentinels != null) {
                sentinels.close();
            }
            throw Failures.atStart(settings, e);
        }
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
        topology.start();
        try {
            check.checkAtStart();
        } catch (BrokerConfigurationException e) {
            throw e;
        } catch (BrokerException e) {
            throw Failures.atStart(settings, e);
        }
        capabilities = check.durability() == Durability.MEMORY ? IN_MEMORY : DURABLE;
        live.start();
        feed.start(log);
        check.start();
    }

    /** Writes to each primary, as a probe of whether it accepts that. */
    private void probe() {
        server.forEach(shard -> {
            String unused = keys.unused(primaries.bucketOf(shard), "key");
            var set = new CommandArguments(Command.SET).add(unused).add("").add("PX").add(1);
            var _ = server.ask(shard, "store a probe", List.of(set));
        });
    }

    private void primariesChanged() {
        live.update();
        check.suspect();
    }

    @Override
    public Set<Capability> capabilities() {
        return capabilities;
    }

    @Override
    public int maxMessageBytes() {
        return settings.maxMessageBytes();
    }

    @Override
    public Published publish(String topic, Message message) {
        checkOpen();
        return publisher.publish(topic, message, check.durability());
    }

    @Override
    public List<PublishResult> publishAll(List<Publication> publications) {
        checkOpen();
        return publisher.publishAll(publications, check.durability());
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
        return log.read(topic, start, until, maxEntries, maxBytes).withoutSkipped();
    }

    @Override
    public Position delete(String topic) {
        checkOpen();
        int bucket = Keys.bucket(topic);
        var call =
                Server.Call.repeatable(
                        bucket,
                        Script.DELETE,
                        List.of(
                                keys.epoch(bucket),
                                keys.log(topic),
                                keys.last(topic),
                                keys.erased(topic)),
                        List.of(
                                epochs.next(),
                                Keys.bytes(keys.channel(topic)),
                                Keys.bytes(Long.toString(settings.tailRetention().toMillis())),
                                publish.getRaw()));
        Reply reply = writes.run("delete a topic", call);
        return EntryIds.position(EntryIds.epoch(reply.at(0).text()), reply.at(1).text());
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
        return !writes.run("claim", Server.Call.of(Keys.bucket(key), set)).isNothing();
    }

    @Override
    public void close() {
        closed = true;
        feed.close();
        check.close();
        topology.close();
        live.close();
        primaries.close();
        if (sentinels != null) {
            sentinels.close();
        }
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
    private record FeedHandler(
            Feed feed, ForeignEntries foreign, SeenEntries seen, ServerCheck check)
            implements LivePath.Handler {

        @Override
        public void message(String topic, byte[] bytes) {
            Runnable pass;
            try {
                pass = read(topic, bytes);
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

        private Runnable read(String topic, byte[] bytes) {
            if (EphemeralFrame.isOne(bytes)) {
                EphemeralMessage message = EphemeralFrame.parse(bytes);
                return () -> feed.broadcast(topic, message);
            }
            if (DeletionFrame.isOne(bytes)) {
                Position upTo = DeletionFrame.parse(bytes);
                return () -> feed.deleted(topic, upTo);
            }
            LiveMessage message = LiveMessage.parse(bytes, foreign);
            return () -> {
                seen.add(topic, message.entry().position());
                feed.live(topic, message.previous(), message.entry());
            };
        }

        @Override
        public void lost(String reason) {
            feed.disconnected(reason);
        }

        @Override
        public void restored() {
            feed.suspectAll();
            check.suspect();
        }

        @Override
        public void suspect(String topic) {
            feed.suspect(topic);
        }
    }
}
