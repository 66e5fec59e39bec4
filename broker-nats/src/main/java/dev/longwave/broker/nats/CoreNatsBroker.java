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
    private final AtomicBoolean closed;

    private CoreNatsBroker(
            NatsSettings settings,
            Feed feed,
            Connection connection,
            Requests requests,
            CoreSubjects subjects,
            Election election,
            AtomicBoolean closed) {
        this.settings = settings;
        this.feed = feed;
        this.connection = connection;
        this.requests = requests;
        this.subjects = subjects;
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
        var feed = new Feed(settings.resyncPeriod(), context.onState());
        var closed = new AtomicBoolean();
        var events = new Events(feed, closed);
        Connection connection = Connections.open(settings, context.node(), events);
        try {
            checkPayload(connection, settings);
            var requests = new Requests(connection, settings.timeout());
            var subjects = new CoreSubjects(settings.prefix());
            Election election = election(settings, context, connection, requests, subjects, feed);
            events.parts = new Parts(requests, election);
            try {
                election.start();
                feed.start(
                        new CoreLog(
                                connection,
                                requests,
                                subjects,
                                election,
                                feed,
                                settings.resyncPeriod()));
                return new CoreNatsBroker(
                        settings, feed, connection, requests, subjects, election, closed);
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

    private static Election election(
            NatsSettings settings,
            BrokerContext context,
            Connection connection,
            Requests requests,
            CoreSubjects subjects,
            Feed feed) {
        Duration keep = settings.resyncPeriod().multipliedBy(PERIODS_KEPT);
        var itself = new Election[1];
        var election =
                new Election(
                        connection,
                        requests,
                        subjects,
                        reign ->
                                new Orderer(
                                        connection,
                                        subjects,
                                        reign,
                                        context.clock(),
                                        keep,
                                        () -> itself[0].mayOrder(reign),
                                        System::nanoTime),
                        feed::suspectAll);
        itself[0] = election;
        return election;
    }
}
