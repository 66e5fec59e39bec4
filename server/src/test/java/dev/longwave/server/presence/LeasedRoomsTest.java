package dev.longwave.server.presence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longwave.broker.testing.TestClock;
import dev.longwave.server.http.ProblemException;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Two nodes that share leases and hints. */
final class LeasedRoomsTest {

    private static final String TOPIC = "room/1";
    private static final PresenceSettings SETTINGS =
            new PresenceSettings(
                    Duration.ofSeconds(15), Duration.ofSeconds(2), Duration.ofSeconds(2), 1000);

    private final TestClock clock = new TestClock();
    private final FakeLeases leases = new FakeLeases(clock);
    private boolean losingHints;
    private final FakeHints hints = new FakeHints(() -> losingHints);
    private final Told everywhere = new Told();
    private final TestNode here = node(SETTINGS);
    private final TestNode there = node(SETTINGS);
    private final Told told = new Told();

    private TestNode node(PresenceSettings settings) {
        return new TestNode(clock, leases, hints::open, settings, null);
    }

    private Membership enter(TestNode node, String user, String connection) {
        Membership membership = node.rooms().enter(TOPIC, new Member(connection, user, ""));
        node.write();
        return membership;
    }

    private void watchHere() {
        var _ = here.rooms().watch(TOPIC, told);
    }

    private void pass(Duration time) {
        for (long millis = 0; millis < time.toMillis(); millis += 100) {
            clock.advance(Duration.ofMillis(100));
            here.turn();
            there.turn();
        }
    }

    @Test
    void tellsAUserThatJoinsOnThisNodeAtOnce() {
        watchHere();

        enter(here, "alice", "a1");

        assertThat(told.take()).containsExactly("occupied room/1", "joined alice a1");
    }

    @Test
    void tellsAUserThatJoinsOnAnotherNodeAtOnce() {
        watchHere();

        enter(there, "alice", "a1");

        assertThat(told.users()).containsExactly("joined alice a1");
    }

    @Test
    void tellsAUserOnceHoweverManyConnectionsItHas() {
        watchHere();

        Membership first = enter(here, "alice", "a1");
        Membership second = enter(there, "alice", "a2");
        first.close();
        pass(Duration.ofSeconds(10));
        second.close();
        pass(Duration.ofSeconds(10));

        assertThat(told.users()).containsExactly("joined alice a1", "left alice a2");
    }

    @Test
    void tellsWhenTheTopicIsOccupiedAndVacated() {
        watchHere();

        Membership alice = enter(here, "alice", "a1");
        Membership bob = enter(there, "bob", "b1");
        alice.close();
        pass(Duration.ofSeconds(5));
        bob.close();
        pass(Duration.ofSeconds(5));

        assertThat(told.take())
                .containsExactly(
                        "occupied room/1",
                        "joined alice a1",
                        "joined bob b1",
                        "left alice a1",
                        "left bob b1",
                        "vacated room/1");
    }

    @Test
    void saysNothingOfAUserThatReconnectsWithinTheGracePeriod() {
        watchHere();
        Membership first = enter(here, "alice", "a1");
        told.take();

        first.close();
        pass(Duration.ofMillis(1900));
        enter(there, "alice", "a2");
        pass(Duration.ofSeconds(10));

        assertThat(told.take()).isEmpty();
    }

    @Test
    void doesNotTellThoseWhoWereThere() {
        enter(there, "alice", "a1");

        watchHere();
        enter(here, "alice", "a2");

        assertThat(told.take()).isEmpty();
        assertThat(here.rooms().counts(TOPIC)).isEqualTo(new Counts(2, 1));
    }

    @Test
    void tellsAWatchNothingOnceItIsClosed() {
        Watch watch = here.rooms().watch(TOPIC, told);

        watch.close();
        enter(here, "alice", "a1");

        assertThat(told.take()).isEmpty();
    }

