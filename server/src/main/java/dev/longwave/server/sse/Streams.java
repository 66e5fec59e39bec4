package dev.longwave.server.sse;

import dev.longwave.core.CloseReason;
import dev.longwave.core.Outbox;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * All open streams of this node: gives them their heartbeats, enforces their write deadline, and
 * drains them at the end.
 */
public final class Streams implements AutoCloseable {
    /*
     * A coarse wheel, turned by one thread twice in the heartbeat interval: each stream sits in a random
     * sector, and each tick visits one sector. A stream that was silent since the last visit gets a
     * heartbeat. So none is silent for longer than the interval, one that is busy gets none, and none has
     * a timer of its own. There are many sectors, for what a tick sends at once delays events.
     */
    private static final int MAX_SECTORS = 128;
    private static final Duration SHORTEST_TICK = Duration.ofMillis(20);
    private static final int DEADLINE_CHECKS = 16; // within the write deadline
    private static final int DRAIN_SLICES = 20;
    private static final Duration DRAIN_POLL = Duration.ofMillis(10);
    private static final System.Logger LOGGER = System.getLogger(Streams.class.getName());

    private final SseSettings settings;
    private final List<Set<EventStream>> wheel = new ArrayList<>();
    private final ScheduledExecutorService pulse =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("longwave-stream-pulse").factory());
    private int sector; // the pulse thread's own
    private volatile boolean draining;

    public Streams(SseSettings settings) {
        this.settings = settings;
        Duration turn = settings.heartbeatInterval().dividedBy(2);
        int sectors = Math.clamp(turn.dividedBy(SHORTEST_TICK), 1, MAX_SECTORS);
        for (int i = 0; i < sectors; i++) {
            wheel.add(ConcurrentHashMap.newKeySet());
        }
        repeat(this::beat, turn.dividedBy(sectors));
        repeat(this::enforceDeadlines, settings.writeDeadline().dividedBy(DEADLINE_CHECKS));
    }

    /** Serves {@code outbox} to the end of its stream. Releasing it is for the caller. */
    void serve(Outbox outbox, SseSink sink, int requestId) {
        var stream = new EventStream(outbox, sink);
        Set<EventStream> seat = wheel.get(ThreadLocalRandom.current().nextInt(wheel.size()));
        seat.add(stream);
        try {
            if (sink instanceof Http2Sink http2) {
                http2.wire().streamOpened(requestId, () -> stream.close(CloseReason.CLIENT_LEFT));
            }
            if (draining) {
                stream.close(CloseReason.SHUTDOWN); // it came in while the others were told
            }
            stream.run(settings.retry());
        } finally {
            if (sink instanceof Http2Sink http2) {
                http2.wire().streamClosed(requestId);
            }
            seat.remove(stream);
        }
    }

    /** {@return how many streams are open} */
    public int count() {
        return wheel.stream().mapToInt(Set::size).sum();
    }

    /** {@return whether the streams are being ended, so that no new one should begin} */
    public boolean draining() {
        return draining;
    }

    /**
     * Ends all streams, slice by slice, so that not all clients come back at the same moment, and
     * waits until they are gone.
     *
     * @param within how long this may take; streams that are left then are for the caller to cut
     */
    public void drain(Duration within) {
        draining = true;
        List<EventStream> open = new ArrayList<>();
        wheel.forEach(open::addAll);
        long deadline = System.nanoTime() + within.toNanos();
        long pause = within.toNanos() / 2 / DRAIN_SLICES;
        int slice = Math.max(1, (open.size() + DRAIN_SLICES - 1) / DRAIN_SLICES);
        for (int i = 0; i < open.size(); i++) {
            open.get(i).close(CloseReason.SHUTDOWN);
            if (i % slice == slice - 1 && open.size() > DRAIN_SLICES) {
                LockSupport.parkNanos(pause);
            }
        }
        while (count() > 0 && System.nanoTime() < deadline) {
            LockSupport.parkNanos(DRAIN_POLL.toNanos());
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
                                LOGGER.log(System.Logger.Level.ERROR, "stream pulse failed", e);
                            }
                        },
                        nanos,
                        nanos,
                        TimeUnit.NANOSECONDS);
    }

    private void beat() {
        wheel.get(sector).forEach(EventStream::beat);
        sector = (sector + 1) % wheel.size();
    }

    private void enforceDeadlines() {
        long now = System.nanoTime();
        for (Set<EventStream> seat : wheel) {
            seat.forEach(stream -> stream.enforce(settings.writeDeadline(), now));
        }
    }

    @Override
    public void close() {
        pulse.shutdownNow();
    }
}
