package dev.longwave.broker.postgres;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.longwave.broker.BrokerException;
import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.MessageRefusedException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The pool of connections, and what becomes of its errors. Safe for many threads. */
final class Database implements AutoCloseable {
    /*
     * The driver's time-out is for reading. What is too long for the buffers on the way to a server
     * that stands still would be written for as long as that lasts: so whoever has had a connection
     * for too long loses it.
     */

    private static final Logger LOGGER = System.getLogger(Database.class.getName());

    private static final Duration LONGEST_VALIDATION = Duration.ofSeconds(1);
    private static final Duration KEEP_ALIVE = Duration.ofSeconds(30);
    private static final String CLASS_DATA = "22"; // SQLSTATE: the values are what is wrong

    private final HikariDataSource pool;
    private final Duration longestCall;
    private final ScheduledThreadPoolExecutor alarms =
            new ScheduledThreadPoolExecutor(
                    1, Thread.ofPlatform().daemon().name("longwave-postgres-alarms").factory());
    private volatile boolean closed;

    /** Work on a connection that is given back afterwards. */
    interface Work<T> {
        T run(Connection connection) throws SQLException;
    }

    Database(PostgresSettings settings) {
        PoolLog.begin();
        var config = new HikariConfig();
        config.setPoolName("longwave-postgres");
        config.setDataSource(Servers.pooled(settings));
        config.setMaximumPoolSize(settings.poolSize());
        config.setConnectionTimeout(settings.timeout().toMillis());
        config.setValidationTimeout(
                Math.min(LONGEST_VALIDATION.toMillis(), settings.timeout().toMillis()));
        config.setKeepaliveTime(KEEP_ALIVE.toMillis());
        config.setInitializationFailTimeout(-1); // Migrations has just been there
        pool = new HikariDataSource(config);
        longestCall = settings.timeout().multipliedBy(3);
        alarms.setRemoveOnCancelPolicy(true);
    }

    /**
     * {@return what {@code work} returns}
     *
     * @param what is attempted, for the message of an error
     * @throws BrokerUnavailableException if no answer came in time, or the thread is interrupted
     * @throws MessageRefusedException if the database will never take these values
     * @throws IllegalStateException if it is closed
     */
    <T> T call(String what, Work<T> work) {
        return upkeep(
                what,
                connection -> {
                    var alarm =
                            alarms.schedule(
                                    () -> abort(connection),
                                    longestCall.toNanos(),
                                    TimeUnit.NANOSECONDS);
                    try {
                        return work.run(connection);
                    } finally {
                        alarm.cancel(false);
                    }
                });
    }

    /** The same for work that may take long, and has nothing long to write. */
    <T> T upkeep(String what, Work<T> work) {
        checkOpen();
        if (Thread.currentThread().isInterrupted()) {
            throw new BrokerUnavailableException("interrupted before it could " + what);
        }
        try (Connection connection = pool.getConnection()) {
            return work.run(connection);
        } catch (SQLException e) {
            checkOpen();
            throw translated(what, e);
        }
    }

    private static void abort(Connection connection) {
        try {
            connection.abort(Runnable::run);
        } catch (SQLException | RuntimeException e) {
            LOGGER.log(Level.DEBUG, "a connection cannot be given up", e);
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the broker is closed");
        }
    }

    private static BrokerException translated(String what, SQLException e) {
        String state = e.getSQLState();
        if (state != null && state.startsWith(CLASS_DATA)) {
            return new MessageRefusedException("cannot " + what + " sqlstate=" + state, e);
        }
        return new BrokerUnavailableException("cannot " + what + " sqlstate=" + state, e);
    }

    @Override
    public void close() {
        closed = true;
        pool.close();
        alarms.shutdownNow();
    }
}
