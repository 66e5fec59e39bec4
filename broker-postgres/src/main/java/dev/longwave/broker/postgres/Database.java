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

/** The connection pool, and the translation of its errors. Safe for many threads. */
final class Database implements AutoCloseable {
    /*
     * The driver has a time-out for reads only. A statement that is larger than the socket buffers
     * would block for as long as the server stands still, so a connection that is used for too long
     * is aborted.
     */
    private static final Logger LOGGER = System.getLogger(Database.class.getName());

    private static final Duration LONGEST_VALIDATION = Duration.ofSeconds(1);
    private static final Duration KEEP_ALIVE = Duration.ofSeconds(30);
    private static final String CLASS_DATA =
            "22"; // SQLSTATE class 22, data exception: the values are at fault

    private final HikariDataSource pool;
    private final Duration longestCall;
    private final ScheduledThreadPoolExecutor deadlines =
            new ScheduledThreadPoolExecutor(
                    1, Thread.ofPlatform().daemon().name("longwave-postgres-deadlines").factory());
    private volatile boolean closed;

    /** Work with a connection, which returns to the pool afterwards. */
    interface Work<T> {
        T run(Connection connection) throws SQLException;
    }

    Database(PostgresSettings settings) {
        PoolLogFilter.install();
        var config = new HikariConfig();
        config.setPoolName("longwave-postgres");
        config.setDataSource(PostgresDataSource.pooled(settings));
        config.setMaximumPoolSize(settings.poolSize());
        config.setConnectionTimeout(settings.timeout().toMillis());
        config.setValidationTimeout(
                Math.min(LONGEST_VALIDATION.toMillis(), settings.timeout().toMillis()));
        config.setKeepaliveTime(KEEP_ALIVE.toMillis());
        config.setInitializationFailTimeout(-1); // Migrations has just connected
        pool = new HikariDataSource(config);
        longestCall = settings.timeout().multipliedBy(3);
        deadlines.setRemoveOnCancelPolicy(true);
    }

    /**
     * {@return what {@code work} returns}
     *
     * @param what the purpose; error messages read "cannot" followed by it
     * @throws BrokerUnavailableException if no answer came in time, or the thread is interrupted
     * @throws MessageRefusedException if the database will never accept these values
     * @throws IllegalStateException if it is closed
     */
    <T> T call(String what, Work<T> work) {
        return maintain(
                what,
                connection -> {
                    var deadline =
                            deadlines.schedule(
                                    () -> abort(connection),
                                    longestCall.toNanos(),
                                    TimeUnit.NANOSECONDS);
                    try {
                        return work.run(connection);
                    } finally {
                        deadline.cancel(false);
                    }
                });
    }

    /** As {@link #call}, for work that may take long and writes little. */
    <T> T maintain(String what, Work<T> work) {
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
            LOGGER.log(Level.DEBUG, "cannot abort a connection", e);
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
        deadlines.shutdownNow();
    }
}
