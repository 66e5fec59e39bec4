package dev.longwave.broker.feed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.broker.Broker;
import dev.longwave.broker.Entry;
import dev.longwave.broker.EphemeralMessage;
import dev.longwave.broker.GapReason;
import dev.longwave.broker.Message;
import dev.longwave.broker.Position;
import dev.longwave.broker.testing.TestClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Random schedules against a model. Each record must equal the log, or name the hole. A failure
 * names its seed.
 *
 * <p>One thread does a fixed amount of work in injected time, so there is nothing to wait for.
 */
final class FeedModelTest {

    private static final int SCHEDULES = 4000;
    private static final int STEPS = 150;

    @Test
    void equalsALogThatLosesNothing() {
        for (long seed = 0; seed < SCHEDULES; seed++) {
            new Run(seed, false).play();
        }
    }

    @Test
    void namesTheHolesOfALogThatLoses() {
        for (long seed = 0; seed < SCHEDULES; seed++) {
            new Run(seed, true).play();
        }
    }

    @Test
    void namesWhatALogThatIsPutBackHasLost() {
        for (long seed = 0; seed < SCHEDULES; seed++) {
            new RestoringRun(seed).play();
        }
    }

    /**
     * One schedule with a log that is put back from a copy again and again, and goes on with other
     * entries in the same places.
     */
    private static final class RestoringRun implements Broker.Sink {

        private static final String TOPIC = "model";
        private static final Duration PERIOD = Duration.ofSeconds(2);

        private final String name;
        private final RandomGenerator random;
        private final Bus bus = new Bus(new TestClock());
        private final HandLog log = new HandLog(bus);
        private final HandSchedule schedule = new HandSchedule();
        private final Feed feed = new Feed(PERIOD, _ -> {}, schedule);
        private final boolean previousIsStamped;
        private final List<Sent> onTheWay = new ArrayList<>();
        // By identity: entries of two lives may be equal.
        private final IdentityHashMap<Entry, Position> previous = new IdentityHashMap<>();
        private final Set<Entry> told = Collections.newSetFromMap(new IdentityHashMap<>());
        private final Set<Position> lost = new HashSet<>(); // some of whose places are used again
        private final List<AssertionError> faults = new ArrayList<>();
        private Position cursor;

        private record Sent(Position previous, Entry entry) {}

        RestoringRun(long seed) {
            name = "seed=" + seed;
            random = new Random(seed);
            previousIsStamped = random.nextBoolean();
            bus.stamp();
            bus.publish(TOPIC, Message.of(new byte[0]));
            cursor = bus.tail(TOPIC).position();
            bus.add((_, before, entry) -> {
                Position known = Objects.requireNonNull(before); // the first one is never lost
                previous.put(entry, known);
                onTheWay.add(new Sent(known, entry));
            });
            feed.start(log);
        }

        void play() {
            Broker.Subscription subscription = feed.subscribe(TOPIC, this);
            assertThat(subscription.start()).as(name).isEqualTo(cursor);
            for (int i = 0; i < STEPS; i++) {
                switch (random.nextInt(16)) {
                    case 0, 1, 2, 3, 4 -> bus.publish(TOPIC, Message.of(new byte[0]));
                    case 5, 6, 7, 8 -> live();
                    case 9, 10, 11 -> schedule.runOne(random);
                    case 12 -> putBack();
                    case 13 -> log.away = random.nextInt(3) == 0;
                    default -> schedule.pass(Duration.ofMillis(random.nextInt(3000)));
                }
            }
            log.away = false;
            schedule.pass(PERIOD.multipliedBy(3));

            assertThat(faults).as(name).isEmpty();
            List<Entry> entries = bus.entries(TOPIC);
            assertThat(entries.subList(1, entries.size()))
                    .as(name)
                    .allSatisfy(entry -> assertThat(told.contains(entry)).isTrue());
            assertThat(bus.tail(TOPIC).position().contradicts(cursor)).as(name).isFalse();
        }

        private void live() {
            if (onTheWay.isEmpty()) {
                return;
            }
            Sent live = onTheWay.remove(random.nextBoolean() ? 0 : random.nextInt(onTheWay.size()));
            Position before = live.previous;
            Position known =
                    previousIsStamped ? before : new Position(before.epoch(), before.major());
            if (random.nextInt(8) > 0) {
                feed.live(TOPIC, known, live.entry);
            } else if (random.nextBoolean()) {
                feed.announce(TOPIC, live.entry.position());
            }
        }

