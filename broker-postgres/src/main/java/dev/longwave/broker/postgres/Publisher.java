package dev.longwave.broker.postgres;

import dev.longwave.broker.BrokerException;
import dev.longwave.broker.BrokerRefusedException;
import dev.longwave.broker.BrokerRefusedException.Reason;
import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.MessageRefusedException;
import dev.longwave.broker.Publication;
import dev.longwave.broker.PublishResult;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Stores the messages of all publishers of this node, a few transactions at a time. */
final class Publisher implements AutoCloseable {
    /*
     * A writer first gets a connection, and only then takes messages. So messages wait in the queue while there is no
     * connection, and those that are not sent when their publishers give up were certainly not stored. Each transaction
     * takes what has come during those before it: under load, many messages share one flush of the server's log.
     *
     * A topic may be held by another transaction, of an application that has published to it and is still open. A writer
     * waits for it only briefly. Then the other topics are stored without it, and it is left to two threads that wait
     * for such topics in turn, each on a connection of its own. However many publishers wait for however many topics
     * that are held, all other topics are published to as before.
     */
    private static final Logger LOGGER = System.getLogger(Publisher.class.getName());

    /** How many connections wait for topics that others hold. */
    static final int WAITING = 2;

    private static final String PUBLISH = "publish";
    private static final Duration SHORT_WAIT = Duration.ofMillis(20);
    private static final Duration LONG_WAIT = Duration.ofMillis(250);
    private static final Duration BEFORE_REPORT = Duration.ofSeconds(1);

    private final EventStore store;
    private final Database writes;
    private final Database waits;
    private final Outlet outlet;
    private final LockHolders holders;
    private final Duration timeout;
    private final PublishQueue queue = new PublishQueue();
    private final List<Thread> threads = new ArrayList<>();
    private volatile @Nullable BrokerException trouble; // why there is no connection
    private volatile boolean closed;

    /** Is told what the server says. */
    interface Outlet {
        /** A message was stored. Those of one topic come in their order. Does not wait. */
        void stored(String topic, EventStore.Stored stored);

        /** The server accepts messages. */
        void accepted();

        /** The server refuses messages. */
        void refused(BrokerRefusedException why);
    }

    Publisher(
            PostgresSettings settings,
            EventStore store,
            Database writes,
            Database waits,
            LockHolders holders,
            Outlet outlet) {
        this.store = store;
        this.writes = writes;
        this.waits = waits;
        this.holders = holders;
        this.outlet = outlet;
        this.timeout = settings.timeout();
        for (int i = 1; i <= settings.writers(); i++) {
            threads.add(
                    Thread.ofVirtual()
                            .name("longwave-postgres-writer-" + i)
                            .unstarted(this::write));
        }
        for (int i = 1; i <= WAITING; i++) {
            threads.add(
                    Thread.ofVirtual()
                            .name("longwave-postgres-waiter-" + i)
                            .unstarted(this::waitForTopics));
        }
    }

    void start() {
        threads.forEach(Thread::start);
    }

