package dev.longwave.broker.nats;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.BrokerContext;
import dev.longwave.broker.BrokerRefusedException;
import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.Capability;
import dev.longwave.broker.Durability;
import dev.longwave.broker.Entry;
import dev.longwave.broker.EphemeralMessage;
import dev.longwave.broker.GapReason;
import dev.longwave.broker.Message;
import dev.longwave.broker.MessageRefusedException;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Published;
import dev.longwave.broker.Start;
import dev.longwave.broker.feed.Feed;
import dev.longwave.broker.feed.ForeignEntries;
import io.nats.client.Connection;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A broker on NATS without JetStream: a reader that is not connected misses events, and gets a gap.
 */
final class CoreNatsBroker implements Broker {
    /*
     * Who assigns positions. Core NATS has no order that all subscribers see: messages of two
     * publishers may arrive in different orders on two nodes, and either may be lost on the way to one
     * of them. If every publishing node or every receiving node assigned positions, nodes would not
     * agree on the order, and a reader that changes nodes could not resume. So one node at a time, the
     * sequencer, assigns the positions of all messages (TermSequencer; Election chooses the node). To
     * publish is to send a request to the sequencer, which adds a SequenceHeader, with the position of
     * the message and of the one before it in its topic, and publishes it to the subscribers. This
     * costs a second pass through the servers, and limits the rate to what one node can sequence.
     *
     * How losses are noticed. The header is all that the feed needs: it delivers what fits, and knows
     * where something is missing. There is no log to fill a hole from, only the messages received in
     * the meantime (CoreLog); up to the first of them, the feed reports a gap, with the reason
     * NO_HISTORY. The loss of a topic's last message shows when the sequencer is asked for its tail.
     *
     * A new sequencer cannot know where its predecessor ended. So it starts a new epoch, and every
     * reader gets a gap with the reason EPOCH_CHANGED: positions before and after cannot be compared.
     * This also happens after an outage of the servers, during which the sequencer is cut off.
     */
    private static final int PERIODS_KEPT = 10; // what the feed requires of a log

    private final NatsSettings settings;
    private final Feed feed;
    private final Connection connection;
    private final Requests requests;
    private final CoreSubjects subjects;
    private final EphemeralPath ephemeral;
    private final Election election;
    private final AtomicBoolean closed;

    private CoreNatsBroker(
            NatsSettings settings,
            Feed feed,
            Connection connection,
            Requests requests,
            CoreSubjects subjects,
            EphemeralPath ephemeral,
            Election election,
            AtomicBoolean closed) {
        this.settings = settings;
        this.feed = feed;
        this.connection = connection;
        this.requests = requests;
        this.subjects = subjects;
        this.ephemeral = ephemeral;
        this.election = election;
        this.closed = closed;
    }

    /**
     * {@return a broker, connected}
     *
     * @throws BrokerConfigurationException if the settings do not fit the servers
     * @throws BrokerUnavailableException if the servers cannot be reached
     */
    static CoreNatsBroker connect(NatsSettings settings, BrokerContext context) {
        var feed = new Feed(settings.resyncPeriod(), context.onStatus());
        var closed = new AtomicBoolean();
        var events = new CoreConnectionEvents(feed, new Denials(feed), closed);
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
                var ephemeral =
                        new EphemeralPath(
                                connection,
                                requests,
                                new Subjects(settings.prefix() + ".core"),
                                feed,
                                settings.maxMessageBytes());
                var log =
                        new CoreLog(
                                connection,
                                requests,
                                subjects,
                                ephemeral,
                                election,
                                feed,
                                new ForeignEntries("nats", settings.maxMessageBytes()),
                                keep);
                feed.start(log);
                return new CoreNatsBroker(
                        settings,
                        feed,
                        connection,
                        requests,
                        subjects,
                        ephemeral,
                        election,
                        closed);
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
        Envelope.checkPayload(connection.getMaxPayload(), settings.maxMessageBytes());
    }

