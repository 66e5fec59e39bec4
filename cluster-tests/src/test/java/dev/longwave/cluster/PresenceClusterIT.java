package dev.longwave.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.longwave.broker.testing.Bus;
import dev.longwave.testing.SignedToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Thirty users with one to three tabs each, on three nodes, one of which is killed: what its users
 * do then is what the others see, and each of them joins once and leaves at most once.
 *
 * <p>{@code RoomsModelTest} tries many more ways, without processes.
 */
final class PresenceClusterIT {

    private static final String TOPIC = "room";
    private static final int USERS = 30;
    private static final Duration LEASE = Duration.ofSeconds(6);

    /** The longest that presence may take with any settings. */
    private static final Duration BOUND = Duration.ofSeconds(30);

    /** Tabs do not read, and so answer no pings. */
    private static final List<String> SETTINGS =
            List.of(
                    "auth.jwt.secret=" + SignedToken.SECRET,
                    "presence.lease=" + LEASE,
                    "sse.heartbeat-interval=PT5M");

    private static final ObjectMapper JSON = new ObjectMapper();

    private final List<User> users = new ArrayList<>();

    @ParameterizedTest
    @EnumSource(
            value = Bus.Kind.class,
            names = {"NATS", "REDIS"})
    void convergesToTheTruthAfterTheEndOfANode(Bus.Kind kind) throws Exception {
        try (Cluster cluster = Cluster.start(kind, 3, SETTINGS)) {
            List<Node> survivors = cluster.nodes().subList(0, 2);
            Node killed = cluster.nodes().getLast();
            try (var one = new Watcher(survivors.getFirst());
                    var other = new Watcher(survivors.getLast())) {
                List<Watcher> watchers = List.of(one, other);
                for (int i = 0; i < USERS; i++) {
                    var user = new User("user-" + i);
                    users.add(user);
                    for (int tab = 0; tab <= i / 3 % 3; tab++) {
                        user.open(cluster.nodes().get((i + tab) % 3));
                    }
                }
                awaitTruth(cluster.nodes());
                for (int i = 0; i < USERS; i += 6) {
                    users.get(i).closeOneTab();
                }
                users.get(3).closeAllTabs();
                users.get(13).closeAllTabs();
                awaitTruth(cluster.nodes());

                long began = System.nanoTime();
                killed.process().kill();
                for (int i = 0; i < USERS; i++) {
                    boolean comesBack = i % 2 == 0;
                    if (users.get(i).loseTabsOn(killed) && comesBack) {
                        users.get(i).open(survivors.get(i / 2 % 2));
                    }
                }
                awaitTruth(survivors);
                awaitTold(watchers);
                var took = Duration.ofNanos(System.nanoTime() - began);
                System.out.printf(
                        "%s: all knew the truth %d ms after a node was killed.%n",
                        kind, took.toMillis());
                assertThat(took).isLessThan(BOUND);

                killed.process().restart();
                awaitTruth(cluster.nodes());
                var last = new User("user-last");
                users.add(last);
                last.open(killed);
                awaitTold(watchers);
            }
        } finally {
            users.forEach(User::closeAllTabs);
        }
    }

    private record Tab(Node node, CentrifugeClient client) {
        void close() {
            try {
                client.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static CentrifugeClient connect(Node node, SignedToken token) throws IOException {
        return CentrifugeClient.connect(node, "{\"token\":\"%s\"}".formatted(token.text()));
    }

    private static final class User {
        private final String name;
        private final List<Tab> tabs = new ArrayList<>();

        User(String name) {
            this.name = name;
        }

        void open(Node node) throws IOException {
            CentrifugeClient client = connect(node, SignedToken.of(name).subscribe(TOPIC));
            tabs.add(new Tab(node, client));
            var _ = client.subscribe(TOPIC, "");
        }

        void closeOneTab() {
            tabs.removeLast().close();
        }

        void closeAllTabs() {
            tabs.forEach(Tab::close);
            tabs.clear();
        }

        /** {@return whether there were any} */
        boolean loseTabsOn(Node node) {
            List<Tab> lost = tabs.stream().filter(tab -> tab.node().equals(node)).toList();
            lost.forEach(Tab::close);
            return tabs.removeAll(lost);
        }

        /** How often it has joined and left: it joins but once, and never returns after it left. */
        String joinsAndLeaves() {
            return tabs.isEmpty() ? "1 1" : "1 0";
        }
    }

    /** A member of the room, which writes down who joins and leaves. */
    private static final class Watcher implements AutoCloseable {
        private final CentrifugeClient client;
        private final Map<String, Integer> joins = new TreeMap<>(); // both guarded by this
        private final Map<String, Integer> leaves = new TreeMap<>();

        Watcher(Node node) throws IOException {
            client = connect(node, SignedToken.of("watcher").subscribe(TOPIC).presence(TOPIC));
            var _ = client.subscribe(TOPIC, ",\"join_leave\":true");
            Thread.ofVirtual().name("watcher").start(this::read);
        }

        private void read() {
            try {
                while (true) {
                    JsonNode push = client.push();
                    note(push.at("/join/info/user").asText(), joins);
                    note(push.at("/leave/info/user").asText(), leaves);
                }
            } catch (IOException _) {
                // The test is over.
            }
        }

        private synchronized void note(String user, Map<String, Integer> counts) {
            if (user.startsWith("user-")) {
                counts.merge(user, 1, Integer::sum);
            }
        }

        /** By user, as {@link User#joinsAndLeaves} says it. */
        synchronized Map<String, String> told() {
            var told = new TreeMap<String, String>();
            Stream.concat(joins.keySet().stream(), leaves.keySet().stream())
                    .forEach(user ->
                            told.put(
                                    user,
                                    "%d %d"
                                            .formatted(
                                                    joins.getOrDefault(user, 0),
                                                    leaves.getOrDefault(user, 0))));
            return told;
        }

        @Override
        public void close() throws IOException {
            client.close();
        }
    }

    private void awaitTold(List<Watcher> watchers) {
        var expected = new TreeMap<String, String>();
        users.forEach(user -> expected.put(user.name, user.joinsAndLeaves()));
        await().untilAsserted(() ->
                assertThat(watchers).allSatisfy(it -> assertThat(it.told()).isEqualTo(expected)));
    }

    /** Waits until each node says of each user how many tabs it has. */
    private void awaitTruth(List<Node> nodes) {
        var truth = new TreeMap<String, Integer>();
        truth.put("watcher", 2);
        for (User user : users) {
            if (!user.tabs.isEmpty()) {
                truth.put(user.name, user.tabs.size());
            }
        }
        await().untilAsserted(() ->
                assertThat(nodes).allSatisfy(it -> assertThat(members(it)).isEqualTo(truth)));
    }

    private static Map<String, Integer> members(Node node) throws IOException {
        HttpResponse<String> answer =
                node.ask(
                        "/presence/%s?limit=1000".formatted(TOPIC),
                        SignedToken.of("observer").presence(TOPIC));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        var members = new TreeMap<String, Integer>();
        for (JsonNode member : JSON.readTree(answer.body()).get("members")) {
            members.merge(member.get("user").textValue(), 1, Integer::sum);
        }
        return members;
    }
}
