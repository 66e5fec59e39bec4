package dev.longwave.broker.nats;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.BrokerContext;
import dev.longwave.broker.Capability;
import dev.longwave.broker.Durability;
import dev.longwave.broker.Message;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Presence;
import dev.longwave.broker.Publication;
import dev.longwave.broker.PublishResult;
import dev.longwave.broker.Published;
import dev.longwave.broker.Start;
import dev.longwave.broker.feed.Feed;
import io.nats.client.Connection;
import io.nats.client.api.ServerInfo;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A broker on one JetStream stream. */
final class JetStreamBroker implements Broker {
    /*
     * All topics are in one stream, each with its own subject. A position is a sequence number of the
     * stream. The stream republishes each message that it has stored to another subject, with its
     * sequence and that of the message before it in its topic. Nodes subscribe to those subjects, which
     * costs the servers almost nothing; a consumer for each topic would cost sixty times as much.
     * Republishing delivers at most once. The Feed reads what a node misses from the stream. Ephemeral
     * messages are sent from node to node beside the stream: EphemeralPath.
     *
     * Epochs. Sequences can be compared within one life of the stream, from which the epoch is
     * derived: StreamFacts. Every check of the tails reads it again. So after an operator has deleted
     * the stream, messages of the new stream may carry the old epoch for one resync period. A stream that
     * is put back from a copy has its old epoch: there the time of a message, which its position carries,
     * tells two messages with one sequence apart: see LogReader. The answer to a publisher has no time.
     *
     * Closing sets `closed` first. The feed ends the subscriptions, then the connection ends all of
     * the library's threads. A call that is running ends by itself, after its timeout at the latest.
     */
    private static final Logger LOGGER = System.getLogger(JetStreamBroker.class.getName());

    static final Set<Capability> CAPABILITIES =
            Set.of(
                    Capability.HISTORY,
                    Capability.DEDUPLICATION,
                    Capability.SHARED,
                    Capability.DURABLE,
                    Capability.PRESENCE,
                    Capability.CLAIMS,
                    Capability.PATTERNS,
                    Capability.EPHEMERAL,
                    Capability.DELETE);

    private final NatsSettings settings;
    private final Connection connection;
    private final Feed feed;
    private final Publisher publisher;
    private final Deletions deletions;
    private final EphemeralPath ephemeral;
    private final Leases leases;
    private final JetStreamLog log;
    private volatile boolean closed;

    /** Presence and claims. */
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
            Deletions deletions,
            EphemeralPath ephemeral,
            Leases leases,
            JetStreamLog log) {
        this.settings = settings;
        this.connection = connection;
        this.feed = feed;
        this.publisher = publisher;
        this.deletions = deletions;
        this.ephemeral = ephemeral;
        this.leases = leases;
        this.log = log;
    }

    /** {@return a broker, connected} */
    static JetStreamBroker connect(NatsSettings settings, BrokerContext context) {
        var feed = new Feed(settings.resyncPeriod(), context.onStatus());
        var denials = new Denials(feed);
        var events = new FeedConnectionEvents(feed, denials);
        Connection connection = Connections.open(settings, context.node(), events);
        try {
            return start(settings, connection, feed, events, denials);
        } catch (RuntimeException | Error e) {
            feed.close();
            close(connection);
            throw e;
        }
    }

    private static JetStreamBroker start(
            NatsSettings settings,
            Connection connection,
            Feed feed,
            FeedConnectionEvents events,
            Denials denials) {
        ServerVersion version = check(connection.getServerInfo(), settings);
        var requests = new Requests(connection, settings.timeout());
        events.connected(requests);
        var subjects = new Subjects(settings.prefix());
        var stream = new Stream(requests, settings, subjects, feed);
        stream.ensure();
        boolean batched = version.atLeast(2, 11);
        boolean replicated = settings.replicas() > 1;
        var leader = new StreamLeader(requests, settings.stream());
        var batches = new BatchReader(connection, requests, settings.stream());
        var entries = new Entries(subjects, settings.maxMessageBytes());
        var deletions = new Deletions(requests, leader, stream, subjects);
        var reader =
                new LogReader(
                        requests, leader, stream, batches, entries, deletions, batched, replicated);
        var live = new LivePath(connection, requests, subjects, stream, entries, feed);
        var ephemeral =
                new EphemeralPath(connection, requests, subjects, feed, settings.maxMessageBytes());
        var log =
                new JetStreamLog(
                        live, ephemeral, reader, leader, stream, subjects, deletions, feed);
        var durability = replicated ? Durability.REPLICATED : Durability.STORED;
        var publisher =
                new Publisher(
                        requests,
                        leader,
                        stream,
                        subjects,
                        durability,
                        settings.maxMessageBytes(),
                        denials,
                        feed);
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
        return new JetStreamBroker(
                settings, connection, feed, publisher, deletions, ephemeral, leases, log);
    }

    /** Refuses a server that lacks something essential, and warns of an old one. */
    private static ServerVersion check(ServerInfo server, NatsSettings settings) {
        ServerVersion version = ServerVersion.parse(server.getVersion());
        if (!version.atLeast(2, 9)) {
            throw new BrokerConfigurationException(
                    "the server is too old: JetStream mode needs 2.9 or later, and works best with"
                            + " 2.11 or later; use a newer server, or set broker.nats.mode to core"
                            + " version="
                            + version);
        }
        if (!server.isJetStreamAvailable()) {
            throw new BrokerConfigurationException(
                    "the server has no JetStream: enable it, or set broker.nats.mode to core, which"
                            + " keeps no history servers="
                            + settings.addresses());
        }
        Envelope.checkPayload(server.getMaxPayload(), settings.maxMessageBytes());
        warnOfLess(version);
        return version;
    }

    private static void warnOfLess(ServerVersion version) {
        if (!version.atLeast(2, 10)) {
            LOGGER.log(
                    Level.WARNING,
                    "the server is old: before 2.10, republished messages have no time, so each"
                            + " live event is also read from the stream version={0}",
                    version);
        }
        if (!version.atLeast(2, 11)) {
            LOGGER.log(
                    Level.WARNING,
                    "the server is old: before 2.11 there are no batched reads, so history costs a"
                            + " round trip for each event, and nodes must end leases version={0}",
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
        return publisher.publish(topic, message);
    }

    @Override
    public List<PublishResult> publishAll(List<Publication> publications) {
        checkOpen();
        return publisher.publishAll(publications);
    }

    @Override
    public void broadcast(String topic, Message message) {
        checkOpen();
        ephemeral.broadcast(topic, message);
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
        return log.history(topic, start, until, maxEntries, maxBytes);
    }

    @Override
    public Position delete(String topic) {
        checkOpen();
        Position upTo = deletions.delete(topic);
        feed.deleted(topic, upTo); // other nodes, and the patterns of this one, read the mark
        return upTo;
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

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the broker is closed");
        }
    }

    private static void close(Connection connection) {
        try {
            connection.close();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // it is closed all the same
        }
    }
}
