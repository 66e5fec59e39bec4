package dev.longwave.broker.nats;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.BrokerContext;
import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.Capability;
import dev.longwave.broker.Durability;
import dev.longwave.broker.Entry;
import dev.longwave.broker.GapReason;
import dev.longwave.broker.Message;
import dev.longwave.broker.MessageRefusedException;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Published;
import dev.longwave.broker.Start;
import dev.longwave.broker.feed.Feed;
import io.nats.client.Connection;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A broker on NATS without JetStream: who is not listening misses it, and is told so. */
final class CoreNatsBroker implements Broker {
    /*
     * Who gives out positions. Core NATS has no order that all see: two messages of two publishers
     * may arrive here as one and two, and there as two and one, and each may be lost on its way to
     * one of the two. If every node stamped its own messages, or every listener what it gets, nodes
     * could not agree on what comes after what, and a reader that changes nodes would be told
     * nonsense. So one node at a time puts the messages of all in order (Orderer; Election chooses
     * it): a publish is a request to that node, which stamps the message with a position and that
     * of the message before it in its topic, and publishes it to those who listen. It costs a
     * second hop by the servers, and no more than one node can stamp.
     *
     * What that buys. The stamps are all the feed needs: it hands out what fits, and where
     * something is missing it knows what. There is no log to fill a hole from; there is only what
     * arrived meanwhile (CoreLog), and up to there a gap is told, with the reason NO_HISTORY. That
     * the last message of a topic was lost shows when the orderer is asked for its tail.
     *
     * A new orderer cannot know where its predecessor ended. So it begins a new epoch, and whoever
     * listens is told of a gap, with EPOCH_CHANGED: positions before and after have no order.
     * That is so after the servers were gone, for then the orderer was cut off from everybody.
     */
    private static final int HEADER_BYTES = 8 * 1024; // for a type, a key, a topic and the stamp
    private static final int PERIODS_KEPT = 10; // as the feed asks of a log

    private final NatsSettings settings;
    private final Feed feed;
    private final Connection connection;
    private final Requests requests;
    private final CoreSubjects subjects;
    private final Election election;
    private final CoreLog log;
    private final AtomicBoolean closed;

    private CoreNatsBroker(
            NatsSettings settings,
            Feed feed,
            Connection connection,
            Requests requests,
            CoreSubjects subjects,
            Election election,
            CoreLog log,
            AtomicBoolean closed) {
        this.settings = settings;
        this.feed = feed;
        this.connection = connection;
        this.requests = requests;
        this.subjects = subjects;
        this.election = election;
        this.log = log;
        this.closed = closed;
    }

    /**
     * {@return a broker, connected}
     *
     * @throws BrokerConfigurationException if the settings do not fit the servers
     * @throws BrokerUnavailableException if the servers cannot be reached
     */
    static CoreNatsBroker connect(NatsSettings settings, BrokerContext context) {
        var feed = new Feed(settings.resyncPeriod(), context.onState());
        var closed = new AtomicBoolean();
        var events = new Events(feed, closed);
        Connection connection = Connections.open(settings, context.node(), events);
        try {
            checkPayload(connection, settings);
            var requests = new Requests(connection, settings.timeout());
            var subjects = new CoreSubjects(settings.prefix());
            var election =
                    new Election(
                            connection,
                            requests,
                            subjects,
                            context.clock(),
                            settings.resyncPeriod().multipliedBy(PERIODS_KEPT),
                            feed::suspectAll);
            events.parts = new Parts(requests, election);
            try {
                election.start();
                Duration keep = settings.resyncPeriod().multipliedBy(2);
                var log = new CoreLog(connection, requests, subjects, election, feed, keep);
                feed.start(log);
                return new CoreNatsBroker(
                        settings, feed, connection, requests, subjects, election, log, closed);
            } catch (RuntimeException e) {
                election.close();
                throw e;
            }
        } catch (RuntimeException e) {
            closed.set(true);
            feed.close();
            close(connection);
            throw e;
        }
    }

