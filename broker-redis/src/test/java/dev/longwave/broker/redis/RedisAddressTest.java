package dev.longwave.broker.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.redis.RedisAddress.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.HostAndPort;

final class RedisAddressTest {

    @Test
    void readsAllOfIt() {
        RedisAddress address = RedisAddress.parse("rediss://ann:p%40s%3As+w@example.org:7000/3");

        assertThat(address)
                .isEqualTo(
                        new RedisAddress(
                                Kind.SERVER,
                                List.of(new HostAndPort("example.org", 7000)),
                                true,
                                "ann",
                                "p@s:s+w",
                                3,
                                ""));
    }

    @Test
    void readsTheLeast() {
        assertThat(RedisAddress.parse("redis://localhost"))
                .isEqualTo(
                        new RedisAddress(
                                Kind.SERVER,
                                List.of(new HostAndPort("localhost", 6379)),
                                false,
                                null,
                                null,
                                0,
                                ""));
    }

    @Test
    void readsAPasswordWithoutUser() {
        RedisAddress address = RedisAddress.parse("redis://:secret@localhost/");

        assertThat(address.user()).isNull();
        assertThat(address.password()).isEqualTo("secret");
    }

    @Test
    void readsTheAddressOfIpVersion6() {
        assertThat(RedisAddress.parse("redis://[::1]:7000").servers())
                .containsExactly(new HostAndPort("::1", 7000));
    }

    @Test
    void readsSentinels() {
        RedisAddress address =
                RedisAddress.parse("rediss-sentinel://ann:pw@one,two:7000,[::1]/2?master=main");

        assertThat(address)
                .isEqualTo(
                        new RedisAddress(
                                Kind.SENTINEL,
                                List.of(
                                        new HostAndPort("one", 26379),
                                        new HostAndPort("two", 7000),
                                        new HostAndPort("::1", 26379)),
                                true,
                                "ann",
                                "pw",
                                2,
                                "main"));
        assertThat(RedisAddress.parse("redis-sentinel://one#main").master()).isEqualTo("main");
    }

    @Test
    void readsMembersOfACluster() {
        RedisAddress address = RedisAddress.parse("redis-cluster://one:7000,two");

        assertThat(address.kind()).isEqualTo(Kind.CLUSTER);
        assertThat(address.servers())
                .containsExactly(new HostAndPort("one", 7000), new HostAndPort("two", 6379));
        assertThat(address).hasToString("redis-cluster://one:7000,two:6379");
    }

    @Test
    void saysWhatToWriteForSeveralServers() {
        assertThatThrownBy(() -> RedisAddress.parse("redis://one,two"))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("redis-sentinel://")
                .hasMessageContaining("redis-cluster://");
    }

    @Test
    void prefersTheLoginThatIsGivenBesides() {
        RedisAddress address = RedisAddress.parse("redis://ann:old@localhost");

        assertThat(address.withLogin(null, "new").password()).isEqualTo("new");
        assertThat(address.withLogin(null, "new").user()).isEqualTo("ann");
    }

    @Test
    void showsNoSecret() {
        assertThat(RedisAddress.parse("redis://ann:secret@localhost:1/2"))
                .hasToString("redis://localhost:1/2");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://:secret@localhost",
                "localhost:6379",
                "redis://",
                "redis://:secret%@localhost",
                "redis://:sec ret@localhost",
                "redis://:secret@localhost:99999",
                "redis://:secret@localhost/x",
                "redis://:secret@localhost/-1",
                "redis://:secret@localhost/0?tls=1",
                "redis-sentinel://:secret@localhost",
                "redis-sentinel://:secret@localhost?name=main",
                "redis-sentinel://:secret@localhost?master=",
                "redis-cluster://:secret@localhost/1",
                "redis-cluster://:secret@localhost,",
                "redis+cluster://:secret@localhost"
            })
    void refusesOthersWithoutShowingThem(String text) {
        assertThatThrownBy(() -> RedisAddress.parse(text))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("broker.redis.uri")
                .hasMessageNotContaining("secret")
                .hasNoCause();
    }
}
