package dev.longwave.broker.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class RedisServerIT {

    @ParameterizedTest
    @EnumSource
    void hasWhatWasWrittenAgainAfterKill(RedisServer.Product product) {
        try (RedisServer server = RedisServer.start(product)) {
            server.cli("SET", "key", "value");

            server.process().kill();
            assertThatThrownBy(() -> server.cli("PING"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("Connection refused");
            server.process().restart();

            assertThat(server.cli("GET", "key")).isEqualTo("value");
        }
    }

    @ParameterizedTest
    @EnumSource
    void forgetsWithoutItsLog(RedisServer.Product product) {
        try (RedisServer server = RedisServer.start(product, "--appendonly", "no")) {
            server.cli("SET", "key", "value");

            server.process().restart();

            assertThat(server.cli("GET", "key")).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void hasAReplicaThatTakesOver(RedisServer.Product product) {
        try (RedisServer server = RedisServer.start(product);
                RedisServer replica = server.startReplica()) {
            server.cli("SET", "key", "value");
            await().until(() -> replica.cli("GET", "key").equals("value"));
            server.process().kill();

            replica.cli("REPLICAOF", "NO", "ONE");

            assertThat(replica.cli("SET", "key", "other")).isEqualTo("OK");
        }
    }
}