        /** The servers are stopped meanwhile, and so what was on the way is lost. */
        private void putBack() {
            int entries = bus.entries(TOPIC).size();
            int kept = 1 + random.nextInt(entries);
            bus.entries(TOPIC).subList(kept, entries).forEach(entry -> lost.add(entry.position()));
            bus.loseNewest(TOPIC, entries - kept);
            onTheWay.clear();
            if (!previousIsStamped || random.nextBoolean()) {
                feed.suspectAll();
            }
        }

        @Override
        public void message(Entry entry) {
            noting(() -> {
                assertThat(told.add(entry)).as("told once").isTrue();
                Position before = Objects.requireNonNull(previous.get(entry));
                assertThat(before).as("what came before it").isEqualTo(cursor);
                assertThat(before.contradicts(cursor)).as("a hole").isFalse();
            });
            cursor = entry.position();
        }

        @Override
        public void gap(Position after, Position before, GapReason reason) {
            noting(() -> {
                assertThat(after).isEqualTo(cursor);
                assertThat(reason).isEqualTo(GapReason.LOG_LOST);
                assertThat(lost).as("lost").contains(cursor);
            });
            cursor = before;
        }

        /** The feed does not hand on what a sink throws. */
        private void noting(Runnable checks) {
            try {
                checks.run();
            } catch (AssertionError e) {
                faults.add(e);
            }
        }
    }

    /** One schedule. */
    private static final class Run {

        private static final String TOPIC = "model";
        private static final Duration PERIOD = Duration.ofSeconds(2);

        private final String name;
        private final boolean losing;
        private final RandomGenerator random;
        private final Bus bus = new Bus(new TestClock());
        private final HandLog log = new HandLog(bus);
        private final HandSchedule schedule = new HandSchedule();
        private final Feed feed = new Feed(PERIOD, _ -> {}, schedule);
        private final List<Live> onTheWay = new ArrayList<>();
        private final List<Witness> witnesses = new ArrayList<>();
        private final List<Entry> published = new ArrayList<>();

        private record Live(@Nullable Position previous, Entry entry) {}

        Run(long seed, boolean losing) {
            this.name = "seed=" + seed;
            this.losing = losing;
            this.random = new Random(seed);
            bus.add((_, previous, entry) -> {
                published.add(entry);
                onTheWay.add(new Live(previous, entry));
            });
        }

        void play() {
            feed.start(log);
            join();
            log.onRead =
                    () -> { // while the log is read, the world goes on
                        if (random.nextInt(4) == 0) {
                            live();
                            broadcast();
                        }
                    };
            for (int i = 0; i < STEPS; i++) {
                step();
                if (random.nextInt(5) == 0) {
                    broadcast();
                }
            }
            heal();
            for (Witness witness : witnesses) {
                witness.check();
            }
            assertThat(schedule.size()).as(name).isEqualTo(1);
        }

        private void step() {
            switch (random.nextInt(losing ? 24 : 20)) {
                case 0, 1, 2, 3, 4, 5 -> publish();
                case 6, 7, 8, 9, 10 -> live();
                case 11, 12, 13, 14 -> schedule.runOne(random);
                case 15 -> schedule.sleep(Duration.ofMillis(random.nextInt(1500)));
                case 16 -> joinOrLeave();
                case 17 -> suspect();
                case 18 -> {
                    log.away = random.nextInt(3) == 0;
                    log.unreadable = random.nextInt(4) == 0;
                }
                case 19 -> lagOrCatchUp();
                case 20, 21 -> bus.trim(TOPIC, 1 + random.nextInt(4));
                case 22 -> {
                    if (random.nextInt(4) == 0) {
                        bus.loseEverything();
                    }
                }
                default -> schedule.pass(Duration.ofMillis(random.nextInt(3000)));
            }
        }

        private void publish() {
            bus.publish(TOPIC, Message.of(new byte[0]));
        }

        /** One of those on the way arrives, is lost, or arrives and will come again. */
        private void live() {
            if (onTheWay.isEmpty()) {
                return;
            }
            int index = random.nextBoolean() ? 0 : random.nextInt(onTheWay.size());
            Live live = onTheWay.get(index);
            int fate = random.nextInt(10);
            if (fate > 0) {
                onTheWay.remove(index);
            }
            if (fate < 7) {
                feed.live(TOPIC, live.previous, live.entry);
            } else if (fate == 7) {
                feed.announce(TOPIC, live.entry.position());
            }
        }

