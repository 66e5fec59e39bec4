package dev.longwave.broker.postgres;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.longwave.broker.BrokerException;
import dev.longwave.broker.BrokerRefusedException;
import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.MessageRefusedException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * A pool of connections for one purpose, and the translation of its errors. Safe for many threads.
 */
final class Database implements AutoCloseable {
    /*
     * The driver has a time-out for reads only. A statement that is larger than the socket buffers
     * would block for as long as the server stands still, so a connection that is used for too long
     * is aborted.
     *
     * After a connection has failed, those that are idle are mostly of no use either: the server was
     * restarted, or another one is the primary now. The pool replaces them before anybody uses one.
     */
    private static final Logger LOGGER = System.getLogger(Database.class.getName());

    private static final Duration LONGEST_VALIDATION = Duration.ofSeconds(1);
    private static final Duration KEEP_ALIVE = Duration.ofSeconds(30);
    private static final Duration IDLE = Duration.ofMinutes(1);

    private final PostgresDataSource.Persistent source;
    private final HikariDataSource pool;
    private final Duration longestCall;
    private final ScheduledThreadPoolExecutor deadlines;
    private volatile boolean closed;

    /** Work with a connection, which returns to the pool afterwards. */
    interface Work<T> {
        T run(Connection connection) throws SQLException;
    }

    private Database(PostgresSettings settings, String name, int size, int idle) {
        PoolLogFilter.install();
        source = new PostgresDataSource.Persistent(settings);
        var config = new HikariConfig();
        config.setPoolName(name);
        config.setDataSource(source);
        config.setMaximumPoolSize(size);
        config.setMinimumIdle(idle);
        config.setIdleTimeout(idle == size ? 0 : IDLE.toMillis());
        config.setConnectionTimeout(settings.timeout().toMillis());
        config.setValidationTimeout(
                Math.min(LONGEST_VALIDATION.toMillis(), settings.timeout().toMillis()));
        config.setKeepaliveTime(KEEP_ALIVE.toMillis());
        config.setInitializationFailTimeout(-1); // Migrations has just connected
        pool = new HikariDataSource(config);
        longestCall = settings.timeout().multipliedBy(3);
        deadlines =
                new ScheduledThreadPoolExecutor(
                        1, Thread.ofPlatform().daemon().name(name + "-deadlines").factory());
        deadlines.setRemoveOnCancelPolicy(true);
    }

    /** {@return connections for reading, and for all writing that is not of events} */
    static Database forReading(PostgresSettings settings) {
        int size = settings.readers();
        return new Database(settings, "longwave-postgres-reads", size, size);
    }

    /** {@return connections for storing events} */
    static Database forWriting(PostgresSettings settings) {
        int size = settings.writers();
        return new Database(settings, "longwave-postgres-writes", size, size);
    }

    /** {@return connections that wait for topics which others hold; mostly none is open} */
    static Database forWaiting(PostgresSettings settings, int size) {
        return new Database(settings, "longwave-postgres-waits", size, 0);
    }

    /**
     * {@return what {@code work} returns}
     *
     * @param what the purpose; error messages read "cannot" followed by it
     * @throws BrokerUnavailableException if no answer came in time, or the thread is interrupted
     * @throws BrokerRefusedException if the server refuses it
     * @throws MessageRefusedException if the database will never accept these values
     * @throws IllegalStateException if it is closed
     */
    <T> T call(String what, Work<T> work) {
        return maintain(what, connection -> limited(connection, work));
    }

    /** As {@link #call}, for reading: what the server refuses is not available. */
    <T> T read(String what, Work<T> work) {
        try {
            return call(what, work);
        } catch (BrokerRefusedException | MessageRefusedException e) {
            throw new BrokerUnavailableException(String.valueOf(e.getMessage()), e);
        }
    }

    /** As {@link #call}, for work that may take long and writes little. */
    <T> T maintain(String what, Work<T> work) {
        try (Connection connection = connect(what)) {
            return work.run(connection);
        } catch (SQLException e) {
            throw failed(what, e);
        }
    }

    /**
     * {@return a connection, which must be closed}
     *
     * @throws BrokerUnavailableException if there is none in time: nothing was sent
     * @throws BrokerRefusedException if the server does not let this node in
     */
    Connection connect(String what) {
        checkOpen();
        if (Thread.currentThread().isInterrupted()) {
            throw BrokerUnavailableException.notSent("interrupted before it could " + what, null);
        }
        try {
            return pool.getConnection();
        } catch (SQLException e) {
            checkOpen();
            throw PostgresFailure.ofConnecting(
                    what, Objects.requireNonNullElse(source.failure(), e));
        }
    }

    /** {@return what {@code work} returns} The connection is aborted if that takes too long. */
    <T> T limited(Connection connection, Work<T> work) throws SQLException {
        var deadline =
                deadlines.schedule(
                        () -> abort(connection), longestCall.toNanos(), TimeUnit.NANOSECONDS);
        try {
            return work.run(connection);
        } finally {
            deadline.cancel(false);
        }
    }

    /** {@return the failure of a statement} Idle connections are replaced if it affects them. */
    BrokerException failed(String what, SQLException e) {
        checkOpen();
        BrokerException failure = PostgresFailure.of(what, e);
        if (!Thread.currentThread().isInterrupted() && concernsOthers(failure)) {
            renew();
        }
        return failure;
    }

    /** Replaces the connections that are idle now, and the others when they are given back. */
    void renew() {
        pool.getHikariPoolMXBean().softEvictConnections();
    }

    /** {@return whether other connections have failed as well, or lead to a wrong server} */
    private boolean concernsOthers(BrokerException failure) {
        boolean readOnly =
                failure instanceof BrokerRefusedException refused
                        && refused.reason() == BrokerRefusedException.Reason.READ_ONLY;
        return failure instanceof BrokerUnavailableException
                || (readOnly && source.hasSeveralHosts());
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

    @Override
    public void close() {
        closed = true;
        source.stop();
        pool.close();
        deadlines.shutdownNow();
    }
}
