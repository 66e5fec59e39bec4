package dev.longwave.broker.redis;

import dev.longwave.broker.BrokerException;
import dev.longwave.broker.BrokerRefusedException;
import dev.longwave.broker.BrokerUnavailableException;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * The connections to one primary for commands, opened on demand up to a limit. Safe for many
 * threads.
 */
final class ConnectionPool implements AutoCloseable {
    /*
     * Each exchange has a deadline of its own, for the wait for a connection, for opening one, for
     * writing, and for the answer. The pool of Jedis knows two time-outs that add up, and its
     * threads that wait for a connection go on waiting when the server has come back. See ADR 0028.
     *
     * This one hands out the most recently used idle connection first. A connection that has been
     * idle for long may have been closed by the server or by a device in between, and is not used
     * again. When one connection breaks, the idle ones have probably broken too: all of them are
     * closed, so that each does not fail one more command.
     *
     * Nothing is repeated here. An exchange that fails before anything was written says so.
     *
     * `generation` counts how often the primary was replaced: a connection of an earlier generation
     * is not used again.
     *
     * Closing: `closed` is set before the idle connections are closed, and a thread that returns a
     * connection reads `closed` afterwards.
     */
    private static final long LONGEST_IDLE_NANOS = TimeUnit.SECONDS.toNanos(20);

    /** For each step of the first attempt: a server that comes back is found sooner. */
    private static final long FIRST_CONNECT_MILLIS = 1000;

    private final RedisSettings settings;
    private final Shard.Dialer dialer;
    private final Watchdog watchdog;
    private final Semaphore permits;
    private final ConcurrentLinkedDeque<Pooled> idle = new ConcurrentLinkedDeque<>();
    private final AtomicInteger generation = new AtomicInteger();
    private volatile boolean closed;

    private record Pooled(RedisConnection connection, int generation, long since) {}

    /** A pool without connections. */
    ConnectionPool(RedisSettings settings, Shard.Dialer dialer, Watchdog watchdog) {
        this.settings = settings;
        this.dialer = dialer;
        this.watchdog = watchdog;
        this.permits = new Semaphore(settings.connections());
    }

    /**
     * Sends {@code commands} as one pipeline, and returns the reply to each: an error reply is a
     * {@link JedisDataException} in the list.
     *
     * @param deadline on the clock of {@link System#nanoTime}
     * @throws BrokerUnavailableException if some were not answered; any of them may have been
     *     executed, unless it says that nothing was sent
     * @throws BrokerRefusedException if the server refused the login
     */
    List<Object> exchange(String attempt, List<CommandArguments> commands, long deadline) {
        acquire(attempt, deadline);
        try {
            Pooled pooled = pollIdle();
            if (pooled == null) {
                pooled = open(attempt, deadline);
            }
            return exchange(attempt, pooled, commands, deadline);
        } finally {
            permits.release();
        }
    }

    /**
     * Opens one connection, to check that the server can be reached.
     *
     * @throws BrokerException if it cannot
     */
    void connect() {
        giveBack(open("connect", watchdog.deadline()));
    }

    /** {@return how often the primary was replaced} */
    int generation() {
        return generation.get();
    }

    /** The primary was replaced: all connections end when they are not in use. */
    void reset() {
        generation.incrementAndGet();
        closeIdle();
    }

    /** Idle connections are probably broken: none is used again. */
    void distrust() {
        closeIdle();
    }

    /** Closes the idle connections; those in use are closed when they are returned. */
    @Override
    public void close() {
        closed = true;
        closeIdle();
    }

    private List<Object> exchange(
            String attempt, Pooled pooled, List<CommandArguments> commands, long deadline) {
        RedisConnection connection = pooled.connection;
        boolean answered = false;
        Watchdog.Use use = watchdog.watch(connection, deadline);
        try (use) {
            connection.send(commands);
            List<Object> replies = connection.getMany(commands.size());
            answered = true;
            return replies;
        } catch (JedisException e) {
            closeIdle();
            throw Failures.unavailable(
                    attempt,
                    settings,
                    use.isLate() && e instanceof JedisConnectionException broken
                            ? Failures.timeout(broken)
                            : e);
        } finally {
            if (answered && !use.isLate()) {
                giveBack(pooled);
            } else {
                connection.close();
            }
        }
    }

    private Pooled open(String attempt, long deadline) {
        int now = generation.get(); // first: if the primary is replaced meanwhile, it is outdated
        long most = FIRST_CONNECT_MILLIS;
        while (true) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            try {
                RedisConnection connection = dialer.dial((int) Math.clamp(left, 1, most));
                connection.setSoTimeout((int) settings.timeout().toMillis());
                return new Pooled(connection, now, 0);
            } catch (JedisDataException e) {
                throw Failures.refused(attempt, settings, e);
            } catch (JedisException e) {
                closeIdle();
                boolean again =
                        left > most
                                && Failures.isTimeout(e)
                                && !closed
                                && !Thread.currentThread().isInterrupted();
                if (!again) {
                    throw Failures.notSent(attempt, settings, e);
                }
                most *= 2; // it may be slow rather than away
            }
        }
    }

    private @Nullable Pooled pollIdle() {
        while (true) {
            Pooled candidate = idle.pollFirst();
            if (candidate == null
                    || (candidate.generation == generation.get()
                            && System.nanoTime() - candidate.since < LONGEST_IDLE_NANOS)) {
                return candidate;
            }
            candidate.connection.close();
        }
    }

    private void giveBack(Pooled pooled) {
        idle.addFirst(new Pooled(pooled.connection, pooled.generation, System.nanoTime()));
        if (closed) {
            closeIdle();
        }
    }

    private void closeIdle() {
        for (Pooled each = idle.poll(); each != null; each = idle.poll()) {
            each.connection.close();
        }
    }

    private void acquire(String attempt, long deadline) {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
            throw BrokerUnavailableException.notSent(
                    "cannot %s, no time is left timeout=%s".formatted(attempt, settings.timeout()),
                    null);
        }
        try {
            if (permits.tryAcquire(left, TimeUnit.NANOSECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw BrokerUnavailableException.notSent("cannot " + attempt + ", interrupted", e);
        }
        throw BrokerUnavailableException.notSent(
                "cannot %s, all connections are in use connections=%d timeout=%s"
                        .formatted(attempt, settings.connections(), settings.timeout()),
                null);
    }
}