    @Override
    public Set<Capability> capabilities() {
        return Set.of(Capability.SHARED, Capability.EPHEMERAL);
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
        // While no node is the sequencer, nothing happens to what is sent: the publisher waits.
        long deadline = System.nanoTime() + requests.timeout().toNanos();
        Optional<Published> published = tryToPublish(topic, message, deadline);
        while (published.isEmpty()) {
            Publisher.pause();
            published = tryToPublish(topic, message, deadline);
        }
        return published.get();
    }

    /** {@return the answer; nothing if the message was not published, and there is time left} */
    private Optional<Published> tryToPublish(String topic, Message message, long deadline) {
        boolean mayWait = Publisher.hasTimeToPause(deadline);
        Optional<Term> term = election.term();
        if (term.isEmpty()) {
            if (mayWait) {
                return Optional.empty();
            }
            throw BrokerUnavailableException.notSent("no sequencer is known", null);
        }
        Requests.Answer answer =
                requests.tryOnce(
                        Publisher.ATTEMPT,
                        new Requests.Outgoing(
                                subjects.publish(term.get(), topic),
                                Envelope.headers(message, topic),
                                message.data()),
                        Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
        boolean nothingHappened =
                answer instanceof Requests.Answer.NotSent
                        || answer instanceof Requests.Answer.NotReceived;
        if (nothingHappened && mayWait) {
            return Optional.empty();
        }
        io.nats.client.Message reply = requests.reply(Publisher.ATTEMPT, answer);
        // What an earlier sequencer publishes is ignored by all nodes.
        if (!election.term().equals(term)) {
            throw requests.unavailable(Publisher.ATTEMPT, "the sequencer has changed meanwhile");
        }
        try {
            return Optional.of(Published.of(TermSequencer.position(reply), Durability.NONE));
        } catch (BrokerRefusedException e) {
            if (mayWait) {
                return Optional.empty();
            }
            throw e;
        }
    }

    @Override
    public void broadcast(String topic, Message message) {
        checkOpen();
        ephemeral.broadcast(topic, message);
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

    private static void close(Connection connection) {
        boolean interrupted = Thread.interrupted(); // or closing would stop half-way
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

    /** The parts that are told about the connection as soon as they exist. */
    private record Parts(Requests requests, Election election) {}

    /** Passes on what happens to the connection to all parts. */
    private static final class CoreConnectionEvents implements ConnectionEvents {

        private final Feed feed;
        private final Denials denials;
        private final AtomicBoolean closed;
        private volatile @Nullable Parts parts;

        CoreConnectionEvents(Feed feed, Denials denials, AtomicBoolean closed) {
            this.feed = feed;
            this.denials = denials;
            this.closed = closed;
        }

        @Override
        public void disconnected() {
            if (closed.get()) {
                return;
            }
            feed.disconnected(ConnectionEvents.DISCONNECTED);
            Parts known = parts;
            if (known != null) {
                known.requests.disconnected();
                known.election.disconnected();
            }
        }

        @Override
        public void reconnected() {
            denials.reconnected();
            Parts known = parts;
            if (known != null) {
                known.election.reconnected();
            }
            feed.suspectAll();
        }

        @Override
        public void messagesDropped() {
            feed.suspectAll();
        }

        @Override
        public void errorReported(String error) {
            Denials.parse(error)
                    .ifPresent(denial -> {
                        Parts known = parts;
                        if (known != null && denial.isPublish()) {
                            known.requests.denied(denial.subject());
                        }
                        denials.denied(denial);
                    });
        }

        @Override
        public void loginRefused() {
            if (!closed.get()) {
                feed.failed(ConnectionEvents.LOGIN_REFUSED);
            }
        }
    }

    /** Replaces the reason EXPIRED: what the feed considers expired was never kept. */
    private record WithoutHistory(Sink sink) implements Sink {

        @Override
        public void message(Entry entry) {
            sink.message(entry);
        }

        @Override
        public void gap(Position after, Position before, GapReason reason) {
            sink.gap(after, before, reason == GapReason.EXPIRED ? GapReason.NO_HISTORY : reason);
        }

        @Override
        public void ephemeral(EphemeralMessage message) {
            sink.ephemeral(message);
        }

        @Override
        public void deleted(Position upTo) {
            sink.deleted(upTo);
        }
    }
}
