package dev.longwave.broker.postgres;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerContext;
import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.Capability;
import dev.longwave.broker.EphemeralMessage;
import dev.longwave.broker.Message;
import dev.longwave.broker.MessageRefusedException;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Presence;
import dev.longwave.broker.Publication;
import dev.longwave.broker.PublishResult;
import dev.longwave.broker.Published;
import dev.longwave.broker.Start;
import dev.longwave.broker.feed.Feed;
import java.nio.charset.StandardCharsets;
import java.sql.PreparedStatement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A broker whose log is a table, and whose live path uses NOTIFY. */
final class PostgresBroker implements Broker, NotificationReceiver.Handler {
    /*
     * An event takes its sequence from its topic's counter within its own transaction. Commits
     * therefore have the order of the sequence, and a reader that sees an event can see all before
     * it. This node passes its own events directly to its feed, with the sequence before each as
     * the previous position. Other nodes receive an announcement, and read the event.
     *
     * An ephemeral message is in the notification itself, in several of them if it is long, and this
     * node receives its own like all others.
     */
    private static final int MAX_TOPIC_BYTES = 255;
    private static final int MAX_BATCH = 256; // messages per transaction
    private static final long MAX_BATCH_BYTES = 1 << 20;

    static final Set<Capability> CAPABILITIES =
            Set.of(
                    Capability.HISTORY,
                    Capability.DEDUPLICATION,
                    Capability.SHARED,
                    Capability.DURABLE,
                    Capability.CLAIMS,
                    Capability.PRESENCE,
                    Capability.EPHEMERAL);

    private final PostgresSettings settings;
    private final Feed feed;
    private final Database database;
    private final Interest interest = new Interest();
    private final EventLog log;
    private final PostgresPresence presence;
    private final EventFetcher fetcher;
    private final Notifier notifier;
    private final Announcer announcer;
    private final NotificationReceiver receiver;
    private final Retention retention;

    private PostgresBroker(PostgresSettings settings, BrokerContext context) {
        this.settings = settings;
        feed = new Feed(settings.resyncPeriod(), context.onStatus());
        database = new Database(settings);
        log = new EventLog(database, settings, interest);
        presence = new PostgresPresence(database, settings.quotedSchema());
        fetcher = new EventFetcher(log, interest, feed);
        notifier = new Notifier(database, settings.channel());
        announcer = new Announcer(notifier);
        receiver = new NotificationReceiver(settings, this);
        retention = new Retention(database, settings);
    }

