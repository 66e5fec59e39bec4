package dev.longwave.broker.redis;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerContext;
import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.Capability;
import dev.longwave.broker.Durability;
import dev.longwave.broker.Message;
import dev.longwave.broker.MessageRefusedException;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Published;
import dev.longwave.broker.Start;
import dev.longwave.broker.feed.Feed;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;

/** A broker on one Redis or Valkey server. */
final class RedisBroker implements Broker {
    /*
     * A topic is a stream, and a publish is one script, which the server runs with nothing between:
     * it adds the entry, notes it as the newest, remembers the message's id, and publishes it on the
     * topic's channel with its position and the one before. So the order of the channel is that of
     * the log, and what a node misses of the channel it finds in the log: the Feed does that.
     *
     * The server makes the entries' ids, from its clock, and never one that is not greater than the
     * one before. Entries are trimmed by count and by age; of a topic that nobody publishes to, all
     * go at once. Its newest position is known far longer. What coverage is then proven by: LogPage.
     *
     * Epochs. A position means something within the incarnation of the log that gave it. Every
     * script reads the bucket's epoch first, and makes one, at random, where there is none. It is in
     * the database beside the logs: FLUSHALL takes both, and another database, another namespace or
     * an empty server has another one. It is never hashed with these: it is random, and no two are
     * the same. A log that has merely lost its newest entries, as by a failover, keeps its epoch:
     * LogPage tells.
     *
     * Closing sets `closed` first. The feed ends the subscriptions, then the live path, then what
     * has to do with commands. A command that is running ends by itself, by its time-out at latest.
     */
    private static final Logger LOGGER = System.getLogger(RedisBroker.class.getName());

    private static final int LONGEST_CLIENT_NAME = 64;

    private static final Set<Capability> FORGETFUL =
            Set.of(
                    Capability.HISTORY,
                    Capability.DEDUPLICATION,
                    Capability.SHARED,
                    Capability.CLAIMS);
    private static final Set<Capability> DURABLE =
            Set.of(
                    Capability.HISTORY,
                    Capability.DEDUPLICATION,
                    Capability.SHARED,
                    Capability.CLAIMS,
                    Capability.DURABLE);

    private final RedisSettings settings;
    private final Keys keys;
    private final Epochs epochs = new Epochs();
    private final Watchdog watchdog;
    private final Links links;
    private final Server server;
    private final Feed feed;
    private final LivePath live;
    private final RedisLog log;
    private volatile boolean closed;
    private Durability durability = Durability.MEMORY; // set before anybody else sees the broker

    private RedisBroker(BrokerContext context) {
        settings = RedisSettings.read(context.settings());
        keys = new Keys(settings.namespace(), settings.address().database());
        var dialer = new Dialer(settings, clientName(context.node()));
        watchdog = new Watchdog(settings.timeout());
        feed = new Feed(Feed.RESYNC_PERIOD, context.onState());
        live = new LivePath(settings, keys, dialer, watchdog, new ToFeed(feed));
        links = new Links(settings, dialer, watchdog, live::reconnect);
        server = new Server(links, settings);
        log = new RedisLog(server, live, keys, settings, epochs);
    }

    /** {@return a broker, connected} */
    static RedisBroker connect(BrokerContext context) {
        var broker = new RedisBroker(context);
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
            links.connect();
            durability = ServerFacts.ask(server, settings.address()).durability();
            Rights.check(server, keys);
        } catch (BrokerUnavailableException e) {
            throw Failures.atStart(settings, e);
        }
        live.start();
        feed.start(log);
    }

    @Override
    public Set<Capability> capabilities() {
        return durability == Durability.MEMORY ? FORGETFUL : DURABLE;
    }

    @Override
    public int maxMessageBytes() {
        return settings.maxMessageBytes();
    }

    @Override
    public Published publish(String topic, Message message) {
        checkOpen();
        if (message.data().length > settings.maxMessageBytes()) {
            throw new MessageRefusedException(
                    "message is too large length=%d max=%d"
                            .formatted(message.data().length, settings.maxMessageBytes()));
        }
        String id = message.id();
        var names = new ArrayList<byte[]>();
        names.add(keys.epoch(Keys.bucket(topic)));
        names.add(keys.log(topic));
        names.add(keys.last(topic));
        if (id != null) {
            names.add(keys.id(topic, id));
        }
        var values =
                List.of(
                        epochs.next(),
                        Keys.bytes(keys.channel(topic)),
                        number(settings.retentionCount()),
                        number(settings.retentionAge().toMillis()),
                        number(settings.knownFor().toMillis()),
                        Header.of(message),
                        message.data(),
                        number(settings.dedupWindow().toMillis()));
        Reply reply =
                server.run("publish", new Server.Call(Script.PUBLISH, names, values), id != null);
        long epoch = Places.epoch(reply.at(0).text());
        return new Published(
                Places.position(epoch, reply.at(1).text()), durability, reply.at(2).number() == 1);
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
    public boolean claim(String key, Duration ttl) {
        checkOpen();
        var set =
                new CommandArguments(Command.SET)
                        .add(keys.claim(key))
                        .add("1")
                        .add("NX")
                        .add("PX")
                        .add(Math.max(1, ttl.toMillis()));
        // Not repeatable: the second time, it would be our own claim that is in the way.
        return !server.execute("claim", set, false).isNothing();
    }

    @Override
    public void close() {
        closed = true;
        feed.close();
        live.close();
        links.close();
        watchdog.close();
    }

    /** {@return the connection to what is live, for tests to break} */
    LivePath live() {
        return live;
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the broker is closed");
        }
    }

    private static byte[] number(long number) {
        return Keys.bytes(Long.toString(number));
    }

    /** {@return what CLIENT LIST is to show: without spaces, which the server refuses} */
    private static String clientName(String node) {
        String name = "longwave-" + node.replaceAll("[^!-~]", "_");
        return name.substring(0, Math.min(name.length(), LONGEST_CLIENT_NAME));
    }

    /** Hands on what the live path has. */
    private record ToFeed(Feed feed) implements LivePath.Listener {

        @Override
        public void message(String topic, byte[] bytes) {
            LiveMessage message;
            try {
                message = LiveMessage.parse(bytes);
            } catch (IllegalArgumentException e) {
                LOGGER.log(Level.WARNING, "somebody else publishes here topic=" + topic, e);
                feed.suspect(topic);
                return;
            }
            feed.live(topic, message.previous(), message.entry());
        }

        @Override
        public void lost() {
            feed.disconnected();
        }

        @Override
        public void restored() {
            feed.suspectAll();
        }
    }
}
