package dev.longwave.server.hooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longwave.broker.BrokerConfigurationException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HookSecretTest {

    /** The bytes 0 to 31. */
    static final String SECRET = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    /** What Python's hmac and hashlib make of the same. */
    @Test
    void signsAsAnotherImplementationDoes() {
        byte[] body =
                "{\"type\":\"joined\",\"data\":{\"topic\":\"räume/1\"}}"
                        .getBytes(StandardCharsets.UTF_8);

        String signature = HookSecret.parse(SECRET).signature("joined_0a1b", 1893456000, body);

        assertThat(signature).isEqualTo("v1,jc4+QqOXhHZu4QN7gzk0COpMmDN3oHSsnGWWKL9n8Pg=");
    }

    @Test
    void doesNotShowItself() {
        assertThat(HookSecret.parse(SECRET)).hasToString("***");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "secret",
                "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
                "whsec_",
                "whsec_AAECAwQFBgcICQoLDA0ODw==",
                "whsec_!"
            })
    void refusesWhatIsNoSecretWithoutShowingIt(String text) {
        assertThatThrownBy(() -> HookSecret.parse(text))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("whsec_ and the base64 of 24 to 64 random bytes")
                .hasNoCause();
    }
}