    @Test
    void findsAUserWhoseHintWasLost() {
        watchHere();
        losingHints = true;

        Membership alice = enter(there, "alice", "a1");
        pass(Duration.ofSeconds(2));
        alice.close();
        pass(Duration.ofSeconds(5));

        assertThat(told.users()).containsExactly("joined alice a1", "left alice a1");
    }

    @Test
    void tellsThatTheUsersOfADeadNodeHaveLeft() {
        watchHere();
        enter(there, "alice", "a1");
        told.take();

        for (int i = 0; i < 150; i++) {
            clock.advance(Duration.ofMillis(100));
            here.turn();
        }
        assertThat(told.take()).isEmpty();
        for (int i = 0; i < 50; i++) {
            clock.advance(Duration.ofMillis(100));
            here.turn();
        }

        assertThat(told.users()).containsExactly("left alice a1");
    }

    @Test
    void keepsItsMembersAliveForAsLongAsTheyAreThere() {
        watchHere();
        enter(here, "alice", "a1");
        enter(there, "bob", "b1");
        told.take();

        pass(Duration.ofMinutes(2));

        assertThat(told.take()).isEmpty();
        assertThat(there.rooms().counts(TOPIC)).isEqualTo(new Counts(2, 2));
    }

    @Test
    void takesEachConnectionOfAClientThatHasNotSignedInForAUser() {
        watchHere();

        enter(here, "", "c1");
        enter(here, "", "c2");

        assertThat(told.users()).containsExactly("joined  c1", "joined  c2");
        assertThat(here.rooms().counts(TOPIC)).isEqualTo(new Counts(2, 2));
    }

    @Test
    void freezesWhileTheBrokerIsAway() {
        watchHere();
        enter(there, "alice", "a1");
        Membership bob = enter(there, "bob", "b1");
        told.take();

        leases.away(true);
        bob.close();
        enter(there, "carol", "c1");
        pass(Duration.ofMinutes(1));
        assertThat(told.take()).isEmpty();
        leases.away(false);
        pass(Duration.ofSeconds(12));

        assertThat(told.users()).containsExactlyInAnyOrder("left bob b1", "joined carol c1");
    }

    @Test
    void saysNothingIfABrokerThatWasAwayHasLostItsLeases() {
        watchHere();
        enter(there, "alice", "a1");
        enter(here, "bob", "b1");
        told.take();

        leases.away(true);
        pass(Duration.ofSeconds(3));
        leases.loseAll();
        leases.away(false);
        pass(Duration.ofSeconds(30));

        assertThat(told.take()).isEmpty();
    }

    @Test
    void tellsThatNobodyHasLeftWhileTheUserMayBeOnAnotherNode() {
        watchHere();
        Membership bob = enter(here, "bob", "b1");
        told.take();

        leases.away(true);
        bob.close();
        pass(Duration.ofMinutes(1));
        assertThat(told.take()).isEmpty();
        leases.away(false);
        pass(Duration.ofSeconds(12));

        assertThat(told.users()).containsExactly("left bob b1");
    }

    @Test
    void knowsBetterThanALeaseThatCouldNotBeRemoved() {
        watchHere();
        Membership bob = enter(here, "bob", "b1");
        told.take();

        leases.readOnly(true);
        bob.close();
        pass(Duration.ofSeconds(40));

        assertThat(told.users()).doesNotContain("joined bob b1");
    }

    @Test
    void entersWhileTheBrokerIsAway() {
        leases.away(true);

        enter(here, "alice", "a1");
        pass(Duration.ofSeconds(3));
        leases.away(false);
        pass(Duration.ofSeconds(6));

        assertThat(there.rooms().counts(TOPIC)).isEqualTo(new Counts(1, 1));
    }

