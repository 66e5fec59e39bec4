package dev.longwave.server.hooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longwave.broker.Broker;
import dev.longwave.broker.Settings;
import dev.longwave.server.presence.Member;
import dev.longwave.server.presence.Membership;
import dev.longwave.server.presence.PresenceSettings;
import dev.longwave.server.presence.Rooms;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What an application is told of topics, by two nodes with a broker between them. */
final class RoomHooksTest {

    private static final PresenceSettings PRESENCE =
            PresenceSettings.read(
                    new Settings(Map.of("presence.grace", "PT0.1S", "presence.refresh", "PT0.5S")));
    private static final Duration RETRY = Duration.ofMillis(20);

    private final Broker broker = new SharedMemory();
    private final List<AutoCloseable> open = new ArrayList<>();
    private Application application;

    /** A node. */
    private record Node(Hooks hooks, Rooms rooms) {

        Membership enter(String topic, String connection, String user) {
            return rooms.enter(topic, new Member(connection, user, "{\"name\":\"Ä\"}"));
        }
    }

    @BeforeEach
    void start() throws IOException {
        application = new Application();
    }

    private Node node(Duration deadline, String... more) {
        var values = new TreeMap<String, String>();
        values.put("hooks.url", application.url());
        values.put("hooks.secret", Application.SECRET);
        for (String setting : more) {
            values.put(setting.split("=", 2)[0], setting.split("=", 2)[1]);
        }
        Hooks hooks =
                Hooks.open(
                        broker,
                        HookSettings.read(new Settings(values)),
                        1 << 16,
                        new Lane.Timing(Duration.ofMillis(100), RETRY, deadline),
                        InstantSource.system());
        Rooms rooms = Rooms.open(broker, PRESENCE, hooks.rooms());
        open.add(rooms);
        open.add(hooks);
        return new Node(hooks, rooms);
    }

    private Node node() {
        return node(Duration.ofMinutes(1));
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
        broker.close();
        application.close();
    }

    @Test
    void tellsOfAllThatHappensInATopicInOrderAndSigned() {
        Node node = node();

        Membership alice = node.enter("room/1", "c1", "alice");
        await().until(() -> application.words().size() == 2);
        Membership bob = node.enter("room/1", "c2", "bob");
        await().until(() -> application.words().size() == 3);
        alice.close();
        await().until(() -> application.words().size() == 4);
        bob.close();
        await().until(() -> application.words().size() == 6);

        assertThat(application.words())
                .containsExactly(
                        "occupied",
                        "joined alice",
                        "joined bob",
                        "left alice",
                        "left bob",
                        "vacated");
        assertThat(application.forged()).isEmpty();
        assertThat(application.received())
                .extracting(Application.Received::id)
                .doesNotHaveDuplicates()
                .allMatch(id -> id.matches("[a-z]+_[0-9a-f]{64}"));
        assertThat(application.received().get(1).data())
                .hasToString(
                        "{\"topic\":\"room/1\",\"user\":\"alice\",\"connection\":\"c1\","
                                + "\"info\":{\"name\":\"Ä\"}}");
    }

    @Test
    void tellsOnceHoweverManyNodesSeeIt() {
        Node here = node();
        Node there = node();
        List<Membership> memberships = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            Node node = i % 2 == 0 ? here : there;
            memberships.add(node.enter("room/" + i % 5, "a" + i, "user" + i));
        }
        await().until(() -> connections(here) == 50 && connections(there) == 50);
        for (int i = 0; i < 50; i++) {
            Node node = i % 2 == 0 ? there : here;
            memberships.add(node.enter("room/" + i % 5, "b" + i, "user" + i));
        }
        await().until(() -> connections(here) == 100 && connections(there) == 100);
        await().until(() -> application.received().size() >= 55);
        memberships.forEach(Membership::close);
        await().until(() -> here.hooks().told() + there.hooks().told() >= 110);

        assertThat(application.received()).hasSize(110);
        assertThat(new HashSet<>(application.words())).hasSize(102);
        assertThat(application.received())
                .extracting(Application.Received::id)
                .doesNotHaveDuplicates();
        assertThat(here.hooks().dropped() + there.hooks().dropped()).isZero();
    }

    private static int connections(Node node) {
        int all = 0;
        for (int i = 0; i < 5; i++) {
            all += node.rooms().counts("room/" + i).connections();
        }
        return all;
    }

    @Test
    void triesAgainUnderTheSameNameUntilTheApplicationHasTakenIt() {
        var failures = new AtomicInteger(3);
        application.answer(
                _ -> new Application.Response(failures.getAndDecrement() > 0 ? 503 : 204, ""));
        Node node = node(Duration.ofMinutes(1), "hooks.events=joined");

        var _ = node.enter("room/1", "c1", "alice");
        await().until(() -> node.hooks().told() == 1);

        assertThat(application.received())
                .hasSize(4)
                .extracting(Application.Received::id)
                .containsOnly(application.received().getFirst().id());
    }

    @Test
    void dropsAnEventThatNobodyTakesInTime() {
        application.answer(_ -> new Application.Response(500, ""));
        Node node = node(Duration.ofSeconds(2), "hooks.events=joined");

        var _ = node.enter("room/1", "c1", "alice");

        await().until(() -> node.hooks().dropped() == 1);
        assertThat(application.received()).isNotEmpty();
    }

    @Test
    void doesNotWaitForAnApplicationThatHangs() {
        var end = new CountDownLatch(1);
        application.hang(end);
        Node node = node(Duration.ofMinutes(1), "hooks.max-queued=8", "hooks.timeout=PT30S");

        for (int i = 0; i < 100; i++) {
            var _ = node.enter("room/1", "c" + i, "user" + i);
        }

        await().until(() -> node.rooms().counts("room/1").users() == 100);
        await().until(() -> node.hooks().dropped() > 90);
        end.countDown();
    }

    @Test
    void tellsOnlyWhatItIsToTell() {
        Node node = node(Duration.ofMinutes(1), "hooks.events=vacated,joined");

        node.enter("room/1", "c1", "alice").close();
        var _ = node.enter("room/2", "c2", "");
        await().until(() -> application.words().size() >= 1);

        assertThat(application.words()).doesNotContain("occupied", "left alice");
    }
}
