package dev.longwave.token;

import static dev.longwave.token.TokenRefusedException.Reason.ALGORITHM;
import static dev.longwave.token.TokenRefusedException.Reason.CRITICAL_HEADER;
import static dev.longwave.token.TokenRefusedException.Reason.DUPLICATE_NAME;
import static dev.longwave.token.TokenRefusedException.Reason.ENCRYPTED;
import static dev.longwave.token.TokenRefusedException.Reason.EXPIRY_MISSING;
import static dev.longwave.token.TokenRefusedException.Reason.MALFORMED;
import static dev.longwave.token.TokenRefusedException.Reason.SIGNATURE;
import static dev.longwave.token.TokenRefusedException.Reason.TOO_LONG;
import static dev.longwave.token.TokenRefusedException.Reason.UNKNOWN_KEY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.longwave.token.TokenRefusedException.Reason;
import java.nio.charset.StandardCharsets;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a client may try. The server trusts one key of each kind. */
final class TokenAttackTest {

    private static final long SEED = System.nanoTime();
    private static final Instant NOW = Instant.parse("2026-11-28T12:00:00Z");

    private static final NewKey SECRET = NewKey.generate(Algorithm.HS256);
    private static final NewKey RSA = NewKey.generate(Algorithm.RS256);
    private static final NewKey EC = NewKey.generate(Algorithm.ES256);
    private static final NewKey ED = NewKey.generate(Algorithm.EDDSA);
    private static final KeySet TRUSTED = Forge.keys(SECRET).plus(Forge.publicKeys(RSA, EC, ED));
    private static final NewKey MALLORY = NewKey.generate(Algorithm.ES256);

    private static final String CLAIMS =
            "{\"sub\":\"alice\",\"exp\":%d}".formatted(NOW.getEpochSecond() + 60);
    private static final String GOOD = signed("{\"alg\":\"HS256\"}", CLAIMS);

    record Attack(String name, String token, Reason reason) {
        @Override
        public String toString() {
            return name;
        }
    }

    @ParameterizedTest
    @MethodSource({"algorithms", "keys", "shapes", "encodings", "headers", "claims"})
    void isRefused(Attack attack) {
        assertThatExceptionOfType(TokenRefusedException.class)
                .isThrownBy(() -> verify(attack.token))
                .satisfies(refused -> {
                    assertThat(refused.reason()).isEqualTo(attack.reason);
                    assertThat(refused.getMessage()).doesNotContain("alice", "mallory", "eyJ");
                });
    }

    /** The header names another algorithm than the key has. */
    private static Stream<Attack> algorithms() throws Exception {
        List<Attack> attacks = new ArrayList<>();
        for (String none : List.of("none", "None", "NONE", "nOnE", "", "hs256", "HS256 ", "HS1")) {
            String header = "{\"alg\":\"%s\"}".formatted(none);
            attacks.add(new Attack("alg " + none, Forge.token(header, CLAIMS, ""), ALGORITHM));
            attacks.add(new Attack("alg " + none + ", signed", signed(header, CLAIMS), ALGORITHM));
        }
        for (NewKey pair : List.of(RSA, EC, ED)) {
            String kid = pair.id();
            String header = "{\"alg\":\"HS256\",\"kid\":\"%s\"}".formatted(kid);
            for (byte[] known : publicForms(pair)) {
                attacks.add(
                        new Attack(
                                "public key as secret " + pair.publicJwk().orElseThrow(),
                                Forge.hmac(known, header, CLAIMS),
                                ALGORITHM));
                attacks.add(
                        new Attack(
                                "public key as secret, without kid",
                                Forge.hmac(known, "{\"alg\":\"HS256\"}", CLAIMS),
                                SIGNATURE));
            }
        }
        attacks.add(
                new Attack(
                        "another algorithm of the pair, which its alg rules out",
                        Forge.signed(
                                Forge.keys(RSA),
                                "{\"alg\":\"PS256\",\"kid\":\"%s\"}".formatted(RSA.id()),
                                CLAIMS),
                        ALGORITHM));
        attacks.add(
                new Attack(
                        "psychic signature: zeros, CVE-2022-21449",
                        Forge.token("{\"alg\":\"ES256\"}", CLAIMS, Base64Url.encode(new byte[64])),
                        SIGNATURE));
        attacks.add(
                new Attack(
                        "no signature", Forge.token("{\"alg\":\"ES256\"}", CLAIMS, ""), SIGNATURE));
        attacks.add(
                new Attack(
                        "EdDSA of zeros",
                        Forge.token("{\"alg\":\"EdDSA\"}", CLAIMS, Base64Url.encode(new byte[64])),
                        SIGNATURE));
        attacks.add(
                new Attack(
                        "RS256 of one",
                        Forge.token("{\"alg\":\"RS256\"}", CLAIMS, Base64Url.encode(one(384))),
                        SIGNATURE));
        return attacks.stream();
    }