    @Test
    void saysThatNobodyCanSayWhoIsThereWhileTheBrokerIsAway() {
        leases.away(true);

        assertThatThrownBy(() -> here.rooms().counts(TOPIC))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        e -> assertThat(e.problem().rule()).isEqualTo("presence-unavailable"));
    }

    @Test
    void doesNotAnswerWithWhatItKnewLongAgo() {
        enter(here, "alice", "a1");
        watchHere();

        leases.away(true);
        pass(Duration.ofSeconds(14));
        assertThat(here.rooms().counts(TOPIC).users()).isEqualTo(1);
        pass(Duration.ofSeconds(4));

        assertThatThrownBy(() -> here.rooms().counts(TOPIC)).isInstanceOf(ProblemException.class);
    }

    @Test
    void pagesThroughTheMembers() {
        for (int i = 10; i < 35; i++) {
            enter(i % 2 == 0 ? here : there, "user", "c" + i);
        }

        MemberPage first = here.rooms().members(TOPIC, "", 10);
        MemberPage second = here.rooms().members(TOPIC, String.valueOf(first.next()), 10);
        MemberPage last = here.rooms().members(TOPIC, String.valueOf(second.next()), 10);

        assertThat(List.of(first, second, last))
                .flatExtracting(MemberPage::members)
                .extracting(Member::connection)
                .containsExactlyElementsOf(IntStream.range(10, 35).mapToObj(i -> "c" + i).toList());
        assertThat(last.next()).isNull();
        assertThat(first.counts()).isEqualTo(new Counts(25, 1));
    }

    @Test
    void refusesMoreMembersThanANodeMayHave() {
        TestNode small =
                node(
                        new PresenceSettings(
                                SETTINGS.lease(), SETTINGS.grace(), SETTINGS.refresh(), 1));
        enter(small, "alice", "a1");

        assertThatThrownBy(() -> enter(small, "bob", "b1"))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        e -> assertThat(e.problem().rule()).isEqualTo("presence-members"));
    }

    @Test
    void saysSoIfATopicHasMoreMembersThanANodeMayKnow() {
        TestNode small =
                node(
                        new PresenceSettings(
                                SETTINGS.lease(), SETTINGS.grace(), SETTINGS.refresh(), 2));
        Membership first = enter(here, "alice", "a1");
        enter(here, "bob", "b1");
        enter(here, "carol", "c1");

        assertThatThrownBy(() -> small.rooms().counts(TOPIC))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        e -> assertThat(e.problem().rule()).isEqualTo("presence-members"));
        first.close();
        here.write();
        small.rooms().readAll();

        assertThat(small.rooms().counts(TOPIC)).isEqualTo(new Counts(2, 2));
    }

    @Test
    void forgetsATopicThatNobodyAsksForAnyMore() {
        var _ = here.rooms().counts(TOPIC);

        pass(Duration.ofSeconds(11));
        int reads = leases.reads();
        pass(Duration.ofSeconds(10));

        assertThat(here.rooms().views()).isZero();
        assertThat(leases.reads()).isEqualTo(reads);
    }

    @Test
    void keepsALaterMembershipOfTheSameConnection() {
        watchHere();
        Membership before = enter(here, "alice", "a1");

        enter(here, "alice", "a1");
        before.close();
        pass(Duration.ofSeconds(20));

        assertThat(told.users()).containsExactly("joined alice a1");
        assertThat(there.rooms().counts(TOPIC)).isEqualTo(new Counts(1, 1));
    }

    @Test
    void removesItsMembersWhenItStops() {
        watchHere();
        enter(there, "alice", "a1");

        there.rooms().close();
        there.write();
        pass(Duration.ofSeconds(5));

        assertThat(told.users()).containsExactly("joined alice a1", "left alice a1");
    }

    @Test
    void tellsAListenerOfAllTopicsThatAnyNodeEnters() {
        TestNode hooked = new TestNode(clock, leases, hints::open, SETTINGS, everywhere);

        enter(there, "alice", "a1");
        Membership bob = hooked.rooms().enter("room/2", new Member("b1", "bob", ""));
        hooked.write();
        bob.close();
        for (int i = 0; i < 100; i++) {
            clock.advance(Duration.ofMillis(100));
            hooked.turn();
        }

        assertThat(everywhere.take())
                .containsExactly(
                        "occupied room/1",
                        "joined alice a1",
                        "occupied room/2",
                        "joined bob b1",
                        "left bob b1",
                        "vacated room/2");
    }
}
