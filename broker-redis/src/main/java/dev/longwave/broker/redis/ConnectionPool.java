package dev.longwave.broker.redis;

import dev.longwave.broker.BrokerUnavailableException;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisException;

/** The connections for commands, opened on demand up to a limit. Safe for many threads. */
final class ConnectionPool implements AutoCloseable {
    /*
     * The pool of Jedis needs another library and an eviction thread. This one has only what is
     * needed here, with exact deadlines. It hands out the most recently used idle connection first.
     * A connection that has been idle for long may have been closed by the server or by a device in
     * between, and is not used again. When one connection breaks, the idle ones have probably
     * broken too: all of them are closed, so that each does not fail one more command.
     *
     * If a connection breaks, repeatable commands are sent once more over a new one. After a
     * time-out they are not, because the caller has waited long enough.
     *
     * A server that was demoted to a replica keeps its connections but refuses writes. A connection
     * to it is not used again, nor are the idle ones, and `onDemoted` is called: new connections go
     * to the server that the address resolves to by then.
     *
     * The deadline for the reply starts before the command is written, and also covers the second
     * attempt.
     *
     * Closing: `closed` is set before the idle connections are closed, and a thread that returns a
     * connection reads `closed` afterwards.
     */
    private static final long LONGEST_IDLE_NANOS = TimeUnit.SECONDS.toNanos(20);

    private final RedisSettings settings;
    private final Connector connector;
    private final Watchdog watchdog;
    private final Runnable onDemoted;
    private final Semaphore permits;
    private final ConcurrentLinkedDeque<Idle> idle = new ConcurrentLinkedDeque<>();
    private volatile boolean closed;

    private record Idle(RedisConnection connection, long since) {}

    /**
     * A pool without connections.
     *
     * @param onDemoted called when the server turns out to be a replica
     */
    ConnectionPool(
            RedisSettings settings, Connector connector, Watchdog watchdog, Runnable onDemoted) {
        this.settings = settings;
        this.connector = connector;
        this.watchdog = watchdog;
        this.onDemoted = onDemoted;
        this.permits = new Semaphore(settings.connections());
    }

    /**
     * Sends {@code commands} as one pipeline, and returns the reply to each: an error reply is a
     * {@link redis.clients.jedis.exceptions.JedisDataException} in the list.
     *
     * @param repeatable whether it is harmless to execute them twice
     * @throws BrokerUnavailableException if some were not answered; any of them may have been
     *     executed
     */
    List<Object> exchange(String attempt, List<CommandArguments> commands, boolean repeatable) {
        acquire(attempt);
        long deadline = watchdog.deadline();
        try {
            try {
                return exchange(commands, deadline);
            } catch (JedisConnectionException e) {
                closeIdle();
                boolean again =
                        repeatable
                                && !closed
                                && !Failures.isTimeout(e)
                                && !Thread.currentThread().isInterrupted();
                if (!again) {
                    throw e;
                }
            }
            return exchange(commands, deadline);
        } catch (JedisException e) {
            throw Failures.unavailable(attempt, settings, e);
        } finally {
            permits.release();
        }
    }

    /**
     * Opens one connection, to check that the server can be reached.
     *
     * @throws BrokerUnavailableException if it cannot
     */
    void connect() {
        try {
            giveBack(open());
        } catch (JedisException e) {
            throw Failures.unavailable("connect", settings, e);
        }
    }

    /** Closes the idle connections; those in use are closed when they are returned. */
    @Override
    public void close() {
        closed = true;
        closeIdle();
    }

    private List<Object> exchange(List<CommandArguments> commands, long deadline) {
        RedisConnection connection = pollIdle();
        if (connection == null) {
            connection = open();
        }
        boolean reusable = false;
        Watchdog.Use use = watchdog.watch(connection, deadline);
        try (use) {
            connection.send(commands);
            List<Object> replies = connection.getMany(commands.size());
            boolean demoted = replies.stream().anyMatch(Failures::isDemoted);
            reusable = !demoted;
            if (demoted) {
                closeIdle();
                onDemoted.run();
            }
            return replies;
        } catch (JedisConnectionException e) {
            throw use.isLate() ? Failures.timeout(e) : e;
        } finally {
            if (reusable && !use.isLate()) {
                giveBack(connection);
            } else {
                connection.close();
            }
        }
    }

    private RedisConnection open() {
        return connector.connect((int) settings.timeout().toMillis());
    }

    private @Nullable RedisConnection pollIdle() {
        while (true) {
            Idle candidate = idle.pollFirst();
            if (candidate == null || System.nanoTime() - candidate.since < LONGEST_IDLE_NANOS) {
                return candidate == null ? null : candidate.connection;
            }
            candidate.connection.close();
        }
    }

    private void giveBack(RedisConnection connection) {
        idle.addFirst(new Idle(connection, System.nanoTime()));
        if (closed) {
            closeIdle();
        }
    }

    private void closeIdle() {
        for (Idle each = idle.poll(); each != null; each = idle.poll()) {
            each.connection.close();
        }
    }

    private void acquire(String attempt) {
        try {
            if (permits.tryAcquire(settings.timeout().toNanos(), TimeUnit.NANOSECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BrokerUnavailableException("cannot " + attempt + ", interrupted", e);
        }
        throw new BrokerUnavailableException(
                "cannot %s, all connections are in use connections=%d timeout=%s"
                        .formatted(attempt, settings.connections(), settings.timeout()));
    }
}
