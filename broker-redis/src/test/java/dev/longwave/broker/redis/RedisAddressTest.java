package dev.longwave.broker.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longwave.broker.BrokerConfigurationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RedisAddressTest {

    @Test
    void readsAllOfIt() {
        RedisAddress address = RedisAddress.parse("rediss://ann:p%40s%3As+w@example.org:7000/3");

        assertThat(address)
                .isEqualTo(new RedisAddress("example.org", 7000, true, "ann", "p@s:s+w", 3));
    }

    @Test
    void readsTheLeast() {
        assertThat(RedisAddress.parse("redis://localhost"))
                .isEqualTo(new RedisAddress("localhost", 6379, false, null, null, 0));
    }

    @Test
    void readsAPasswordWithoutUser() {
        RedisAddress address = RedisAddress.parse("redis://:secret@localhost/");

        assertThat(address.user()).isNull();
        assertThat(address.password()).isEqualTo("secret");
    }

    @Test
    void readsTheAddressOfIpVersion6() {
        assertThat(RedisAddress.parse("redis://[::1]:7000").host()).isEqualTo("::1");
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
                "redis://:secret@localhost/0?tls=1"
            })
    void refusesOthersWithoutShowingThem(String text) {
        assertThatThrownBy(() -> RedisAddress.parse(text))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("broker.redis.uri")
                .hasMessageNotContaining("secret")
                .hasNoCause();
    }
}