    private static void checkPayload(Connection connection, NatsSettings settings) {
        long needed = settings.maxMessageBytes() + (long) HEADER_BYTES;
        if (connection.getMaxPayload() < needed) {
            throw new BrokerConfigurationException(
                    "the servers take no messages as long as broker.nats.max-message-bytes and its"
                            + " headers: lower it, or raise max_payload max_payload=%d needed=%d"
                                    .formatted(connection.getMaxPayload(), needed));
        }
    }

    @Override
    public Set<Capability> capabilities() {
        return Set.of(Capability.SHARED);
    }

    @Override
    public int maxMessageBytes() {
        return settings.maxMessageBytes();
    }

    @Override
    public Published publish(String topic, Message message) {
        checkOpen();
        int length = message.data().length;
        if (length > settings.maxMessageBytes()) {
            throw new MessageRefusedException(
                    "message is too large length=%d max=%d"
                            .formatted(length, settings.maxMessageBytes()));
        }
        Reign reign =
                election.reign()
                        .orElseThrow(
                                () -> new BrokerUnavailableException("it is not known who orders"));
        Requests.Answer answer =
                requests.tryOnce(
                        "publish",
                        subjects.order(reign, topic),
                        Envelope.headers(message, topic),
                        message.data(),
                        requests.timeout());
        return switch (answer) {
            case Requests.Answer.Reply(io.nats.client.Message reply) -> {
                // What is put in order when another node already does that is dropped by all.
                if (!election.reign().equals(Optional.of(reign))) {
                    throw requests.unavailable("publish", "who orders has changed meanwhile");
                }
                yield new Published(Orderer.position(reply), Durability.NONE, false);
            }
            case Requests.Answer.NotTaken(String why) -> throw requests.unavailable("publish", why);
            case Requests.Answer.Unknown(String why) -> throw requests.unavailable("publish", why);
        };
    }

    @Override
    public Subscription subscribe(String topic, Sink sink) {
        checkOpen();
        return feed.subscribe(topic, new WithoutHistory(sink));
    }

    @Override
    public Page history(
            String topic, Start start, @Nullable Position until, int maxEntries, int maxBytes) {
        throw new UnsupportedOperationException("core NATS keeps no history");
    }

    @Override
    public void close() {
        if (closed.getAndSet(true)) {
            return;
        }
        feed.close();
        election.close();
        close(connection);
    }

    /** {@return what arrived; for tests} */
    CoreLog log() {
        return log;
    }

    private static void close(Connection connection) {
        boolean interrupted = Thread.interrupted(); // or it would stop half-way
        try {
            connection.close();
        } catch (InterruptedException _) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void checkOpen() {
        if (closed.get()) {
            throw new IllegalStateException("the broker is closed");
        }
    }

    /** Who else wants to know of the connection, once they are there. */
    private record Parts(Requests requests, Election election) {}

    /** Tells all parts of what becomes of the connection. */
    private static final class Events implements Connections.Listener {

        private final Feed feed;
        private final AtomicBoolean closed;
        private volatile @Nullable Parts parts;

        Events(Feed feed, AtomicBoolean closed) {
            this.feed = feed;
            this.closed = closed;
        }

        @Override
        public void lost() {
            if (closed.get()) {
                return;
            }
            feed.disconnected();
            Parts known = parts;
            if (known != null) {
                known.requests.connectionLost();
                known.election.connectionLost();
            }
        }

        @Override
        public void restored() {
            Parts known = parts;
            if (known != null) {
                known.election.connectionRestored();
            }
            feed.suspectAll();
        }

        @Override
        public void dropped() {
            feed.suspectAll();
        }

        @Override
        public void refused() {
            if (!closed.get()) {
                feed.failed();
            }
        }
    }

    /** What the feed takes for expired was never kept. */
    private record WithoutHistory(Sink sink) implements Sink {

        @Override
        public void message(Entry entry) {
            sink.message(entry);
        }

        @Override
        public void gap(Position after, Position before, GapReason reason) {
            sink.gap(after, before, reason == GapReason.EXPIRED ? GapReason.NO_HISTORY : reason);
        }
    }
}
