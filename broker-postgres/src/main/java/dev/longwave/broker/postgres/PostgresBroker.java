package dev.longwave.broker.postgres;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerContext;
import dev.longwave.broker.BrokerException;
import dev.longwave.broker.BrokerRefusedException;
import dev.longwave.broker.BrokerRefusedException.Reason;
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
import dev.longwave.broker.feed.ForeignEntries;
import dev.longwave.broker.feed.WriteHealth;
import java.nio.charset.StandardCharsets;
import java.sql.PreparedStatement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A broker whose log is a table, and whose live path uses NOTIFY. */
final class PostgresBroker implements Broker, NotificationReceiver.Handler, Publisher.Outlet {
    /*
     * An event takes its sequence from its topic's counter within its own transaction. Commits
     * therefore have the order of the sequence, and a reader that sees an event can see all before
     * it. This node passes its own events directly to its feed, with the position of the event
     * before each. Other nodes receive an announcement, and read the event.
     *
     * An ephemeral message is in the notification itself, in several of them if it is long, and this
     * node receives its own like all others.
     *
     * Events are stored, topics that are held are waited for, and all else is done on connections of
     * three pools, and notifications come by one more: none of them can use up the others'.
     */
    private static final int MAX_TOPIC_BYTES = 255;

    static final Set<Capability> CAPABILITIES =
            Set.of(
                    Capability.HISTORY,
                    Capability.DEDUPLICATION,
                    Capability.SHARED,
                    Capability.DURABLE,
                    Capability.CLAIMS,
                    Capability.PRESENCE,
                    Capability.EPHEMERAL,
                    Capability.DELETE);

    private final PostgresSettings settings;
    private final Feed feed;
    private final WriteHealth health;
    private final Database database;
    private final Database writes;
    private final Database waits;
    private final Interest interest = new Interest();
    private final EventStore store;
    private final EventLog log;
    private final PostgresPresence presence;
    private final EventFetcher fetcher;
    private final Notifier notifier;
    private final Announcer announcer;
    private final Echo echo;
    private final NotificationReceiver receiver;
    private final LocalDelivery delivery;
    private final Publisher publisher;
    private final Retention retention;
    private final Inspection inspection;

    private PostgresBroker(PostgresSettings settings, BrokerContext context) {
        this.settings = settings;
        feed = new Feed(settings.resyncPeriod(), context.onStatus());
        database = Database.forReading(settings);
        writes = Database.forWriting(settings);
        waits = Database.forWaiting(settings, Publisher.WAITING);
        var epochs = new Epochs();
        store = new EventStore(settings, epochs);
        var foreign = new ForeignEntries("postgres", settings.maxMessageBytes());
        log = new EventLog(database, settings, epochs, interest, foreign, this::refusedToRead);
        health = new WriteHealth("postgres", feed, () -> store.probe(writes));
        presence = new PostgresPresence(database, settings.quotedSchema());
        fetcher = new EventFetcher(log, interest, feed);
        notifier = new Notifier(database, settings.channel());
        announcer = new Announcer(notifier);
        echo = new Echo(notifier);
        receiver = new NotificationReceiver(settings, this);
        delivery = new LocalDelivery(feed, interest);
        var holders = new LockHolders(database, settings);
        publisher = new Publisher(settings, store, writes, waits, holders, this);
        retention = new Retention(database, store, settings);
        inspection = new Inspection(database, settings, context.node(), echo, feed);
    }

