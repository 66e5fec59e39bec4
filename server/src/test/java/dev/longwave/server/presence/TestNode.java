package dev.longwave.server.presence;

import dev.longwave.broker.testing.TestClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * A node whose threads are the test: it does what is due whenever the test says so, by the test's
 * clock.
 */
final class TestNode {

    private final TestClock clock;
    private final PresenceSettings settings;
    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private final LeasedRooms rooms;
    private Instant renewed;
    private Instant read;

    TestNode(
            TestClock clock,
            Leases leases,
            Hints.Opening hints,
            PresenceSettings settings,
            @Nullable RoomListener everywhere) {
        this.clock = clock;
        this.settings = settings;
        this.rooms =
                new LeasedRooms(
                        leases,
                        hints,
                        settings,
                        everywhere,
                        () -> Duration.between(Instant.EPOCH, clock.instant()).toNanos(),
                        clock,
                        Runnable::run,
                        tasks::add,
                        tasks::add,
                        () -> {});
        this.renewed = clock.instant();
        this.read = clock.instant();
    }

    LeasedRooms rooms() {
        return rooms;
    }

    /** Does what its threads would have done by now. */
    void turn() {
        write();
        if (!clock.instant().isBefore(renewed.plus(settings.renewal()))) {
            renewed = clock.instant();
            rooms.renew();
        }
        if (!clock.instant().isBefore(read.plus(settings.refresh()))) {
            read = clock.instant();
            rooms.readAll();
        }
        rooms.tick();
    }

    /** Writes and reads what it was asked to. */
    void write() {
        Runnable next;
        while ((next = tasks.poll()) != null) {
            next.run();
        }
    }
}
