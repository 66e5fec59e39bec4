package dev.longwave.server.presence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerContext;
import dev.longwave.broker.Message;
import dev.longwave.broker.Presence;
import dev.longwave.broker.Settings;
import dev.longwave.broker.memory.MemoryBrokerProvider;
import dev.longwave.server.http.ProblemException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rooms with threads of their own, of two nodes that share a broker. */
final class RoomsTest {

    private static final String TOPIC = "räume/1";
    private static final PresenceSettings SETTINGS =
            PresenceSettings.read(new Settings(Map.of("presence.grace", "PT0.1S")));

    private final Broker broker =
            new MemoryBrokerProvider()
                    .settings(new Settings(Map.of()))
                    .connect(BrokerContext.builder("test").build());
    private final Rooms here = rooms();
    private final Rooms there = rooms();
    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
    private final RoomListener listener =
            new RoomListener() {
                @Override
                public void joined(Visit visit, Member member) {
                    told.add("joined " + visit.user() + ' ' + member.info());
                }

                @Override
                public void left(Visit visit, Member member) {
                    told.add("left " + visit.user());
                }
            };

    private Rooms rooms() {
        return LeasedRooms.start(
                new BrokerLeases(broker.presence().orElseThrow()),
                hearing -> TopicHints.over(broker, hearing),
                SETTINGS,
                null,
                System::nanoTime,
                InstantSource.system());
    }

    @AfterEach
    void close() {
        here.close();
        there.close();
        broker.close();
    }

    @Test
    void tellsAnotherNodeWhoComesAndGoes() {
        var _ = here.watch(TOPIC, listener);

        Membership alice = there.enter(TOPIC, new Member("c1", "alice", "{ \"name\": \"Älice\" }"));
        await().until(() -> told.size() == 1);
        alice.close();
        await().until(() -> told.size() == 2);

        assertThat(told).containsExactly("joined alice {\"name\":\"Älice\"}", "left alice");
    }

    @Test
    void readsWhatAnotherNodeHasWritten() {
        var _ = there.enter(TOPIC, new Member("c1", "alice", "[1,\"x\"]"));
        var _ = there.enter(TOPIC, new Member("c2", "", ""));
        await().until(() -> broker.presence().orElseThrow().count(TOPIC) == 2);

        assertThat(here.members(TOPIC, "", 10).members())
                .containsExactly(new Member("c1", "alice", "[1,\"x\"]"), new Member("c2", "", ""));
    }

    @Test
    void seesAMemberOfItsOwnAtOnce() {
        var _ = here.enter(TOPIC, new Member("c1", "alice", ""));

        assertThat(here.counts(TOPIC)).isEqualTo(new Counts(1, 1));
    }

    @Test
    void removesItsMembersWhenItStops() {
        var _ = there.enter(TOPIC, new Member("c1", "alice", ""));
        await().until(() -> broker.presence().orElseThrow().count(TOPIC) == 1);

        there.close();

        assertThat(broker.presence().orElseThrow().count(TOPIC)).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "{}", "{\"e\":\"1\"}", "{\"e\":1,\"i\":\"%s\"}"})
    void leavesOutWhatOthersHaveWritten(String info) {
        String text = info.formatted("x".repeat(Member.MAX_INFO_BYTES));
        Presence presence = broker.presence().orElseThrow();
        presence.put(TOPIC, Presence.Member.of("c1", text), Duration.ofHours(1));
        var _ =
                broker.publish(
                        TopicHints.TOPIC,
                        Message.of("{\"c\":[{\"t\":1}]}".getBytes(StandardCharsets.UTF_8)));

        assertThat(here.counts(TOPIC)).isEqualTo(new Counts(0, 0));
    }

    @Test
    void refusesInfoThatOthersCouldNotRead() {
        assertRefused("{", "presence-info-malformed");
        assertRefused(" ", "presence-info-malformed");
        assertRefused("1 2", "presence-info-malformed");
        assertRefused('"' + "x".repeat(Member.MAX_INFO_BYTES) + '"', "presence-info-too-large");
    }

    private static void assertRefused(String info, String rule) {
        assertThatThrownBy(() -> new Member("c1", "alice", info))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        e -> assertThat(e.problem().rule()).isEqualTo(rule));
    }

    @Test
    void saysSoIfTheBrokerKeepsNoPresence() {
        try (Rooms none = new NoRooms()) {
            assertThat(none.areKept()).isFalse();
            assertThatThrownBy(() -> none.members(TOPIC, "", 1))
                    .isInstanceOfSatisfying(
                            ProblemException.class,
                            e -> assertThat(e.problem().status()).isEqualTo(501));
        }
    }

    @Test
    void goesOnAfterAListenerHasFailed() {
        RoomListener failing =
                new RoomListener() {
                    @Override
                    public void joined(Visit visit, Member member) {
                        throw new IllegalStateException("on purpose");
                    }

                    @Override
                    public void left(Visit visit, Member member) {
                        throw new IllegalStateException("on purpose");
                    }
                };
        List<Watch> watches = List.of(here.watch(TOPIC, failing), here.watch(TOPIC, listener));

        var _ = here.enter(TOPIC, new Member("c1", "alice", ""));

        await().until(() -> told.size() == 1);
        watches.forEach(Watch::close);
    }
}
