package dev.longwave.broker.postgres;

import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.MessageRefusedException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.PreparedStatement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Tells all nodes of what this one has published: one sender, soon after the commits. */
final class Announcements implements AutoCloseable {
    /*
     * A transaction that notifies takes a lock of the whole server at its commit. So publishing does
     * not notify; one thread does for all, with only the newest sequence of each topic, after a short
     * wait for more. What fails is dropped: the tail check finds it. What is pending is bounded by
     * the topics published to in a few milliseconds, and by a cap beyond which topics are left to the
     * tail check.
     */
    private static final Logger LOGGER = System.getLogger(Announcements.class.getName());

    private static final long COALESCE_MILLIS = 5;
    private static final int MAX_PENDING = 20_000;

    private final Database database;
    private final String channel;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private Map<String, Long> pending = new HashMap<>(); // guarded by lock, as is the next
    private boolean closed;
    private final Thread sender =
            Thread.ofVirtual().name("longwave-postgres-announcer").unstarted(this::send);

    Announcements(Database database, String channel) {
        this.database = database;
        this.channel = channel;
    }

    void start() {
        sender.start();
    }

    /** Queues word of an event that is committed. */
    void add(String topic, long sequence) {
        lock.lock();
        try {
            if (pending.size() < MAX_PENDING || pending.containsKey(topic)) {
                boolean first = pending.isEmpty();
                pending.merge(topic, sequence, Math::max);
                if (first) {
                    changed.signal();
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private void send() {
        try {
            while (true) {
                Map<String, Long> taken = take();
                if (taken.isEmpty()) {
                    return;
                }
                notifyAll(Announcement.payloads(taken));
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // it is closed
        } catch (IllegalStateException _) {
            // The database is closed.
        }
    }

    /** {@return what is pending once there is any; nothing if closed} */
    private Map<String, Long> take() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (pending.isEmpty() && !closed) {
                changed.await();
            }
            long left = TimeUnit.MILLISECONDS.toNanos(COALESCE_MILLIS);
            while (left > 0 && !closed) {
                left = changed.awaitNanos(left);
            }
            Map<String, Long> taken = closed ? Map.of() : pending;
            pending = new HashMap<>();
            return taken;
        } finally {
            lock.unlock();
        }
    }

    private void notifyAll(List<String> payloads) {
        try {
            database.call(
                    "notify",
                    connection -> {
                        try (PreparedStatement statement =
                                connection.prepareStatement(
                                        "SELECT pg_notify(?, p) FROM unnest(?::text[]) p")) {
                            statement.setString(1, channel);
                            statement.setArray(
                                    2, connection.createArrayOf("text", payloads.toArray()));
                            return statement.execute();
                        }
                    });
        } catch (BrokerUnavailableException | MessageRefusedException e) {
            LOGGER.log(Level.DEBUG, "cannot announce payloads=" + payloads.size(), e);
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
        Threads.end(sender);
    }
}
