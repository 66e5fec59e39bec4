package dev.longwave.broker.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.testing.NatsCluster;
import dev.longwave.broker.testing.NatsServer;
import dev.longwave.broker.testing.NatsServer.Generation;
import io.nats.client.Connection;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamInfo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class KeyValueClaimsIT {

    private static final String BUCKET = "claims-test";
    private static final Duration TIMEOUT = Duration.ofMinutes(1);
    private static final Duration LONG_TIMEOUT = Duration.ofMinutes(2); // a watchdog
    private static final Duration SHORT_TIMEOUT = Duration.ofSeconds(3);
    private static final Duration LONG = Duration.ofHours(1);

    @ParameterizedTest
    @EnumSource
    void givesEachKeyToOneCaller(Generation generation) throws Exception {
        try (var nats = NatsClients.start(generation);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var nodes = List.of(open(nats.connect()), open(nats.connect()));

            for (int round = 0; round < 20; round++) {
                String key = "ticket " + round;
                var callers = new ArrayList<Callable<Boolean>>();
                for (int i = 0; i < 8; i++) {
                    KeyValueClaims node = nodes.get(i % 2);
                    callers.add(() -> node.claim(key, LONG));
                }
                assertThat(countWon(threads.invokeAll(callers))).isEqualTo(1);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void givesEachKeyToOneCallerInACluster(Generation generation) throws Exception {
        try (var cluster = NatsCluster.start(generation);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var nodes = new ArrayList<KeyValueClaims>();
            var connections = new ArrayList<NatsClients>();
            for (NatsServer server : cluster.servers()) {
                var clients = NatsClients.of(server);
                connections.add(clients);
                nodes.add(KeyValueClaims.open(clients.connect(), BUCKET, 3, TIMEOUT));
            }

            for (int round = 0; round < 20; round++) {
                String key = "ticket " + round;
                var callers = new ArrayList<Callable<Boolean>>();
                for (int i = 0; i < 9; i++) {
                    KeyValueClaims node = nodes.get(i % 3);
                    callers.add(() -> node.claim(key, LONG));
                }
                assertThat(countWon(threads.invokeAll(callers))).isEqualTo(1);
            }
            connections.forEach(NatsClients::close);
        }
    }

    @ParameterizedTest
    @EnumSource
    void givesAKeyAgainToOneCallerWhenTheClaimEnds(Generation generation) throws Exception {
        try (var nats = NatsClients.start(generation);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            KeyValueClaims claims = open(nats.connect());
            long begun = System.nanoTime(); // before, so that a slow machine makes no difference
            assertThat(claims.claim("short", Duration.ofSeconds(1))).isTrue();
            assertThat(claims.claim("long", LONG)).isTrue();

            await().atMost(LONG_TIMEOUT)
                    .pollInSameThread()
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> {
                        var callers = new ArrayList<Callable<Boolean>>();
                        for (int i = 0; i < 4; i++) {
                            callers.add(() -> claims.claim("short", LONG));
                        }
                        int won = countWon(threads.invokeAll(callers));
                        assertThat(won).isLessThan(2);
                        return won == 1;
                    });

            assertThat(System.nanoTime() - begun)
                    .as("not claimed again too early")
                    .isGreaterThan(Duration.ofMillis(900).toNanos());
            assertThat(claims.claim("short", LONG)).isFalse();
            assertThat(claims.claim("long", LONG)).isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource
    void keepsAnyTwoKeysApart(Generation generation) throws Exception {
        try (var nats = NatsClients.start(generation)) {
            KeyValueClaims claims = open(nats.connect());
            List<String> keys =
                    List.of(
                            "a",
                            "A",
                            "a.b",
                            "a b",
                            "*",
                            ">",
                            "$KV",
                            "=",
                            "é",
                            "e\u0301",
                            "😀",
                            "\n",
                            "x".repeat(254),
                            "x".repeat(255));

            for (String key : keys) {
                assertThat(claims.claim(key, LONG)).as(key).isTrue();
            }
            for (String key : keys) {
                assertThat(claims.claim(key, LONG)).as(key).isFalse();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void keepsClaimsOverARestartOfTheServer(Generation generation) throws Exception {
        try (var nats = NatsClients.start(generation)) {
            assertThat(open(nats.connect()).claim("ticket", LONG)).isTrue();

            nats.server().process().kill();
            nats.server().process().restart();

            assertThat(open(nats.connect()).claim("ticket", LONG)).isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource
    void saysWhatIsWrongWithABucket(Generation generation) throws Exception {
        try (var nats = NatsClients.start(generation)) {
            Connection connection = nats.connect();
            connection
                    .jetStreamManagement(Streams.LONG_TIMEOUT)
                    .addStream(
                            StreamConfiguration.builder()
                                    .name("KV_" + BUCKET)
                                    .subjects("$KV." + BUCKET + ".>")
                                    .build());

            assertThatThrownBy(() -> open(connection))
                    .isInstanceOf(BrokerConfigurationException.class)
                    .hasMessageContaining("stream=KV_" + BUCKET)
                    .hasMessageContaining("max_msgs_per_subject=1");
        }
    }

    @ParameterizedTest
    @EnumSource
    void usesABucketThatEndsNoLeases(Generation generation) throws Exception {
        try (var nats = NatsClients.start(generation)) {
            Connection connection = nats.connect();
            StreamConfiguration wanted = LeaseBucket.named(BUCKET, 1).build();
            connection
                    .jetStreamManagement(Streams.LONG_TIMEOUT)
                    .addStream(StreamConfiguration.builder(wanted).allowMessageTtl(false).build());
            KeyValueClaims claims = open(connection);

            assertThat(claims.claim("held", LONG)).isTrue();
            assertThat(claims.claim("held", LONG)).isFalse();
            assertThat(claims.claim("key", Duration.ofMillis(300))).isTrue();

            await().atMost(LONG_TIMEOUT).until(() -> claims.claim("key", LONG));
            StreamInfo info =
                    connection
                            .jetStreamManagement(Streams.LONG_TIMEOUT)
                            .getStreamInfo("KV_" + BUCKET);
            assertThat(info.getConfiguration().getAllowMessageTtl()).isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource
    void saysThatTheServersDoNotAnswer(Generation generation) throws Exception {
        try (var nats = NatsClients.start(generation)) {
            KeyValueClaims claims = KeyValueClaims.open(nats.connect(), BUCKET, 1, SHORT_TIMEOUT);

            nats.server().process().freeze();

            assertThatThrownBy(() -> claims.claim("key", LONG))
                    .isInstanceOf(BrokerUnavailableException.class)
                    .hasMessageContaining("stream=KV_" + BUCKET);
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> claims.claim("key", LONG))
                    .isInstanceOf(BrokerUnavailableException.class);
            assertThat(Thread.interrupted()).as("interrupt kept").isTrue();
            nats.server().process().thaw();
        }
    }

    @ParameterizedTest
    @EnumSource(names = "CURRENT")
    void refusesATimeToLiveThatIsNotPositiveOrTooLong(Generation generation) throws Exception {
        try (var nats = NatsClients.start(generation)) {
            KeyValueClaims claims = open(nats.connect());

            for (Duration ttl : List.of(Duration.ZERO, Duration.ofMillis(-1), Duration.ofDays(2))) {
                assertThatThrownBy(() -> claims.claim("key", ttl))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("ttl=" + ttl);
            }
        }
    }

    private static int countWon(List<Future<Boolean>> claims) throws Exception {
        int won = 0;
        for (Future<Boolean> claim : claims) {
            won += claim.get(LONG_TIMEOUT.toSeconds(), TimeUnit.SECONDS) ? 1 : 0;
        }
        return won;
    }

    private static KeyValueClaims open(Connection connection) {
        return KeyValueClaims.open(connection, BUCKET, 1, TIMEOUT);
    }
}
