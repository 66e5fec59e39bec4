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

/** Hears of new events: one connection that listens, made anew for as long as it takes. */
final class Listener implements AutoCloseable {
    /*
     * A backend that stands still is as silent as one that has nothing to say, so it is asked every
     * second. All notifications come by one connection, whatever is subscribed to: LISTEN before a
     * subscription asks for its tail is therefore done long ago, or the connection is lost, and its
     * successor makes all topics suspect.
     */
    private static final Logger LOGGER = System.getLogger(Listener.class.getName());

    private static final int WAIT_MILLIS = 500;
    private static final int VALIDATION_SECONDS = 1;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
    private static final int MAX_DOUBLINGS = 5;

    private final PostgresSettings settings;
    private final Heard heard;
    private final Thread thread =
            Thread.ofVirtual().name("longwave-postgres-listener").unstarted(this::run);
    private @Nullable Connection connection; // of the thread alone, once that is started
    private volatile boolean closed;

    /** Who is told. */
    interface Heard {
        void announced(List<Announcement> announcements);

        void lost();

        void again();
    }

    Listener(PostgresSettings settings, Heard heard) {
        this.settings = settings;
        this.heard = heard;
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
        Connection made = Servers.listening(settings).getConnection();
        try (Statement statement = made.createStatement()) {
            statement.execute("LISTEN \"" + settings.channel() + '"');
            return made;
        } catch (SQLException e) {
            closeQuietly(made);
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
                    LOGGER.log(Level.INFO, "notifications are heard again attempts={0}", attempts);
                    heard.again();
                }
                attempts = 0;
                listen(current);
            } catch (SQLException | RuntimeException | Error e) { // whatever it is, it listens on
                if (!closed) {
                    if (attempts == 0) {
                        LOGGER.log(
                                Level.WARNING,
                                "lost the connection for notifications; until it is back, events"
                                        + " come up to a resync-period late {0}",
                                OneLine.of(e));
                        heard.lost(); // once: the tails say whether the server is there
                    }
                    LOGGER.log(Level.DEBUG, "cannot hear notifications attempts=" + attempts, e);
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
        long provenAt = System.nanoTime();
        while (!closed) {
            PGNotification[] arrived = notifications.getNotifications(WAIT_MILLIS);
            for (PGNotification each : arrived) {
                heard.announced(Announcement.parse(each.getParameter()));
            }
            if (System.nanoTime() - provenAt > TimeUnit.SECONDS.toNanos(VALIDATION_SECONDS)) {
                if (!current.isValid(VALIDATION_SECONDS)) {
                    throw new SQLException("the server does not answer", "08006");
                }
                provenAt = System.nanoTime();
            }
        }
    }

    private static void pause(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // it is closed, and the loop ends
        }
    }

    private static void closeQuietly(@Nullable Connection done) {
        if (done == null) {
            return;
        }
        try {
            done.abort(Runnable::run); // a polite end would wait for a server that stands still
        } catch (SQLException _) {
            // It is gone, which is what was wanted.
        }
    }

    @Override
    public void close() {
        closed = true;
        Threads.end(thread);
    }
}
