package dev.longwave.broker.nats;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.BrokerContext;
import dev.longwave.broker.Capability;
import dev.longwave.broker.Durability;
import dev.longwave.broker.Message;
import dev.longwave.broker.MessageRefusedException;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Presence;
import dev.longwave.broker.Published;
import dev.longwave.broker.Start;
import dev.longwave.broker.feed.Feed;
import io.nats.client.Connection;
import io.nats.client.api.ServerInfo;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A broker on one JetStream stream. */
final class JetStreamBroker implements Broker {
    /*
     * All topics are in one stream, each with a subject of its own. A position is a sequence of the
     * stream. The stream republishes what it has stored to other subjects, each message with its
     * sequence and that of the message before it in its topic: nodes subscribe to these, which costs
     * the servers next to nothing, while a consumer for each topic would cost them sixty times the
     * time. Republishing is at most once. What a node misses, it reads from the stream: the Feed does
     * that.
     *
     * Epochs. A sequence means something within one life of the stream, from which the epoch is made:
     * StreamFacts. It is looked at with every check of the tails; so after somebody deleted the
     * stream, messages of the new one may be given the old epoch for a resync period.
     *
     * Closing sets `closed` first. The feed ends the subscriptions, then the connection ends all of
     * the library's threads. A call that is running ends by itself, by its time-out at latest.
     */
    private static final Logger LOGGER = System.getLogger(JetStreamBroker.class.getName());

    // What a message may have besides its data: id, type, key and topic, each encoded.
    private static final int HEADERS_BYTES = 8 << 10;

    private static final Set<Capability> CAPABILITIES =
            Set.of(
                    Capability.HISTORY,
                    Capability.DEDUPLICATION,
                    Capability.SHARED,
                    Capability.DURABLE,
                    Capability.PRESENCE,
                    Capability.CLAIMS,
                    Capability.PATTERNS);

    private final NatsSettings settings;
    private final Connection connection;
    private final Feed feed;
    private final Publisher publisher;
    private final Leases leases;
    private final LivePath live;
    private final JetStreamLog log;
    private volatile boolean closed;

    /** Who is where, and what is taken. */
    private record Leases(KeyValuePresence presence, KeyValueClaims claims) {

        static Leases open(Connection connection, NatsSettings settings) {
            int replicas = settings.replicas();
            return new Leases(
                    KeyValuePresence.open(
                            connection,
                            settings.stream() + "_presence",
                            replicas,
                            settings.timeout()),
                    KeyValueClaims.open(
                            connection,
                            settings.stream() + "_claims",
                            replicas,
                            settings.timeout()));
        }
    }

    private JetStreamBroker(
            NatsSettings settings,
            Connection connection,
            Feed feed,
            Publisher publisher,
            Leases leases,
            LivePath live,
            JetStreamLog log) {
        this.settings = settings;
        this.connection = connection;
        this.feed = feed;
        this.publisher = publisher;
        this.leases = leases;
        this.live = live;
        this.log = log;
    }

    /** {@return a broker, connected} */
    static JetStreamBroker connect(NatsSettings settings, BrokerContext context) {
        var feed = new Feed(settings.resyncPeriod(), context.onState());
        var relay = new Relay(feed);
        Connection connection = Connections.open(settings, context.node(), relay);
        try {
            return start(settings, connection, feed, relay);
        } catch (RuntimeException | Error e) {
            feed.close();
            close(connection);
            throw e;
        }
    }

    private static JetStreamBroker start(
            NatsSettings settings, Connection connection, Feed feed, Relay relay) {
        ServerVersion version = check(connection.getServerInfo(), settings);
        var requests = new Requests(connection, settings.timeout());
        relay.connected(requests);
        var subjects = new Subjects(settings.prefix());
        var stream = new Stream(requests, settings, subjects);
        stream.ensure();
        boolean batched = version.atLeast(2, 11);
        boolean replicated = settings.replicas() > 1;
        var leader = new Leader(requests, settings.stream());
        var batches = new Batches(connection, requests, settings.stream());
        var reader =
                new LogReader(requests, leader, stream, batches, subjects, batched, replicated);
        var live = new LivePath(connection, requests, subjects, stream, feed);
        var log = new JetStreamLog(live, reader, leader, stream, subjects);
        var durability = replicated ? Durability.REPLICATED : Durability.STORED;
        var publisher = new Publisher(requests, stream, subjects, durability);
        Leases leases = Leases.open(connection, settings);
        feed.start(log);
        LOGGER.log(
                Level.INFO,
                "connected servers={0} version={1} stream={2} replicas={3} durability={4}",
                settings.addresses(),
                version,
                settings.stream(),
                settings.replicas(),
                durability.word());
        return new JetStreamBroker(settings, connection, feed, publisher, leases, live, log);
    }

    /** Refuses a server that cannot do it, and says what an old one does less well. */
    private static ServerVersion check(ServerInfo server, NatsSettings settings) {
        ServerVersion version = ServerVersion.parse(server.getVersion());
        if (!version.atLeast(2, 9)) {
            throw new BrokerConfigurationException(
                    "the server is too old: before 2.9 it neither republishes what a stream stores"
                        + " nor reads from replicas; use 2.11 or later, or broker.nats.mode core"
                        + " version="
                            + version);
        }
        if (!server.isJetStreamAvailable()) {
            throw new BrokerConfigurationException(
                    "the server has no JetStream: turn it on, or use broker.nats.mode core, which"
                            + " has no history servers="
                            + settings.addresses());
        }
        long needed = (long) settings.maxMessageBytes() + HEADERS_BYTES;
        if (server.getMaxPayload() < needed) {
            throw new BrokerConfigurationException(
                    "the server takes less than broker.nats.max-message-bytes and 8 KiB for"
                            + " headers:"
                            + " lower that, or raise the server's max_payload max_payload=%d needed=%d"
                                    .formatted(server.getMaxPayload(), needed));
        }
        warnOfLess(version);
        return version;
    }

    private static void warnOfLess(ServerVersion version) {
        if (!version.atLeast(2, 10)) {
            LOGGER.log(
                    Level.WARNING,
                    "the server is old: before 2.10 it does not republish the time of a message, so"
                            + " that each live event is read from the stream, too version={0}",
                    version);
        }
        if (!version.atLeast(2, 11)) {
            LOGGER.log(
                    Level.WARNING,
                    "the server is old: before 2.11 it has no batched reads, so that history costs"
                            + " a round trip for each event, and keeps no leases version={0}",
                    version);
        }
    }

    @Override
    public Set<Capability> capabilities() {
        return CAPABILITIES;
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
        return publisher.publish(topic, message);
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
        return Optional.of(leases.presence);
    }

    @Override
    public boolean claim(String key, Duration ttl) {
        checkOpen();
        return leases.claims.claim(key, ttl);
    }

    @Override
    public void close() {
        closed = true;
        feed.close();
        close(connection);
    }

    /** {@return what is live, for tests to break} */
    LivePath live() {
        return live;
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the broker is closed");
        }
    }

    private static void close(Connection connection) {
        try {
            connection.close();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // it ends all the same
        }
    }
}