        /** All who are subscribed receive it at once, whatever is missing. */
        private void broadcast() {
            for (Witness witness : witnesses) {
                witness.ephemeral = false;
            }
            feed.broadcast(TOPIC, EphemeralMessage.of(Message.of(new byte[0])));
            for (Witness witness : witnesses) {
                assertThat(witness.ephemeral).as(name).isEqualTo(!witness.left);
            }
        }

        private void suspect() {
            switch (random.nextInt(3)) {
                case 0 -> feed.suspect(TOPIC);
                case 1 -> feed.suspectAll();
                default -> feed.disconnected("for a test");
            }
        }

        private void lagOrCatchUp() {
            log.replicatedUpTo =
                    published.isEmpty() || random.nextBoolean()
                            ? null
                            : published.get(random.nextInt(published.size())).position();
        }

        private void joinOrLeave() {
            if (witnesses.size() < 4 && !log.away) {
                join();
            } else {
                witnesses.get(random.nextInt(witnesses.size())).leave();
            }
        }

        private void join() {
            var witness = new Witness();
            witness.subscription = feed.subscribe(TOPIC, witness);
            witnesses.add(witness);
        }

        private void heal() {
            log.away = false;
            log.unreadable = false;
            log.replicatedUpTo = null;
            log.onRead = () -> {};
            schedule.pass(PERIOD.multipliedBy(3));
        }

        /** What one subscription was told. */
        private final class Witness implements Broker.Sink {

            private final List<Told> told = new ArrayList<>();
            private Broker.@Nullable Subscription subscription;
            private boolean left;
            private boolean ephemeral;

            /** A message, without a reason, or a gap. */
            private record Told(Position after, Position to, @Nullable GapReason why) {}

            @Override
            public void message(Entry entry) {
                assertThat(left).as(name).isFalse();
                told.add(new Told(entry.position(), entry.position(), null));
            }

            @Override
            public void gap(Position after, Position before, GapReason reason) {
                assertThat(left).as(name).isFalse();
                told.add(new Told(after, before, reason));
            }

            @Override
            public void ephemeral(EphemeralMessage message) {
                assertThat(left).as(name).isFalse();
                assertThat(ephemeral).as(name + " twice").isFalse();
                ephemeral = true;
            }

            void leave() {
                if (subscription != null) {
                    subscription.close();
                }
                left = true;
            }

            void check() {
                if (subscription == null) {
                    throw new AssertionError(name);
                }
                Position cursor = subscription.start();
                for (Told next : told) {
                    if (next.why == null) {
                        assertThat(next.to).as(name).isEqualTo(following(cursor));
                    } else {
                        assertThat(losing).as(name + " has a gap").isTrue();
                        // Between two messages the cursor may move along an empty log.
                        assertThat(between(cursor, next.after)).as(name).isEmpty();
                        switch (next.why) {
                            case EXPIRED ->
                                    assertThat(between(next.after, next.to)).as(name).isNotEmpty();
                            case EPOCH_CHANGED ->
                                    assertThat(next.to.sameEpoch(cursor)).as(name).isFalse();
                            case LOG_LOST, NO_HISTORY, DELETED, SKIPPED ->
                                    throw new AssertionError(name);
                        }
                    }
                    cursor = next.to;
                }
                if (!left) {
                    Tail tail = bus.tail(TOPIC);
                    assertThat(tail.position().sameEpoch(cursor)).as(name).isTrue();
                    assertThat(between(cursor, tail.position())).as(name).isEmpty();
                }
            }

            private @Nullable Position following(Position cursor) {
                for (Entry entry : published) {
                    Position at = entry.position();
                    if (at.sameEpoch(cursor) && at.isAfter(cursor)) {
                        return at;
                    }
                }
                return null;
            }

            private List<Position> between(Position after, Position upTo) {
                if (!upTo.sameEpoch(after)) {
                    return List.of(after);
                }
                return published.stream()
                        .map(Entry::position)
                        .filter(at -> at.sameEpoch(after) && at.isAfter(after) && !at.isAfter(upTo))
                        .toList();
            }
        }
    }
}
