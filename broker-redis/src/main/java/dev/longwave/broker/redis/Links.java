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

/** The connections for commands: as many as are needed at once, up to a bound. */
final class Links implements AutoCloseable {
    /*
     * Jedis has a pool of its own, with a library behind it and a thread that evicts. This one is
     * the part of it that is needed, with exact deadlines. The idle connection that was used last
     * is taken first. One that has been idle for long may have been closed by the server or by
     * something between: it is not used again. When a connection breaks, so have the others most
     * likely: all that are idle are closed, so that one failure is not followed by another for each.
     *
     * What may be repeated is sent a second time, over a new connection, if the first one broke;
     * after a time-out it is not, as the caller has waited long enough.
     *
     * A server that was demoted to a replica keeps its connections, and refuses to write. A
     * connection to one is not used again, nor are the idle ones, and `onDemoted` is told: the new
     * ones go to whomever the address leads to by then.
     *
     * The time for an answer begins before what is asked for is written, and is not begun again for
     * the second time.
     *
     * Closing: `closed` is set before the idle ones are closed, and whoever puts one back looks at
     * it afterwards.
     */
    private static final long LONGEST_IDLE_NANOS = TimeUnit.SECONDS.toNanos(20);

    private final RedisSettings settings;
    private final Dialer dialer;
    private final Watchdog watchdog;
    private final Runnable onDemoted;
    private final Semaphore permits;
    private final ConcurrentLinkedDeque<Idle> idle = new ConcurrentLinkedDeque<>();
    private volatile boolean closed;

    private record Idle(Link link, long since) {}

    /**
     * No connections yet.
     *
     * @param onDemoted told when the server turns out to be a replica
     */
    Links(RedisSettings settings, Dialer dialer, Watchdog watchdog, Runnable onDemoted) {
        this.settings = settings;
        this.dialer = dialer;
        this.watchdog = watchdog;
        this.onDemoted = onDemoted;
        this.permits = new Semaphore(settings.connections());
    }

    /**
     * Sends {@code commands} together, and returns what is answered to each: an error reply is a
     * {@link redis.clients.jedis.exceptions.JedisDataException} in the list.
     *
     * @param repeatable whether it does no harm if they are executed twice
     * @throws BrokerUnavailableException if they were not all answered; any of them may have been
     *     executed
     */
    List<Object> exchange(String attempt, List<CommandArguments> commands, boolean repeatable) {
        acquire(attempt);
        long due = watchdog.due();
        try {
            try {
                return exchange(commands, due);
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
            return exchange(commands, due);
        } catch (JedisException e) {
            throw Failures.unavailable(attempt, settings, e);
        } finally {
            permits.release();
        }
    }

    /**
     * Connects, to find out whether that can be done.
     *
     * @throws BrokerUnavailableException if not
     */
    void connect() {
        try {
            putBack(open());
        } catch (JedisException e) {
            throw Failures.unavailable("connect", settings, e);
        }
    }

    /** Those in use end with what they are used for. */
    @Override
    public void close() {
        closed = true;
        closeIdle();
    }

    private List<Object> exchange(List<CommandArguments> commands, long due) {
        Link link = takeIdle();
        if (link == null) {
            link = open();
        }
        boolean whole = false;
        Watchdog.Use use = watchdog.watch(link, due);
        try (use) {
            link.send(commands);
            List<Object> replies = link.getMany(commands.size());
            boolean demoted = replies.stream().anyMatch(Failures::isDemoted);
            whole = !demoted;
            if (demoted) {
                closeIdle();
                onDemoted.run();
            }
            return replies;
        } catch (JedisConnectionException e) {
            throw use.isLate() ? Failures.timeout(e) : e;
        } finally {
            if (whole && !use.isLate()) {
                putBack(link);
            } else {
                link.close();
            }
        }
    }

    private Link open() {
        return dialer.dial((int) settings.timeout().toMillis());
    }

    private @Nullable Link takeIdle() {
        while (true) {
            Idle candidate = idle.pollFirst();
            if (candidate == null || System.nanoTime() - candidate.since < LONGEST_IDLE_NANOS) {
                return candidate == null ? null : candidate.link;
            }
            candidate.link.close();
        }
    }

    private void putBack(Link link) {
        idle.addFirst(new Idle(link, System.nanoTime()));
        if (closed) {
            closeIdle();
        }
    }

    private void closeIdle() {
        for (Idle each = idle.poll(); each != null; each = idle.poll()) {
            each.link.close();
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
