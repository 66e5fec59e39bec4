package dev.longwave.broker.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class NatsServerIT {

    private static final Pattern VERSION = Pattern.compile("\"version\":\"2\\.(\\d+)\\.\\d+\"");
    private static final Pattern LEADER = Pattern.compile("\"leader\": ?\"([^\"]+)\"");

    @ParameterizedTest
    @EnumSource
    void isOfItsGeneration(NatsServer.Generation generation) throws IOException {
        try (NatsServer server = NatsServer.start(generation);
                var client = new NatsText(server.port())) {
            Matcher version = VERSION.matcher(client.info());

            assertThat(version.find()).as(client.info()).isTrue();
            boolean old = Integer.parseInt(version.group(1)) < 11;
            assertThat(old).isEqualTo(generation == NatsServer.Generation.OLD);
            assertThat(server.monitoring("/varz")).contains("\"jetstream\"");
        }
    }

    @ParameterizedTest
    @EnumSource
    void hasWhatWasStoredAgainAfterKill(NatsServer.Generation generation) throws IOException {
        try (NatsServer server = NatsServer.start(generation)) {
            try (var client = new NatsText(server.port())) {
                create(client, 1);
                assertThat(client.ask("orders.a", "first")).contains("\"seq\":1");
            }

            server.process().kill();
            assertThatThrownBy(() -> new NatsText(server.port()))
                    .isInstanceOf(ConnectException.class);
            server.process().restart();

            try (var client = new NatsText(server.port())) {
                assertThat(stored(client, 1)).contains("\"subject\":\"orders.a\"");
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void survivesTheLossOfAStreamsLeader(NatsServer.Generation generation) throws IOException {
        try (NatsCluster cluster = NatsCluster.start(generation)) {
            NatsServer leader;
            try (var client = new NatsText(cluster.servers().getFirst().port())) {
                Matcher found = LEADER.matcher(create(client, 3));
                assertThat(found.find()).isTrue();
                leader = cluster.server(found.group(1));
                assertThat(client.ask("orders.a", "first")).contains("\"seq\":1");
            }

            leader.process().kill();

            NatsServer other =
                    cluster.servers().stream()
                            .filter(server -> server != leader)
                            .findFirst()
                            .orElseThrow();
            ServerProcess.eventually("another leader", () -> isStored(other));
            leader.process().restart();
            cluster.awaitHealthy();
            ServerProcess.eventually("the event on the former leader", () -> isStored(leader));
        }
    }

    private static String create(NatsText client, int replicas) throws IOException {
        String answer =
                client.ask(
                        "$JS.API.STREAM.CREATE.orders",
                        "{\"name\":\"orders\",\"subjects\":[\"orders.>\"],\"storage\":\"file\",\"num_replicas\":"
                                + replicas
                                + '}');
        assertThat(answer).contains("\"created\"").doesNotContain("\"error\"");
        return answer;
    }

    private static String stored(NatsText client, int sequence) throws IOException {
        return client.ask("$JS.API.STREAM.MSG.GET.orders", "{\"seq\":" + sequence + '}');
    }

    /** Without a leader, a request is never answered: the caller tries again, with a new client. */
    private static boolean isStored(NatsServer server) {
        try (var client = new NatsText(server.port(), 5_000)) {
            return stored(client, 1).contains("\"subject\":\"orders.a\"");
        } catch (IOException _) {
            return false;
        }
    }
}