    /**
     * Publishes messages, each for itself; those of one topic in their order.
     *
     * @param time how long they may wait until they are being stored
     * @return what became of each message
     * @throws IllegalStateException if it is closed
     */
    List<PublishResult> publish(List<Publication> publications, Duration time) {
        if (Thread.currentThread().isInterrupted()) {
            BrokerException failure =
                    BrokerUnavailableException.notSent("interrupted before it could publish", null);
            return publications.stream().map(_ -> PublishResult.failed(failure)).toList();
        }
        var submission = new Submission(publications);
        queue.add(submission.messages());
        try {
            if (!submission.await(time)) {
                giveUp(submission);
                if (!submission.await(timeout.multipliedBy(2))) {
                    submission.fail(
                            new BrokerUnavailableException("no answer to a publish in time"));
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            giveUp(submission);
            submission.fail(
                    new BrokerUnavailableException("interrupted while a message was stored"));
        }
        List<PublishResult> results = submission.results();
        if (closed && results.stream().anyMatch(it -> it.failure().isPresent())) {
            throw new IllegalStateException("the broker is closed");
        }
        return results;
    }

    /** Fails the messages that nobody has begun to store. */
    private void giveUp(Submission submission) {
        submission.expire();
        Map<String, BrokerException> reasons = new HashMap<>();
        for (Submission.Pending each : submission.messages()) {
            reasons.computeIfAbsent(each.topic(), this::reasonNotStored);
        }
        for (Submission.Pending each : queue.remove(submission.messages())) {
            each.complete(PublishResult.failed(Objects.requireNonNull(reasons.get(each.topic()))));
        }
    }

    private BrokerException reasonNotStored(String topic) {
        if (queue.isHeld(topic)) {
            return isHeld(topic, null);
        }
        BrokerException last = trouble;
        return last == null ? BrokerUnavailableException.notSent("not sent in time", null) : last;
    }

    private static BrokerRefusedException isHeld(String topic, @Nullable Throwable cause) {
        return new BrokerRefusedException(
                Reason.BUSY, "another transaction holds the topic topic=" + topic, cause);
    }

    // Writers

    private void write() {
        try {
            while (queue.await()) {
                withSession(writes, session -> store(session, queue.take(), SHORT_WAIT));
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // the publisher is closed
        } catch (IllegalStateException _) {
            // The database is closed.
        }
    }

    /** A connection, and the pool that it came from, which is to learn of its failures. */
    private record Session(Database database, Connection connection) {}

    /** Calls {@code work}, which reports its failures itself. */
    private void withSession(Database database, Consumer<Session> work) {
        try (Connection connection = database.connect(PUBLISH)) {
            trouble = null;
            work.accept(new Session(database, connection));
        } catch (BrokerException e) { // no connection
            trouble = e;
            if (e instanceof BrokerRefusedException refused) {
                outlet.refused(refused);
            }
        } catch (SQLException e) {
            LOGGER.log(Level.DEBUG, "cannot close a connection", e);
        }
    }

    private void store(Session session, PublishQueue.Batch batch, Duration lockTimeout) {
        if (batch.isDone()) {
            queue.done(batch);
            return;
        }
        List<EventStore.Stored> stored;
        try {
            List<Publication> publications = batch.publications();
            stored =
                    session.database()
                            .limited(
                                    session.connection(),
                                    it -> store.store(it, publications, lockTimeout));
        } catch (SQLException e) {
            try {
                failed(session, batch, lockTimeout, session.database().failed(PUBLISH, e));
            } catch (IllegalStateException closing) {
                batch.fail(new BrokerUnavailableException("the broker is closed", closing));
                queue.done(batch);
                throw closing;
            }
            return;
        } catch (RuntimeException e) { // the writer must go on, whatever it is
            LOGGER.log(Level.WARNING, "cannot store messages count=" + batch.messages().size(), e);
            batch.fail(new BrokerUnavailableException("cannot publish", e));
            queue.done(batch);
            return;
        }
        outlet.accepted();
        for (int i = 0; i < stored.size(); i++) {
            Submission.Pending message = batch.messages().get(i);
            outlet.stored(message.topic(), stored.get(i));
            message.complete(PublishResult.of(stored.get(i).answer()));
        }
        queue.done(batch);
    }

    private void failed(
            Session session,
            PublishQueue.Batch batch,
            Duration lockTimeout,
            BrokerException failure) {
        boolean several = batch.messages().size() > 1;
        if (several && concernsOne(failure) && batch.lanes().size() > 1) {
            batch.byTopic().forEach(each -> store(session, each, lockTimeout));
        } else if (several && failure instanceof MessageRefusedException) {
            batch.byMessage().forEach(each -> store(session, each, lockTimeout));
            queue.done(batch);
        } else if (isBusy(failure) && !batch.lanes().isEmpty()) {
            for (Submission.Pending each : queue.putBack(batch)) {
                each.fail(isHeld(each.topic(), failure));
            }
        } else {
            batch.fail(failure);
            queue.done(batch);
            // A topic that is held says nothing about the server.
            if (failure instanceof BrokerRefusedException refused && !isBusy(refused)) {
                outlet.refused(refused);
            }
        }
    }

    /** {@return whether the failure may be that of one of several topics or messages} */
    private static boolean concernsOne(BrokerException failure) {
        return failure instanceof MessageRefusedException
                || isBusy(failure)
                || (failure instanceof BrokerRefusedException refused
                        && refused.reason() == Reason.OTHER);
    }

    private static boolean isBusy(BrokerException failure) {
        return failure instanceof BrokerRefusedException refused && refused.reason() == Reason.BUSY;
    }

    // Topics that others hold

    private void waitForTopics() {
        try {
            while (queue.awaitHeld()) {
                withSession(
                        waits,
                        session -> {
                            PublishQueue.Batch batch = queue.takeHeld();
                            if (queue.heldFor(batch).compareTo(BEFORE_REPORT) > 0) {
                                holders.reportSoon();
                            }
                            store(session, batch, waitingTime());
                        });
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // the publisher is closed
        } catch (IllegalStateException _) {
            // The database is closed.
        }
    }

    /** Shorter, the more topics wait: each has its turn before its publishers give up. */
    private Duration waitingTime() {
        int turns = 1 + queue.heldTopics() / WAITING;
        Duration time = LONG_WAIT.dividedBy(turns);
        return time.compareTo(SHORT_WAIT) < 0 ? SHORT_WAIT : time;
    }

    @Override
    public void close() {
        closed = true;
        var failure = new BrokerUnavailableException("the broker is closed");
        queue.close().forEach(each -> each.fail(failure));
        threads.forEach(Threads::stop);
    }
}