    /** What everyone knows of a pair, in the forms that libraries have mistaken for a secret. */
    private static List<byte[]> publicForms(NewKey pair) throws Exception {
        List<byte[]> forms = new ArrayList<>();
        String jwk = pair.publicJwk().orElseThrow();
        forms.add(jwk.getBytes(StandardCharsets.UTF_8));
        if (pair == RSA) {
            RSAPublicKey key = com.nimbusds.jose.jwk.RSAKey.parse(jwk).toRSAPublicKey();
            String base64 =
                    Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key.getEncoded());
            String pem = "-----BEGIN PUBLIC KEY-----\n" + base64 + "\n-----END PUBLIC KEY-----";
            forms.add(key.getEncoded());
            forms.add(key.getModulus().toByteArray());
            forms.add(pem.getBytes(StandardCharsets.US_ASCII));
            forms.add((pem + "\n").getBytes(StandardCharsets.US_ASCII));
        }
        return forms;
    }

    /** The token brings its own key. */
    private static Stream<Attack> keys() {
        String jwk = MALLORY.publicJwk().orElseThrow();
        return Stream.of(
                        "\"jwk\":" + jwk,
                        "\"jku\":\"https://mallory.example/keys\"",
                        "\"x5u\":\"https://mallory.example/cert\"",
                        "\"x5c\":[\"MIIB\"]")
                .flatMap(key ->
                        Stream.of(
                                byMallory("{\"alg\":\"ES256\",%s}".formatted(key), SIGNATURE),
                                byMallory(
                                        "{\"alg\":\"ES256\",%s,\"kid\":\"%s\"}"
                                                .formatted(key, EC.id()),
                                        SIGNATURE),
                                byMallory(
                                        "{\"alg\":\"ES256\",%s,\"kid\":\"%s\"}"
                                                .formatted(key, MALLORY.id()),
                                        UNKNOWN_KEY)));
    }

    private static Attack byMallory(String header, Reason reason) {
        return new Attack(header, Forge.signed(Forge.keys(MALLORY), header, CLAIMS), reason);
    }

    private static Stream<Attack> shapes() {
        return Stream.of(
                new Attack("empty", "", MALFORMED),
                new Attack("a word", "mallory", MALFORMED),
                new Attack("two parts", "eyJ.eyJ", MALFORMED),
                new Attack("four parts", GOOD + ".x", MALFORMED),
                new Attack("encrypted", "eyJ.eyJ.eyJ.eyJ.eyJ", ENCRYPTED),
                new Attack("dots", ".".repeat(8192), MALFORMED),
                new Attack("too long", GOOD + "A".repeat(8193 - GOOD.length()), TOO_LONG),
                new Attack("detached payload", part(GOOD, 0) + ".." + part(GOOD, 2), MALFORMED),
                new Attack("JSON serialization", "{\"payload\":\"e30\"}", MALFORMED),
                new Attack("a token of a token", signed("{\"alg\":\"HS256\"}", GOOD), MALFORMED));
    }

    /** The same bytes in another text, or a text that is read leniently elsewhere. */
    private static Stream<Attack> encodings() {
        String[] parts = GOOD.split("\\.", -1);
        return Stream.of(
                new Attack("padding", GOOD + "=", MALFORMED),
                new Attack("space at the end", GOOD + " ", MALFORMED),
                new Attack("line break", parts[0] + "." + parts[1] + ".\n" + parts[2], MALFORMED),
                new Attack("base64, not base64url", GOOD + "+", MALFORMED),
                new Attack("a letter beyond Latin-1", GOOD + "\u0141", MALFORMED),
                new Attack("trailing bits", trailingBits(GOOD), MALFORMED),
                new Attack("zero", GOOD + '\0', MALFORMED),
                new Attack(
                        "header in Latin-1",
                        Base64Url.encode(
                                        "{\"alg\":\"HS256\",\"x\":\"\u00e9\"}"
                                                .getBytes(StandardCharsets.ISO_8859_1))
                                + GOOD.substring(GOOD.indexOf('.')),
                        MALFORMED),
                new Attack(
                        "header in UTF-16",
                        Base64Url.encode("{\"alg\":\"HS256\"}".getBytes(StandardCharsets.UTF_16))
                                + GOOD.substring(GOOD.indexOf('.')),
                        MALFORMED),
                new Attack(
                        "byte order mark", signed("\uFEFF{\"alg\":\"HS256\"}", CLAIMS), MALFORMED));
    }

    private static Stream<Attack> headers() {
        return Stream.of(
                attackByHeader("{\"alg\":\"HS256\",\"crit\":[\"exp\"]}", CRITICAL_HEADER),
                attackByHeader("{\"alg\":\"HS256\",\"crit\":[]}", CRITICAL_HEADER),
                attackByHeader("{\"alg\":\"HS256\",\"crit\":null}", CRITICAL_HEADER),
                attackByHeader(
                        "{\"alg\":\"HS256\",\"b64\":false,\"crit\":[\"b64\"]}", CRITICAL_HEADER),
                attackByHeader("{\"alg\":\"none\",\"alg\":\"HS256\"}", DUPLICATE_NAME),
                attackByHeader("{\"alg\":\"HS256\",\"\\u0061lg\":\"none\"}", DUPLICATE_NAME),
                attackByHeader("{\"alg\":\"HS256\",\"x\":{\"y\":1,\"y\":2}}", DUPLICATE_NAME),
                attackByHeader("{}", MALFORMED),
                attackByHeader("{\"alg\":null}", MALFORMED),
                attackByHeader("{\"alg\":[\"HS256\"]}", MALFORMED),
                attackByHeader("{\"alg\":256}", MALFORMED),
                attackByHeader("{\"Alg\":\"HS256\"}", MALFORMED),
                attackByHeader("{\"alg\":\"HS256\",\"kid\":\"mallory\"}", UNKNOWN_KEY),
                attackByHeader("{\"alg\":\"HS256\",\"kid\":\"\"}", UNKNOWN_KEY),
                attackByHeader("{\"alg\":\"HS256\",\"kid\":\"../../dev/null\"}", UNKNOWN_KEY),
                attackByHeader("{\"alg\":\"HS256\",\"kid\":null}", MALFORMED),
                attackByHeader("{\"alg\":\"HS256\",\"kid\":7}", MALFORMED),
                attackByHeader("{\"alg\":\"HS256\",\"kid\":\"%s\"}".formatted(RSA.id()), ALGORITHM),
                attackByHeader("[]", MALFORMED),
                attackByHeader("\"HS256\"", MALFORMED),
                attackByHeader("", MALFORMED),
                attackByHeader("{\"alg\":\"HS256\"}{}", MALFORMED),
                attackByHeader("{\"alg\":\"HS256\"} x", MALFORMED),
                attackByHeader("{'alg':'HS256'}", MALFORMED),
                attackByHeader("{alg:\"HS256\"}", MALFORMED),
                attackByHeader("{\"alg\":\"HS256\",}", MALFORMED),
                attackByHeader("{\"alg\":\"HS256\"/**/}", MALFORMED),
                attackByHeader("{\"alg\":\"HS256\",\"x\":NaN}", MALFORMED),
                attackByHeader("{\"alg\":\"HS256\",\"x\":TRUE}", MALFORMED),
                attackByHeader("{\"alg\":\"HS256\",\"x\":\"\n\"}", MALFORMED),
                attackByHeader("{\"alg\":\"HS256\",\"x\":\"\\ud800\"}", MALFORMED),
                attackByHeader(
                        "{\"alg\":\"HS256\",\"x\":" + "[".repeat(2000) + "]".repeat(2000) + "}",
                        MALFORMED));
    }

    private static Attack attackByHeader(String header, Reason reason) {
        return new Attack(header, signed(header, CLAIMS), reason);
    }

    private static Stream<Attack> claims() {
        Stream<Attack> shapes =
                Stream.of(
                        attackByClaims("{}", EXPIRY_MISSING),
                        attackByClaims("[]", MALFORMED),
                        attackByClaims("null", MALFORMED),
                        attackByClaims("", MALFORMED),
                        attackByClaims("{\"exp\":1,\"exp\":9999999999}", DUPLICATE_NAME),
                        attackByClaims("{\"exp\":1,\"\\u0065xp\":9999999999}", DUPLICATE_NAME),
                        attackByClaims(
                                "{\"exp\":9999999999,\"longwave\":[{\"publish\":[],\"publish\":[\"**\"]}]}",
                                DUPLICATE_NAME));
        Stream<Attack> expiry =
                Stream.of(
                                "null",
                                "\"9999999999\"",
                                "true",
                                "[]",
                                "{}",
                                "-1",
                                "1e400",
                                "-1e400",
                                "1e300",
                                "9".repeat(400),
                                "9223372036854775807",
                                "9223372036854775808",
                                "1795867200000", // milliseconds
                                "253402300800",
                                "0x7fffffff",
                                "01",
                                "Infinity")
                        .map(value -> attackByClaims("{\"exp\":%s}".formatted(value), MALFORMED));
        Stream<Attack> others =
                Stream.of(
                                "\"nbf\":\"0\"",
                                "\"nbf\":null",
                                "\"iat\":\"0\"",
                                "\"sub\":7",
                                "\"sub\":null",
                                "\"sub\":\"\"",
                                "\"sub\":[\"alice\"]",
                                "\"sub\":\"a\\u0000b\"",
                                "\"sub\":\"a\\nb\"",
                                "\"sub\":\"a\\u0085b\"",
                                "\"sub\":\"" + "x".repeat(256) + '"',
                                "\"iss\":{}",
                                "\"iss\":\"\"",
                                "\"jti\":1",
                                "\"aud\":7",
                                "\"aud\":null",
                                "\"aud\":[\"a\",7]",
                                "\"aud\":[[\"a\"]]",
                                "\"aud\":{}")
                        .map(member ->
                                attackByClaims(
                                        "{\"exp\":%d,%s}"
                                                .formatted(NOW.getEpochSecond() + 60, member),
                                        MALFORMED));
        return Stream.of(shapes, expiry, others).flatMap(stream -> stream);
    }

    private static Attack attackByClaims(String claims, Reason reason) {
        return new Attack(claims, signed("{\"alg\":\"HS256\"}", claims), reason);
    }

    @Test
    void acceptsTheTokenThatTheAttacksStartFrom() throws Exception {
        assertThat(verify(GOOD).subject()).isEqualTo("alice");
    }

    @Test
    void tellsAForgerNothingAboutClaims() {
        String expired = Forge.token("{\"alg\":\"HS256\"}", "{\"exp\":0}", "AAAA");

        assertThatExceptionOfType(TokenRefusedException.class)
                .isThrownBy(() -> verify(expired))
                .satisfies(refused -> assertThat(refused.reason()).isEqualTo(SIGNATURE));
    }

    /** Each character of a token matters, for each kind of key. */
    @Test
    void refusesATokenOfWhichOneCharacterWasChanged() {
        String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        var random = new Random(SEED);
        for (NewKey key : List.of(SECRET, RSA, EC, ED)) {
            String header =
                    "{\"alg\":\"%s\",\"kid\":\"%s\"}"
                            .formatted(
                                    Forge.keys(key).signing().orElseThrow().algorithm(), key.id());
            String token = Forge.signed(Forge.keys(key), header, CLAIMS);
            for (int i = 0; i < token.length(); i++) {
                char other = alphabet.charAt(random.nextInt(alphabet.length()));
                if (other == token.charAt(i)) {
                    continue;
                }
                String changed = token.substring(0, i) + other + token.substring(i + 1);

                assertThatExceptionOfType(TokenRefusedException.class)
                        .as("seed=%d place=%d character=%s", SEED, i, other)
                        .isThrownBy(() -> verify(changed));
            }
        }
    }

    private static String signed(String header, String claims) {
        return Forge.signed(Forge.keys(SECRET), header, claims);
    }

    private static String part(String token, int index) {
        return token.split("\\.", -1)[index];
    }

    /** The last character of 32 bytes carries two bits that count for nothing. */
    private static String trailingBits(String token) {
        char last = token.charAt(token.length() - 1);
        return token.substring(0, token.length() - 1) + (char) (last + 1);
    }

    private static byte[] one(int bytes) {
        byte[] one = new byte[bytes];
        one[bytes - 1] = 1;
        return one;
    }

    private static Token verify(String token) throws TokenRefusedException {
        return TokenVerifier.verify(token, TRUSTED, TokenRules.DEFAULT, NOW);
    }
}
