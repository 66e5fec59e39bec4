package dev.longwave.server.presence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.broker.testing.TestClock;
import dev.longwave.testing.Seed;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Three nodes, 200 users with up to three tabs each, that come, go, and reconnect, while nodes are
 * killed and started. What each watch is told must be what a simple model of it says.
 */
final class RoomsModelTest {
    /*
     * A user whose last tab is gone either comes back within the grace period, or stays away for longer than any node
     * needs to notice. The tabs of a killed node are there until their leases expire. So it is certain for each absence
     * whether it is one.
     */
    private static final String TOPIC = "room/1";
    private static final PresenceSettings SETTINGS =
            new PresenceSettings(
                    Duration.ofSeconds(15), Duration.ofSeconds(2), Duration.ofSeconds(2), 10_000);
    private static final Duration STEP = Duration.ofMillis(50);
    private static final Duration BOUND = Duration.ofSeconds(20); // from a kill until all know
    private static final Duration NOTICE = Duration.ofSeconds(5); // from a lease's end until then
    private static final int USERS = 200;
    private static final int NODES = 3;

    private final TestClock clock = new TestClock();
    private final FakeLeases leases = new FakeLeases(clock);
    private final Random random;
    private final List<Node> nodes = new ArrayList<>();
    private final List<User> users = new ArrayList<>();
    private final FakeHints hints;
    private boolean losing;
    private int connections;

    RoomsModelTest() {
        this.random = new Random(Seed.fresh());
        this.hints = new FakeHints(() -> losing && random.nextInt(3) == 0);
        for (int i = 0; i < USERS; i++) {
            users.add(new User("user" + i));
        }
        for (int i = 0; i < NODES; i++) {
            nodes.add(new Node());
        }
    }

    /** A node, and a watch on it. */
    private final class Node {
        private final TestNode node = new TestNode(clock, leases, hints::open, SETTINGS, null);
        private final Journal journal = new Journal();
        private final Set<String> before = new HashSet<>();

        Node() {
            var _ = node.rooms().watch(TOPIC, journal);
            node.rooms().members(TOPIC, "", 10_000).members().forEach(m -> before.add(m.user()));
        }
    }

    private record Tab(Node node, Membership membership) {}

    private final class User {
        private final String name;
        private final List<Tab> tabs = new ArrayList<>();
        private Instant leased = Instant.MIN; // until when tabs of killed nodes are there
        private Instant away = Instant.MIN; // until when it does not come back
        private Instant due = Instant.MAX; // until when it has to
        private boolean present;
        private int joins;
        private int leaves;

        User(String name) {
            this.name = name;
        }

        void open() {
            Node node = nodes.get(random.nextInt(nodes.size()));
            tabs.add(
                    new Tab(
                            node,
                            node.node
                                    .rooms()
                                    .enter(TOPIC, new Member("c" + connections++, name, "1"))));
            due = Instant.MAX;
            if (!present) {
                present = true;
                joins++;
            }
        }

        void close() {
            tabs.remove(random.nextInt(tabs.size())).membership().close();
            isGoneIfNoTabIsLeft(clock.instant(), Duration.ofSeconds(1));
        }

        /** Decides whether a user without a tab comes back in time. */
        void isGoneIfNoTabIsLeft(Instant since, Duration inTime) {
            if (!tabs.isEmpty()) {
                return;
            }
            Instant end = since.isAfter(leased) ? since : leased;
            if (random.nextBoolean()) {
                due = since.plusMillis(random.nextLong(inTime.toMillis()));
            } else {
                away = end.plus(NOTICE);
                present = false;
                leaves++;
            }
        }

        void act() {
            Instant now = clock.instant();
            if (!now.isBefore(due)) {
                open();
            } else if (due.equals(Instant.MAX) && !now.isBefore(away) && random.nextInt(60) == 0) {
                if (tabs.size() < 3 && (tabs.isEmpty() || random.nextBoolean())) {
                    open();
                } else if (!tabs.isEmpty()) {
                    close();
                }
            }
        }
    }

    /** What a watch was told, by user. */
    private static final class Journal implements RoomListener {
        private final Map<String, List<Boolean>> told = new HashMap<>();
        private final List<Boolean> topic = new ArrayList<>();

        @Override
        public void joined(Visit visit, Member member) {
            told.computeIfAbsent(visit.user(), _ -> new ArrayList<>()).add(true);
        }

        @Override
        public void left(Visit visit, Member member) {
            told.computeIfAbsent(visit.user(), _ -> new ArrayList<>()).add(false);
        }

