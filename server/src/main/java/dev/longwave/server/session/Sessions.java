package dev.longwave.server.session;

import dev.longwave.core.Batch;
import dev.longwave.core.CloseReason;
import dev.longwave.core.Outbox;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * All open streams of this node: gives them their heartbeats, ends some of them, and drains them
 * all when the server stops. Safe for many threads.
 */
public final class Sessions implements AutoCloseable {
    /*
     * The wheel turns twice in the heartbeat interval. A session that was silent since the last visit gets a
     * heartbeat. So none is silent for longer than the interval, a busy one gets none, and none has a timer
     * of its own. There are many sectors, because what a tick sends at once delays events.
     *
     * Idle streams are in no processor's cache, so a tick first reads what it needs of all sessions in its
     * sector: these reads do not depend on each other, and the processor does many at a time (docs/adr/0016).
     * Nothing is allocated for a heartbeat: its bytes are a frame of the topic's last event.
     */
    private static final int MAX_JITTER = 10; // a tenth
    private static final int DRAIN_SLICES = 20;
    private static final Duration DRAIN_POLL = Duration.ofMillis(10);
    private static final System.Logger LOGGER = System.getLogger(Sessions.class.getName());

    private final Wheel<Session> wheel;
    private final ScheduledExecutorService pulse =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("longwave-session-pulse").factory());
    private final ScheduledThreadPoolExecutor expiries =
            new ScheduledThreadPoolExecutor(
                    1, Thread.ofPlatform().daemon().name("longwave-session-expiry").factory());
    private final InstantSource clock;

    @SuppressWarnings("UnusedVariable") // or the compiler would leave out the reads
    private int prefetched;

    private final String node;
    private final AtomicLong opened = new AtomicLong();
    private final SessionTotals totals = new SessionTotals();
    private final Consumer<EndedStream> ended;
    private final AtomicBoolean moving = new AtomicBoolean();
    private volatile boolean draining;

    /**
     * No sessions yet.
     *
     * @param heartbeatInterval how often a quiet session gets a heartbeat
     * @param clock tells when credentials expire
     */
    public Sessions(Duration heartbeatInterval, InstantSource clock) {
        this(heartbeatInterval, clock, "0", _ -> {});
    }

    /**
     * The same.
     *
     * @param node what the IDs of streams begin with: no other node has the same
     * @param ended is told what became of each stream, before {@link #forEach} leaves it out; must
     *     not block
     */
    public Sessions(
            Duration heartbeatInterval,
            InstantSource clock,
            String node,
            Consumer<EndedStream> ended) {
        this.clock = clock;
        this.node = node;
        this.ended = ended;
        expiries.setRemoveOnCancelPolicy(true); // or ended streams would stay until then
        wheel = new Wheel<>(heartbeatInterval.dividedBy(2), System.nanoTime());
        repeat(() -> wheel.tick(System.nanoTime(), this::beat), wheel.tickInterval());
    }

    /** As the other, for as long as the credential holds. */
    public <B extends Batch> boolean serve(
            Outbox<B> outbox, Sink<B> sink, Credential credential, BooleanSupplier holds) {
        return serve(outbox, sink, credential, Duration.ZERO, holds);
    }

    /**
     * Serves a stream to its end. Releasing the outbox is for the caller.
     *
     * @param credential by what right the client listens; the stream ends when it expires
     * @param maxAge how long it may last, less up to a tenth of that at random; zero for no limit
     * @param holds whether the client may have all of the stream: asked once the stream would be
     *     ended with the others, and whenever rights may have changed. Any thread
     * @param <B> what the stream's transport writes
     * @return whether the stream was completed, rather than given up because the client is gone
     */
    public <B extends Batch> boolean serve(
            Outbox<B> outbox,
            Sink<B> sink,
            Credential credential,
            Duration maxAge,
            BooleanSupplier holds) {
        return serve(outbox, sink, new Standing(credential), maxAge, holds);
    }

    /** As the other, with a credential that may be replaced while the stream is open. */
    public <B extends Batch> boolean serve(
            Outbox<B> outbox, Sink<B> sink, Standing standing, BooleanSupplier holds) {
        return serve(outbox, sink, standing, Duration.ZERO, holds);
    }

    private <B extends Batch> boolean serve(
            Outbox<B> outbox,
            Sink<B> sink,
            Standing standing,
            Duration maxAge,
            BooleanSupplier holds) {
        var session = new Session(node, opened.incrementAndGet(), outbox, sink, standing, holds);
        totals.opened(session.transport());
        Set<Session> sector = wheel.sector();
        sector.add(session);
        var expiry = new Expiry(session, end(clock.instant(), maxAge));
        standing.onRenewed(expiry::schedule);
        expiry.schedule();
        try {
            if (draining) {
                session.close(CloseReason.SHUTDOWN); // it was opened while the others were told
            }
            if (!session.holds()) {
                session.close(CloseReason.REVOKED); // likewise
            }
            return Session.run(outbox, sink);
        } finally {
            expiry.close();
            EndedStream stream = session.ended();
            ended.accept(stream);
            sector.remove(session);
            totals.ended(stream);
        }
    }

    /** Ends a session when its credential expires, or when it is too old, if ever. */
    private final class Expiry implements AutoCloseable {

        private final Session session;
        private final Instant oldest;
        private @Nullable Future<?> timer; // guarded by this
        private boolean over; // likewise

        Expiry(Session session, Instant oldest) {
            this.session = session;
            this.oldest = oldest;
        }

        synchronized void schedule() {
            cancel();
            Instant end = earlier(session.credential().expires(), oldest);
            if (!over && !end.equals(Instant.MAX)) {
                long millis = Math.max(0, clock.instant().until(end, ChronoUnit.MILLIS));
                timer = expiries.schedule(this::expire, millis, TimeUnit.MILLISECONDS);
            }
        }

        private void expire() {
            if (earlier(session.credential().expires(), oldest).isAfter(clock.instant())) {
                schedule(); // it was renewed at this moment, or the clock is behind the timer
            } else {
                session.close(CloseReason.EXPIRED);
            }
        }

        private void cancel() {
            Future<?> present = timer;
            if (present != null) {
                timer = null;
                present.cancel(false);
            }
        }

        @Override
        public synchronized void close() {
            over = true;
            cancel();
        }
    }

    /** Streams that were opened together, after a restart perhaps, must not all end together. */
    private static Instant end(Instant now, Duration maxAge) {
        if (maxAge.isZero()) {
            return Instant.MAX;
        }
        long millis = maxAge.toMillis();
        long earlier = ThreadLocalRandom.current().nextLong(millis / MAX_JITTER + 1);
        return now.plusMillis(millis - earlier);
    }

    private static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }

    /**
     * Ends all sessions that {@code which} selects, as soon as their threads come to it.
     *
     * @return how many there were
     */
    public int end(Predicate<Session> which, CloseReason reason) {
        List<Session> chosen = wheel.all().stream().filter(which).toList();
        chosen.forEach(session -> session.close(reason));
        return chosen.size();
    }

    /**
     * Ends all sessions whose clients may not have them any more, as soon as their threads come to
     * it. What says so must have changed before.
     *
     * @return how many there were
     */
    public int endThoseWithoutRight() {
        return end(session -> !session.holds(), CloseReason.REVOKED);
    }

    /** {@return how many events were taken for all sessions so far, at least} */
    public long delivered() {
        long open = wheel.all().stream().mapToLong(Session::delivered).sum();
        return totals.delivered() + open;
    }

    /** {@return what all streams do, and have done} It looks at each that is open. */
    public SessionFigures figures() {
        return totals.with(wheel.all());
    }

    /** Has {@code action} look at each open session, one after the other. */
    public void forEach(Consumer<Session> action) {
        wheel.forEach(action);
    }

    /** {@return how many sessions are open} */
    public int count() {
        return wheel.size();
    }

    /** Has {@link #draining()} say so from now on: no new session should begin. */
    public void stopOpening() {
        draining = true;
    }

    /** {@return whether all sessions are being ended, so that no new one should begin} */
    public boolean draining() {
        return draining;
    }

    /**
     * Ends all sessions, slice by slice, so that not all clients reconnect at the same moment, and
     * waits until they are gone.
     *
     * @param within how long this may take; the caller cuts the sessions that are left then
     */
    public void drain(Duration within) {
        stopOpening();
        long deadline = System.nanoTime() + within.toNanos();
        close(wheel.all(), CloseReason.SHUTDOWN, within.dividedBy(2));
        while (count() > 0 && System.nanoTime() < deadline) {
            LockSupport.parkNanos(DRAIN_POLL.toNanos());
        }
    }

    /**
     * Ends some sessions, slice by slice, so that their clients come back at another node, or here.
     * Only one such move at a time.
     *
     * @param percent how many of all that are open, chosen at random; 1 to 100
     * @param within how long this takes
     * @return how many are ended, on a thread of its own; empty if there is a move under way
     */
    public OptionalInt move(int percent, Duration within) {
        if (moving.getAndSet(true)) {
            return OptionalInt.empty();
        }
        List<Session> open = wheel.all();
        Collections.shuffle(open);
        int count = (int) Math.ceilDiv((long) open.size() * percent, 100);
        List<Session> chosen = List.copyOf(open.subList(0, count));
        var _ =
                Thread.ofVirtual()
                        .name("longwave-move")
                        .start(() -> {
                            try {
                                close(chosen, CloseReason.MOVED, within);
                            } finally {
                                moving.set(false);
                            }
                        });
        return OptionalInt.of(count);
    }

    /** Ends {@code some} sessions, few at once, or more than a few in even slices. Blocks. */
    private static void close(List<Session> some, CloseReason reason, Duration within) {
        long pause = within.toNanos() / DRAIN_SLICES;
        int slice = Math.max(1, Math.ceilDiv(some.size(), DRAIN_SLICES));
        for (int i = 0; i < some.size(); i++) {
            some.get(i).close(reason);
            if (i % slice == slice - 1 && some.size() > DRAIN_SLICES) {
                LockSupport.parkNanos(pause);
            }
        }
    }

    private void repeat(Runnable task, Duration period) {
        long nanos = Math.max(TimeUnit.MILLISECONDS.toNanos(5), period.toNanos());
        var _ =
                pulse.scheduleAtFixedRate(
                        () -> {
                            try {
                                task.run();
                            } catch (RuntimeException e) {
                                // The executor would never run it again.
                                LOGGER.log(System.Logger.Level.ERROR, "session pulse failed", e);
                            }
                        },
                        nanos,
                        nanos,
                        TimeUnit.NANOSECONDS);
    }

    private void beat(Set<Session> visited) {
        int seen = 0;
        for (Session session : visited) {
            seen += session.prefetch();
        }
        prefetched = seen;
        visited.forEach(Session::beat);
    }

    @Override
    public void close() {
        pulse.shutdownNow();
        expiries.shutdownNow();
    }
}
