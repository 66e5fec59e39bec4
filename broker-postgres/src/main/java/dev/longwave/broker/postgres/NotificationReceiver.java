package dev.longwave.broker.postgres;

import dev.longwave.broker.BrokerUnavailableException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/** Receives announcements of new events on one connection, which it replaces whenever it breaks. */
final class NotificationReceiver implements AutoCloseable {
    /*
     * A frozen backend is as silent as an idle one, so the connection is validated every second.
     *
     * One channel carries the notifications of all topics. When a subscription reads its tail,
     * LISTEN is therefore already in effect, or the connection is lost. In the latter case, all
     * tails are checked once the next connection listens.
     */
    private static final Logger LOGGER = System.getLogger(NotificationReceiver.class.getName());

    private static final int WAIT_MILLIS = 500;
    private static final int VALIDATION_SECONDS = 1;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
    private static final int MAX_DOUBLINGS = 3;

    private final PostgresSettings settings;
    private final Handler handler;
    private final EphemeralParts parts; // confined to the thread
    private final Thread thread =
            Thread.ofVirtual().name("longwave-postgres-listener").unstarted(this::run);
    private @Nullable Connection connection; // confined to the thread once that is started
    private String refusal = ""; // the one told last; confined to the thread
    private volatile boolean closed;

    /** Receives announcements and state changes. */
    interface Handler {
        /** Events were announced. */
        void notified(List<Announcement> announcements);

        /** The events of a topic were deleted. */
        void deleted(Announcement announcement);

        /** A notification came back that a node has sent to itself or to another: {@link Echo}. */
        void echo(String payload);

        /** An ephemeral message arrived. */
        void ephemeral(EphemeralParts.Received received);

        /** The connection broke, for this reason; announcements are missed. */
        void disconnected(String reason);

        /** A new connection listens. */
        void reconnected();
    }

    NotificationReceiver(PostgresSettings settings, Handler handler) {
        this.settings = settings;
        this.handler = handler;
        this.parts = new EphemeralParts(settings.maxMessageBytes());
    }

    /**
     * Connects, and starts listening.
     *
     * @throws BrokerUnavailableException if that fails
     */
    void start() {
        try {
            connection = connect();
        } catch (SQLException e) {
            throw new BrokerUnavailableException(
                    "cannot listen for notifications sqlstate=" + e.getSQLState(), e);
        }
        thread.start();
    }

    private Connection connect() throws SQLException {
        Connection created = PostgresDataSource.listening(settings).getConnection();
        try (Statement statement = created.createStatement()) {
            statement.execute("LISTEN \"" + settings.channel() + '"');
            return created;
        } catch (SQLException e) {
            closeQuietly(created);
            throw e;
        }
    }

    private void run() {
        int attempts = 0;
        while (!closed) {
            try {
                Connection current = connection;
                if (current == null) {
                    current = connect();
                    connection = current;
                    LOGGER.log(Level.INFO, "receiving notifications again attempts={0}", attempts);
                    handler.reconnected();
                }
                attempts = 0;
                listen(current);
            } catch (SQLException | RuntimeException | Error e) { // keep receiving, whatever it is
                if (!closed) {
                    if (attempts == 0) {
                        LOGGER.log(
                                Level.WARNING,
                                "lost the connection for notifications; until it is back, events"
                                        + " arrive up to one resync-period late {0}",
                                ErrorText.of(e));
                        // Once: the tail checks find out whether the server answers.
                        handler.disconnected(reason(e));
                        refusal = "";
                    } else if (connection == null) {
                        tellRefusal(e);
                    }
                    LOGGER.log(Level.DEBUG, "cannot receive notifications attempts=" + attempts, e);
                    pause(FIRST_PAUSE.multipliedBy(1L << Math.min(attempts, MAX_DOUBLINGS)));
                    attempts++;
                }
            }
            closeQuietly(connection);
            connection = null;
        }
    }

    private void listen(Connection current) throws SQLException {
        PGConnection notifications = current.unwrap(PGConnection.class);
        long validatedAt = System.nanoTime();
        while (!closed) {
            PGNotification[] arrived = notifications.getNotifications(WAIT_MILLIS);
            for (PGNotification each : arrived) {
                notified(each.getParameter());
            }
            if (System.nanoTime() - validatedAt > TimeUnit.SECONDS.toNanos(VALIDATION_SECONDS)) {
                if (!current.isValid(VALIDATION_SECONDS)) {
                    throw new SQLException("the server does not answer", "08006");
                }
                validatedAt = System.nanoTime();
            }
        }
    }

    private void notified(String payload) {
        if (EphemeralParts.isOne(payload)) {
            parts.add(payload).ifPresent(handler::ephemeral);
        } else if (Echo.isOne(payload)) {
            handler.echo(payload);
        } else if (Announcement.isOfDeletion(payload)) {
            Announcement.parse(payload.substring(1)).forEach(handler::deleted);
        } else {
            handler.notified(Announcement.parse(payload));
        }
    }

    private static String reason(Throwable error) {
        return "the connection for notifications was lost"
                + (error instanceof SQLException sql && sql.getSQLState() != null
                        ? " sqlstate=" + sql.getSQLState()
                        : "");
    }

    /** Says why the next connection is refused, whenever the reason is another one. */
    private void tellRefusal(Throwable error) {
        String summary = error instanceof SQLException sql ? PostgresFailure.summary(sql) : "";
        if (!summary.equals(refusal)) {
            refusal = summary;
            LOGGER.log(
                    Level.WARNING,
                    "cannot connect for notifications again: {0} {1}",
                    summary,
                    ErrorText.of(error));
        }
    }

    private static void pause(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // the receiver is closed, and the loop ends
        }
    }

    private static void closeQuietly(@Nullable Connection done) {
        if (done == null) {
            return;
        }
        try {
            done.abort(Runnable::run); // close() would wait for a server that stands still
        } catch (SQLException _) {
            // The connection is given up either way.
        }
    }

    @Override
    public void close() {
        closed = true;
        Threads.stop(thread);
    }
}
