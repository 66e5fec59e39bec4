package dev.longwave.broker.postgres;

import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.MessageRefusedException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.PreparedStatement;
import java.util.List;
import java.util.Map;

/** Tells all nodes of what this one has published: one sender, soon after the commits. */
final class Announcements implements AutoCloseable {
    /*
     * A transaction that notifies takes a lock of the whole server at its commit. So publishing does
     * not notify; one thread does for all, with only the newest sequence of each topic, after a short
     * wait for more. Its commit is not flushed, so that the lock is short. What fails is dropped: the tail check finds it.
     */
    private static final Logger LOGGER = System.getLogger(Announcements.class.getName());

    private static final String NOTIFY =
            "SELECT set_config('synchronous_commit', 'off', true), pg_notify(?, p)"
                    + " FROM unnest(?::text[]) p";
    private static final long COALESCE_MILLIS = 5;

    private final Database database;
    private final String channel;
    private final Newest pending = new Newest();
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
        pending.add(topic, sequence);
    }

    private void send() {
        try {
            while (true) {
                Map<String, Long> taken = pending.take(COALESCE_MILLIS);
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

    private void notifyAll(List<String> payloads) {
        try {
            database.call(
                    "notify",
                    connection -> {
                        try (PreparedStatement statement = connection.prepareStatement(NOTIFY)) {
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
        pending.close();
        Threads.end(sender);
    }
}
