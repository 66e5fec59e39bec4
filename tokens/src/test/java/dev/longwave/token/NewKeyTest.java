package dev.longwave.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.nimbusds.jose.jwk.JWK;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class NewKeyTest {

    @ParameterizedTest
    @CsvSource({"HS256, 256", "ES256, 256", "EDDSA, 256", "RS256, 3072"})
    void isAJwkNamedAfterItsThumbprint(Algorithm algorithm, int bits) throws Exception {
        NewKey key = NewKey.generate(algorithm);

        JWK jwk = JWK.parse(key.jwk());

        assertThat(jwk.size()).isEqualTo(bits);
        assertThat(jwk.getKeyID())
                .isEqualTo(key.id())
                .isEqualTo(jwk.computeThumbprint().toString());
        assertThat(jwk.getAlgorithm().getName()).isEqualTo(algorithm.id());
        assertThat(jwk.getKeyUse().identifier()).isEqualTo("sig");
        assertThat(jwk.isPrivate()).isTrue();
    }

    @ParameterizedTest
    @EnumSource(names = {"ES256", "EDDSA", "RS256"})
    void hasAPublicHalfWithoutThePrivateOne(Algorithm algorithm) throws Exception {
        NewKey key = NewKey.generate(algorithm);

        Map<String, @Nullable Object> half = Json.object(key.publicJwk().orElseThrow());

        assertThat(half)
                .containsEntry("kid", key.id())
                .containsEntry("alg", algorithm.id())
                .containsEntry("use", "sig")
                .doesNotContainKeys("d", "p", "q", "dp", "dq", "qi");
    }

    @Test
    void hasNoPublicHalfIfItIsASecret() {
        assertThat(NewKey.generate(Algorithm.HS256).publicJwk()).isEmpty();
    }

    @Test
    void isNewEachTime() {
        assertThat(NewKey.generate(Algorithm.HS256).jwk())
                .isNotEqualTo(NewKey.generate(Algorithm.HS256).jwk());
    }

    @Test
    void isMadeForFourAlgorithms() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NewKey.generate(Algorithm.PS256))
                .withMessageContaining("use HS256, ES256, EdDSA or RS256");
    }

    /** RFC 8037, appendix A. */
    @Test
    void signsAsTheExampleOfEd25519() throws Exception {
        Key key =
                Jwks.key(
                        Json.object(
                                """
                                {"kty":"OKP","crv":"Ed25519",
                                 "d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
                                 "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}\
                                """));
        byte[] input =
                "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
                        .getBytes(StandardCharsets.US_ASCII);

        byte[] signature = key.sign(input);

        assertThat(Base64Url.encode(signature))
                .isEqualTo(
                        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg");
        assertThat(key.verifies(Algorithm.EDDSA, input, signature)).isTrue();
    }
}