    /** {@return a broker, connected} */
    static PostgresBroker connect(PostgresSettings settings, BrokerContext context) {
        new Migrations(settings).run();
        var broker = new PostgresBroker(settings, context);
        try {
            broker.fetcher.start();
            broker.receiver.start();
            broker.retention.start();
            broker.announcer.start();
            broker.feed.start(broker.log);
            return broker;
        } catch (RuntimeException e) {
            broker.close();
            throw e;
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
        check(topic, message);
        EventLog.Appended appended = log.append(topic, message);
        deliver(topic, appended);
        return appended.answer();
    }

    @Override
    public void broadcast(String topic, Message message) {
        check(topic, message);
        notifier.send("broadcast", EphemeralParts.payloads(topic, EphemeralMessage.of(message)));
    }

    private void deliver(String topic, EventLog.Appended appended) {
        if (appended.answer().duplicate()) {
            return;
        }
        Position position = appended.answer().position();
        announcer.add(topic, position.major());
        feed.live(topic, new Position(position.epoch(), position.major() - 1), appended.entry());
        interest.received(topic, position);
    }

    @Override
    public List<PublishResult> publishAll(List<Publication> publications) {
        var results = new ArrayList<PublishResult>(publications.size());
        while (results.size() < publications.size()) {
            int begin = results.size();
            int end = endOfBatch(publications, begin);
            List<PublishResult> batch = publishBatch(publications.subList(begin, end));
            results.addAll(batch);
            boolean unavailable =
                    batch.stream()
                            .anyMatch(it ->
                                    it.failure().orElse(null)
                                            instanceof BrokerUnavailableException);
            if (unavailable) {
                leaveOutRest(results, publications.size());
            }
        }
        return results;
    }

    private static int endOfBatch(List<Publication> publications, int begin) {
        long bytes = 0;
        int end = begin;
        while (end < publications.size() && end - begin < MAX_BATCH) {
            bytes += publications.get(end).message().size();
            if (bytes > MAX_BATCH_BYTES && end > begin) {
                break;
            }
            end++;
        }
        return end;
    }

    private static void leaveOutRest(List<PublishResult> results, int size) {
        while (results.size() < size) {
            results.add(
                    PublishResult.failed(
                            new BrokerUnavailableException(
                                    "not published, because an earlier message has no answer")));
        }
    }

    /**
     * Publishes in one transaction, or one by one if the database does not accept them together.
     */
    private List<PublishResult> publishBatch(List<Publication> batch) {
        if (batch.size() == 1) {
            return Broker.super.publishAll(batch);
        }
        List<EventLog.Appended> appended;
        try {
            batch.forEach(it -> check(it.topic(), it.message()));
            appended = log.appendAll(batch);
        } catch (MessageRefusedException _) { // nothing is published yet
            return Broker.super.publishAll(batch);
        } catch (BrokerUnavailableException e) {
            return batch.stream().map(_ -> PublishResult.failed(e)).toList();
        }
        var results = new ArrayList<PublishResult>();
        for (int i = 0; i < batch.size(); i++) {
            deliver(batch.get(i).topic(), appended.get(i));
            results.add(PublishResult.of(appended.get(i).answer()));
        }
        return results;
    }

    private void check(String topic, Message message) {
        if (message.data().length > settings.maxMessageBytes()) {
            throw new MessageRefusedException(
                    "message is too large length=%d max=%d"
                            .formatted(message.data().length, settings.maxMessageBytes()));
        }
        int length = topic.getBytes(StandardCharsets.UTF_8).length;
        if (length < 1 || length > MAX_TOPIC_BYTES) {
            throw new MessageRefusedException(
                    "topic has a bad length bytes=%d min=1 max=%d"
                            .formatted(length, MAX_TOPIC_BYTES));
        }
        if (topic.chars().anyMatch(Character::isISOControl)) {
            throw new MessageRefusedException("topic has a control character bytes=" + length);
        }
    }

    @Override
    public Subscription subscribe(String topic, Sink sink) {
        return feed.subscribe(topic, sink);
    }

    @Override
    public Page history(
            String topic, Start start, @Nullable Position until, int maxEntries, int maxBytes) {
        if (maxEntries < 1 || maxBytes < 1) {
            throw new IllegalArgumentException(
                    "a page needs room maxEntries=%d maxBytes=%d min=1"
                            .formatted(maxEntries, maxBytes));
        }
        return log.read(topic, start, until, maxEntries, maxBytes);
    }

    @Override
    public boolean claim(String key, Duration ttl) {
        if (!ttl.isPositive()) {
            throw new IllegalArgumentException("a claim needs a time to live ttl=" + ttl);
        }
        // Hashed, because the key may be secret and may exceed what an index accepts.
        byte[] hash = Epochs.sha256(key);
        return database.call(
                "claim",
                connection -> {
                    try (PreparedStatement statement =
                            connection.prepareStatement(
                                    """
                                    INSERT INTO %s.claim AS c (key, expires_at)
                                    VALUES (?, clock_timestamp() + make_interval(secs => ?))
                                    ON CONFLICT (key) DO UPDATE SET expires_at = excluded.expires_at
                                    WHERE c.expires_at <= clock_timestamp()
                                    """
                                            .formatted(settings.quotedSchema()))) {
                        statement.setBytes(1, hash);
                        statement.setDouble(2, ttl.toMillis() / 1000.0);
                        return statement.executeUpdate() == 1;
                    }
                });
    }

    @Override
    public Optional<Presence> presence() {
        return Optional.of(presence);
    }

    // NotificationReceiver.Handler

    @Override
    public void notified(List<Announcement> announcements) {
        fetcher.add(announcements);
    }

    @Override
    public void ephemeral(EphemeralParts.Received received) {
        feed.broadcast(received.topic(), received.message());
    }

    @Override
    public void disconnected(String reason) {
        feed.disconnected(reason);
    }

    @Override
    public void reconnected() {
        feed.suspectAll();
    }

    @Override
    public void close() {
        feed.close();
        receiver.close();
        fetcher.close();
        announcer.close();
        retention.close();
        database.close();
    }
}
