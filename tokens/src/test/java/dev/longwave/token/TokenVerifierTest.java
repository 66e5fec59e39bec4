package dev.longwave.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.longwave.token.TokenRefusedException.Reason;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TokenVerifierTest {

    private static final Instant NOW = Instant.parse("2026-11-28T12:00:00Z");
    private static final long SECOND = NOW.getEpochSecond();
    private static final NewKey KEY = NewKey.generate(Algorithm.HS256);
    private static final KeySet KEYS = Forge.keys(KEY);
    private static final NewKey RSA = NewKey.generate(Algorithm.RS256);

    /** RFC 7515, appendix A. */
    private static final String JOE =
            "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

    private static final Instant JOES_TIME = Instant.ofEpochSecond(1300819379);

    @Test
    void acceptsTheHmacExampleOfTheRfc() throws Exception {
        KeySet keys =
                KeySet.secret(
                        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow");
        String token =
                "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.%s.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
                        .formatted(JOE);

        Token joe = TokenVerifier.verify(token, keys, TokenRules.DEFAULT, JOES_TIME);

        assertThat(joe.issuer()).isEqualTo("joe");
        assertThat(joe.expires()).isEqualTo(JOES_TIME.plusSeconds(1));
        assertThat(joe.claims()).containsEntry("http://example.com/is_root", true);
    }

    @Test
    void acceptsTheEcdsaExampleOfTheRfc() throws Exception {
        KeySet keys =
                KeySet.parsePublic(
                        """
                        {"keys":[{"kty":"EC","crv":"P-256",
                          "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
                          "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}\
                        """);
        String token =
                "eyJhbGciOiJFUzI1NiJ9.%s.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
                        .formatted(JOE);

        assertThat(TokenVerifier.verify(token, keys, TokenRules.DEFAULT, JOES_TIME).issuer())
                .isEqualTo("joe");
    }

    /** RFC 8037 and RFC 9864. */
    @ParameterizedTest
    @CsvSource({"EdDSA, EdDSA", "Ed25519, EdDSA", "EdDSA, Ed25519", "Ed25519, Ed25519"})
    void acceptsBothNamesOfEd25519(String inToken, String inKey) throws Exception {
        NewKey key = NewKey.generate(Algorithm.EDDSA);
        KeySet keys =
                KeySet.parsePublic(
                        "{\"keys\":[%s]}"
                                .formatted(
                                        key.publicJwk()
                                                .orElseThrow()
                                                .replace("\"EdDSA\"", '"' + inKey + '"')));
        String token =
                Forge.signed(
                        Forge.keys(key),
                        "{\"alg\":\"%s\"}".formatted(inToken),
                        "{\"sub\":\"alice\",\"exp\":%d}".formatted(SECOND + 60));

        Token verified = TokenVerifier.verify(token, keys, TokenRules.DEFAULT, NOW);

        assertThat(verified.subject()).isEqualTo("alice");
        assertThat(keys.contains(verified.key())).isTrue();
        assertThat(KEYS.contains(verified.key())).isFalse();
    }

    @ParameterizedTest
    @EnumSource(names = {"HS256", "ES256", "EDDSA", "RS256"})
    void acceptsWhatItsKeySigned(Algorithm algorithm) throws Exception {
        NewKey key = NewKey.generate(algorithm);
        KeySet keys = key.publicJwk().isPresent() ? Forge.publicKeys(key) : Forge.keys(key);
        String token =
                new TokenIssuer(Forge.keys(key))
                        .issue(
                                Map.of(
                                        "sub",
                                        "alice",
                                        "iss",
                                        "https://issuer.example",
                                        "aud",
                                        List.of("a", "b"),
                                        "jti",
                                        "42",
                                        "iat",
                                        SECOND,
                                        "exp",
                                        SECOND + 60,
                                        "longwave",
                                        Map.of("subscribe", List.of("news/**"))));

        Token verified = TokenVerifier.verify(token, keys, TokenRules.DEFAULT, NOW);

        assertThat(UnverifiedToken.parse(token).header())
                .containsEntry("alg", algorithm.id())
                .containsEntry("kid", key.id());
        assertThat(verified.subject()).isEqualTo("alice");
        assertThat(verified.issuer()).isEqualTo("https://issuer.example");
        assertThat(verified.id()).isEqualTo("42");
        assertThat(verified.audience()).containsExactly("a", "b");
        assertThat(verified.issued()).isEqualTo(NOW);
        assertThat(verified.expires()).isEqualTo(NOW.plusSeconds(60));
        assertThat(verified.claims())
                .containsEntry("longwave", Map.of("subscribe", List.of("news/**")));
    }

    @ParameterizedTest
    @EnumSource(names = {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"})
    void acceptsEachAlgorithmOfAnRsaKey(Algorithm algorithm) throws Exception {
        String jwk = RSA.jwk().replace("\"RS256\"", '"' + algorithm.id() + '"');
        String anyRsa = RSA.publicJwk().orElseThrow().replace("\"alg\":\"RS256\",", "");
        String token = Forge.signed(KeySet.secret(jwk), header(algorithm.id()), claims("60"));

        assertThat(anyRsa).doesNotContain("alg");
        assertThat(reason(token, KeySet.secret(anyRsa), TokenRules.DEFAULT)).isNull();
    }

    @ParameterizedTest
    @CsvSource({"32, HS256", "48, HS384", "64, HS512"})
    void acceptsTheHmacsThatAKeyIsLongEnoughFor(int bytes, Algorithm longest) {
        String k = Base64Url.encode(new byte[bytes]);
        KeySet keys = KeySet.secret("{\"kty\":\"oct\",\"k\":\"%s\"}".formatted(k));

        assertThat(keys.signing().orElseThrow().algorithms())
                .isEqualTo(EnumSet.range(Algorithm.HS256, longest));
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "accepted",
            value = {
                "31,    0, accepted",
                "-29,   0, accepted",
                "-30,   0, EXPIRED",
                "-9999, 0, EXPIRED",
                "60,   30, accepted",
                "60,   31, NOT_YET_VALID",
                "0.5,   0, accepted",
                "-30.5, 0, EXPIRED"
            })
    void comparesTheTimesWithLeeway(String expires, int notBefore, @Nullable Reason reason) {
        String times =
                "{\"exp\":%s,\"nbf\":%d}"
                        .formatted(
                                BigDecimal.valueOf(SECOND).add(new BigDecimal(expires)),
                                SECOND + notBefore);

        assertThat(reason(sign(times), KEYS, TokenRules.DEFAULT)).isEqualTo(reason);
    }

    @Test
    void hasNoLeewayIfThatIsTheRule() {
        var exact =
                new TokenRules(null, Set.of(), Duration.ZERO, Set.of(), Set.of(Algorithm.HS256));

        assertThat(reason(sign(claims("1")), KEYS, exact)).isNull();
        assertThat(reason(sign(claims("0")), KEYS, exact)).isEqualTo(Reason.EXPIRED);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '\'',
            nullValues = "accepted",
            value = {
                "'\"iss\":\"us\",\"aud\":\"events\"',             accepted",
                "'\"iss\":\"us\",\"aud\":[\"x\",\"events\"]',     accepted",
                "'\"iss\":\"us/\",\"aud\":\"events\"',            ISSUER",
                "'\"iss\":\"US\",\"aud\":\"events\"',             ISSUER",
                "'\"aud\":\"events\"',                            ISSUER",
                "'\"iss\":\"us\",\"aud\":\"Events\"',             AUDIENCE",
                "'\"iss\":\"us\",\"aud\":[]',                     AUDIENCE",
                "'\"iss\":\"us\"',                                AUDIENCE",
            })
    void requiresTheIssuerAndAnAudience(String claims, @Nullable Reason reason) {
        var rules =
                new TokenRules(
                        "us",
                        Set.of("events", "other"),
                        Duration.ZERO,
                        Set.of(),
                        Set.of(Algorithm.HS256));

        assertThat(reason(sign("{\"exp\":%d,%s}".formatted(SECOND + 1, claims)), KEYS, rules))
                .isEqualTo(reason);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '\'',
            nullValues = "accepted",
            value = {
                "'\"typ\":\"at+jwt\"',             accepted",
                "'\"typ\":\"AT+JWT\"',             accepted",
                "'\"typ\":\"application/at+jwt\"', accepted",
                "'\"typ\":\"Application/At+Jwt\"', accepted",
                "'\"typ\":\"JWT\"',                TYPE",
                "'\"typ\":\"\"',                   TYPE",
                "'\"typ\":\"application/a/at+jwt\"', TYPE",
                "'\"typ\":7',                      MALFORMED",
                "'\"cty\":\"x\"',                  TYPE",
            })
    void acceptsOnlyTheTypesOfTheRules(String type, @Nullable Reason reason) {
        var rules =
                new TokenRules(
                        null,
                        Set.of(),
                        Duration.ZERO,
                        Set.of("application/at+jwt"),
                        Set.of(Algorithm.HS256));
        String token = Forge.signed(KEYS, "{\"alg\":\"HS256\",%s}".formatted(type), claims("1"));

        assertThat(reason(token, KEYS, rules)).isEqualTo(reason);
    }

    @Test
    void acceptsOnlyTheAlgorithmsOfTheRules() {
        var rules =
                new TokenRules(null, Set.of(), Duration.ZERO, Set.of(), Set.of(Algorithm.ES256));

        assertThat(reason(sign(claims("1")), KEYS, rules)).isEqualTo(Reason.ALGORITHM);
    }

    @Test
    void triesTheKeysThatFitIfTheTokenNamesNone() {
        KeySet keys = KEYS;
        for (int i = 0; i < 15; i++) {
            keys = Forge.keys(NewKey.generate(Algorithm.HS256)).plus(keys);
        }
        keys = keys.plus(Forge.keys(NewKey.generate(Algorithm.ES256)));
        String nameless = Forge.signed(KEYS, header("HS256"), claims("1"));
        String named =
                Forge.signed(
                        KEYS,
                        "{\"alg\":\"HS256\",\"kid\":\"%s\"}".formatted(KEY.id()),
                        claims("1"));

        assertThat(reason(nameless, keys, TokenRules.DEFAULT)).isNull();

        keys = keys.plus(Forge.keys(NewKey.generate(Algorithm.HS256)));

        assertThat(reason(nameless, keys, TokenRules.DEFAULT)).isEqualTo(Reason.UNKNOWN_KEY);
        assertThat(reason(named, keys, TokenRules.DEFAULT)).isNull();
    }

    @Test
    void triesAKeyWithoutAnIdForEachToken() {
        byte[] secret = new byte[32];
        KeySet keys = KeySet.secret(Base64Url.encode(secret));
        String token = Forge.hmac(secret, "{\"alg\":\"HS256\",\"kid\":\"x\"}", claims("1"));

        assertThat(reason(token, KEYS.plus(keys), TokenRules.DEFAULT)).isNull();
    }

    @Test
    void saysWhichIssuerATokenNamesBeforeItIsVerified() throws Exception {
        String token = Forge.token(header("none"), "{\"iss\":\"a\"}", "");

        assertThat(UnverifiedToken.parse(token).issuer()).contains("a");
    }

    @Test
    void showsNothingOfAPersonWhenPrinted() throws Exception {
        String token = sign("{\"exp\":%d,\"jti\":\"7\",\"sub\":\"alice\"}".formatted(SECOND + 1));

        Token verified = TokenVerifier.verify(token, KEYS, TokenRules.DEFAULT, NOW);

        assertThat(verified).hasToString("Token[id=7, expires=2026-11-28T12:00:01Z]");
    }

    @Test
    void needsRulesThatCanBeKept() {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        new TokenRules(
                                null,
                                Set.of(),
                                Duration.ofSeconds(-1),
                                Set.of(),
                                Set.of(Algorithm.HS256)));
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> new TokenRules(null, Set.of(), Duration.ZERO, Set.of(), Set.of()));
    }

    @Test
    void signsOnlyWithAPrivateKey() {
        KeySet keys = Forge.publicKeys(NewKey.generate(Algorithm.ES256));

        assertThatExceptionOfType(KeyException.class)
                .isThrownBy(() -> new TokenIssuer(keys))
                .withMessageContaining("use the private key");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a\nb"})
    void signsNothingThatWouldBeRefused(String subject) {
        var issuer = new TokenIssuer(KEYS);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> issuer.issue(Map.of("exp", SECOND, "sub", subject)))
                .withMessageContaining("\"sub\"");
    }

    @Test
    void signsNothingThatIsTooLong() {
        var issuer = new TokenIssuer(KEYS);
        var claims = Map.of("exp", SECOND, "long", "x".repeat(7000));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> issuer.issue(claims))
                .withMessageContaining("max=8192");
    }

    private static String header(String algorithm) {
        return "{\"alg\":\"%s\"}".formatted(algorithm);
    }

    private static String claims(String secondsLeft) {
        return "{\"exp\":%d}".formatted(SECOND + Long.parseLong(secondsLeft));
    }

    private static String sign(String claims) {
        return Forge.signed(KEYS, header("HS256"), claims);
    }

    private static @Nullable Reason reason(String token, KeySet keys, TokenRules rules) {
        try {
            TokenVerifier.verify(token, keys, rules, NOW);
            return null;
        } catch (TokenRefusedException e) {
            return e.reason();
        }
    }
}