        @Override
        public void occupied(Occupancy occupancy) {
            topic.add(true);
        }

        @Override
        public void vacated(Occupancy occupancy) {
            topic.add(false);
        }

        long count(String user, boolean joined) {
            return told.getOrDefault(user, List.of()).stream().filter(j -> j == joined).count();
        }
    }

    private void step() {
        clock.advance(STEP);
        nodes.forEach(node -> node.node.turn());
    }

    private void run(int steps) {
        for (int i = 0; i < steps; i++) {
            users.forEach(User::act);
            step();
        }
    }

    /**
     * Has all users that are to come back do so, and waits until all nodes must know everything.
     */
    private void settle() {
        Instant end = clock.instant().plus(BOUND).plusSeconds(10);
        while (clock.instant().isBefore(end)) {
            users.stream().filter(user -> !clock.instant().isBefore(user.due)).forEach(User::open);
            step();
        }
    }

    /**
     * Ends one of the nodes from the given one on, as if its machine had lost its power, and starts
     * another.
     */
    private void kill(int from) {
        Node dead = nodes.remove(random.nextInt(from, nodes.size()));
        Instant now = clock.instant();
        for (User user : users) {
            boolean had = user.tabs.removeIf(tab -> tab.node().equals(dead));
            if (had) {
                user.leased = now.plus(SETTINGS.lease());
                // Its lease may have been renewed as long as five seconds ago.
                user.isGoneIfNoTabIsLeft(now, Duration.ofSeconds(9));
            }
        }
        nodes.add(new Node());
    }

    @RepeatedTest(10)
    void tellsEachWatchOfEachJoinAndLeaveOnce() {
        for (int i = 0; i < 3; i++) {
            run(400);
            kill(0);
        }
        run(400);
        settle();

        assertTruthOnEveryNode();
        for (User user : users) {
            for (Node node : nodes) {
                assertAlternating(node, user);
            }
        }
    }

    @RepeatedTest(5)
    void countsExactlyWhileNoNodeIsKilled() {
        run(1200);
        settle();

        assertTruthOnEveryNode();
        assertExact(nodes);
    }

    @RepeatedTest(5)
    void countsExactlyOnTheNodesThatAreNotKilled() {
        Node first = nodes.getFirst();
        for (int i = 0; i < 3; i++) {
            run(400);
            kill(1);
        }
        run(400);
        settle();

        assertTruthOnEveryNode();
        assertExact(List.of(first));
    }

    /**
     * Hints are lost, and the broker is away: nobody can be exact then, but all end in the truth.
     */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void endsInTheTruthWhateverIsLost(boolean leasesToo) {
        losing = true;
        for (int i = 0; i < 4; i++) {
            run(200);
            leases.away(true);
            run(60);
            if (leasesToo) {
                leases.loseAll();
            }
            leases.away(false);
            run(100);
            kill(0);
        }
        settle();

        assertTruthOnEveryNode();
        for (User user : users) {
            nodes.forEach(node -> assertAlternating(node, user));
        }
    }

    private void assertTruthOnEveryNode() {
        var truth = new TreeSet<String>();
        int tabs = 0;
        for (User user : users) {
            if (!user.tabs.isEmpty()) {
                truth.add(user.name);
                tabs += user.tabs.size();
            }
        }
        for (Node node : nodes) {
            var seen = new TreeSet<String>();
            node.node.rooms().members(TOPIC, "", 10_000).members().forEach(m -> seen.add(m.user()));
            assertThat(seen).isEqualTo(truth);
            assertThat(node.node.rooms().counts(TOPIC)).isEqualTo(new Counts(tabs, truth.size()));
        }
    }

    /** Joins and leaves take turns, and end with what is true. */
    private static void assertAlternating(Node node, User user) {
        boolean there = node.before.contains(user.name);
        for (boolean joined : node.journal.told.getOrDefault(user.name, List.of())) {
            assertThat(joined).as(user.name).isNotEqualTo(there);
            there = joined;
        }
        assertThat(there).as(user.name).isEqualTo(!user.tabs.isEmpty());
    }

    private void assertExact(List<Node> watched) {
        for (Node node : watched) {
            Map<String, String> expected = new TreeMap<>();
            Map<String, String> told = new TreeMap<>();
            for (User user : users) {
                expected.put(user.name, user.joins + " " + user.leaves);
                told.put(
                        user.name,
                        node.journal.count(user.name, true)
                                + " "
                                + node.journal.count(user.name, false));
            }
            assertThat(told).isEqualTo(expected);
            assertThat(node.journal.topic).containsExactly(true);
        }
    }
}