    /** {@return a broker, connected} */
    static PostgresBroker connect(PostgresSettings settings, BrokerContext context) {
        new Migrations(settings).run();
        var broker = new PostgresBroker(settings, context);
        try {
            broker.fetcher.start();
            broker.receiver.start();
            broker.inspection.verify();
            broker.retention.start();
            broker.announcer.start();
            broker.delivery.start();
            broker.publisher.start();
            broker.feed.start(broker.log);
            broker.inspection.start();
            return broker;
        } catch (BrokerRefusedException e) {
            broker.close();
            throw new BrokerUnavailableException(String.valueOf(e.getMessage()), e);
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
        PublishResult result =
                publisher
                        .publish(List.of(Publication.of(topic, message)), settings.timeout())
                        .getFirst();
        Optional<BrokerException> failure = result.failure();
        if (failure.isPresent()) {
            throw failure.get();
        }
        return result.published().orElseThrow();
    }

    @Override
    public List<PublishResult> publishAll(List<Publication> publications) {
        long deadline = System.nanoTime() + settings.timeout().toNanos();
        var results = new ArrayList<PublishResult>(publications.size());
        var failed = new HashMap<String, BrokerException>(); // topics that nothing may follow in
        while (results.size() < publications.size()) {
            int begin = results.size();
            int end = endOfPortion(publications, begin);
            Duration left = Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
            List<Publication> portion = publications.subList(begin, end);
            List<PublishResult> outcomes = publishPortion(portion, failed, left);
            results.addAll(outcomes);
            for (int i = 0; i < outcomes.size(); i++) {
                String topic = portion.get(i).topic();
                outcomes.get(i)
                        .failure()
                        .filter(failure -> !(failure instanceof MessageRefusedException))
                        .ifPresent(failure -> failed.putIfAbsent(topic, failure));
            }
            if (failed.values().stream().anyMatch(BrokerUnavailableException.class::isInstance)) {
                leaveOutRest(results, publications.size());
            }
        }
        return results;
    }

    private static int endOfPortion(List<Publication> publications, int begin) {
        long bytes = 0;
        int end = begin;
        while (end < publications.size() && end - begin < PublishQueue.MAX_BATCH) {
            bytes += publications.get(end).message().size();
            if (bytes > PublishQueue.MAX_BATCH_BYTES && end > begin) {
                break;
            }
            end++;
        }
        return end;
    }

    private List<PublishResult> publishPortion(
            List<Publication> portion, Map<String, BrokerException> failed, Duration time) {
        var outcomes = new ArrayList<@Nullable PublishResult>();
        var accepted = new ArrayList<Publication>();
        for (Publication each : portion) {
            BrokerException failure = failed.get(each.topic());
            if (failure == null) {
                failure = fault(each.topic(), each.message());
            }
            outcomes.add(failure == null ? null : PublishResult.failed(failure));
            if (failure == null) {
                accepted.add(each);
            }
        }
        var stored = publisher.publish(accepted, time).iterator();
        return outcomes.stream().map(known -> known == null ? stored.next() : known).toList();
    }

    private static void leaveOutRest(List<PublishResult> results, int size) {
        while (results.size() < size) {
            results.add(
                    PublishResult.failed(
                            BrokerUnavailableException.notSent(
                                    "not published, because an earlier message has no answer",
                                    null)));
        }
    }

    private void check(String topic, Message message) {
        MessageRefusedException fault = fault(topic, message);
        if (fault != null) {
            throw fault;
        }
    }

    private @Nullable MessageRefusedException fault(String topic, Message message) {
        if (message.data().length > settings.maxMessageBytes()) {
            return new MessageRefusedException(
                    "message is too large length=%d max=%d"
                            .formatted(message.data().length, settings.maxMessageBytes()));
        }
        return faultOf(topic);
    }

    private static @Nullable MessageRefusedException faultOf(String topic) {
        int length = topic.getBytes(StandardCharsets.UTF_8).length;
        if (length < 1 || length > MAX_TOPIC_BYTES) {
            return new MessageRefusedException(
                    "topic has a bad length bytes=%d min=1 max=%d"
                            .formatted(length, MAX_TOPIC_BYTES));
        }
        return topic.chars().anyMatch(Character::isISOControl)
                ? new MessageRefusedException("topic has a control character bytes=" + length)
                : null;
    }

    @Override
    public void broadcast(String topic, Message message) {
        check(topic, message);
        List<String> payloads = EphemeralParts.payloads(topic, EphemeralMessage.of(message));
        written(() -> {
            notifier.send("broadcast", payloads);
            return true;
        });
    }

    @Override
    public Position delete(String topic) {
        MessageRefusedException fault = faultOf(topic);
        if (fault != null) {
            throw fault;
        }
        Position upTo = written(() -> store.delete(database, topic));
        if (upTo.major() > 0) {
            feed.deleted(topic, upTo);
            announcer.send(Announcement.ofDeletion(topic, upTo));
        }
        return upTo;
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
        return log.read(topic, start, until, maxEntries, maxBytes).withoutSkipped();
    }

    @Override
    public boolean claim(String key, Duration ttl) {
        if (!ttl.isPositive()) {
            throw new IllegalArgumentException("a claim needs a time to live ttl=" + ttl);
        }
        // Hashed, because the key may be secret and may exceed what an index accepts.
        byte[] hash = Epochs.sha256(key);
        return written(() ->
                database.call(
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
                        }));
    }

    /**
     * {@return what {@code work} returns} What the server refuses concerns other topics as well.
     */
    private <T> T written(Supplier<T> work) {
        try {
            return work.get();
        } catch (BrokerRefusedException e) {
            if (e.reason() != Reason.BUSY) {
                refused(e);
            }
            throw e;
        }
    }

    @Override
    public Optional<Presence> presence() {
        return Optional.of(presence);
    }

    // Publisher.Outlet

    @Override
    public void stored(String topic, EventStore.Stored stored) {
        if (stored.answer().duplicate()) {
            return;
        }
        announcer.add(topic, stored.entry().position());
        delivery.add(topic, stored);
    }

    @Override
    public void accepted() {
        health.accepted();
    }

    @Override
    public void refused(BrokerRefusedException why) {
        health.refused(why);
        inspection.suspect();
    }

    // NotificationReceiver.Handler

    @Override
    public void notified(List<Announcement> announcements) {
        fetcher.add(announcements);
    }

    @Override
    public void deleted(Announcement announcement) {
        feed.deleted(announcement.topic(), announcement.place().in(log.epoch()));
    }

    @Override
    public void echo(String payload) {
        echo.arrived(payload);
    }

    @Override
    public void ephemeral(EphemeralParts.Received received) {
        feed.broadcast(received.topic(), received.message());
    }

    @Override
    public void disconnected(String reason) {
        // What ends one connection mostly ends all. A message that is sent on a broken one may be
        // stored or not.
        writes.renew();
        waits.renew();
        database.renew();
        feed.disconnected(reason);
    }

    @Override
    public void reconnected() {
        feed.suspectAll();
        inspection.suspect();
    }

    private void refusedToRead(String reason) {
        feed.disconnected(reason);
        inspection.suspect();
    }

    @Override
    public void close() {
        feed.close();
        receiver.close();
        fetcher.close();
        publisher.close();
        delivery.close();
        announcer.close();
        retention.close();
        inspection.close();
        database.close();
        writes.close();
        waits.close();
    }
}
