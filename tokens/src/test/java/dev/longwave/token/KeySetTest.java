package dev.longwave.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class KeySetTest {

    private static final Instant NOW = Instant.parse("2026-11-28T12:00:00Z");
    private static final Map<String, Object> CLAIMS = Map.of("exp", NOW.getEpochSecond() + 60);
    private static final NewKey SECRET = NewKey.generate(Algorithm.HS256);
    private static final NewKey PAIR = NewKey.generate(Algorithm.ES256);

    /** Of openssl req -x509 -newkey ec. */
    private static final String CERTIFICATE =
            """
            -----BEGIN CERTIFICATE-----
            MIIBiTCCAS+gAwIBAgIUQqZ1Y5bEjeSiz0pZ7qKEDi0y+7cwCgYIKoZIzj0EAwIw
            GTEXMBUGA1UEAwwOaXNzdWVyLmV4YW1wbGUwIBcNMjYxMTI4MDY1ODQ1WhgPMjEy
            NjExMDQwNjU4NDVaMBkxFzAVBgNVBAMMDmlzc3Vlci5leGFtcGxlMFkwEwYHKoZI
            zj0CAQYIKoZIzj0DAQcDQgAEHkLke7rJP51i+HJtJnBVFb+cI3A5lqlgPCre5nms
            2nuNHoJ82kxWHthk4PLQ4mSlA/1AvDc4/NXNs0/dfopIaKNTMFEwHQYDVR0OBBYE
            FKSOHpzRrYtTMEj2tmQVou0VAnjlMB8GA1UdIwQYMBaAFKSOHpzRrYtTMEj2tmQV
            ou0VAnjlMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIgP2Pm6MH2
            atKM0SFmxRncJk2hwhWy/dkHEv7ww3xn/nkCIQDsWFHW1kLucyPX3lQS+SqSPXwF
            kjILjDPlQa7m7hFFgQ==
            -----END CERTIFICATE-----
            """;

    @TempDir private Path folder;

    @Test
    void readsAJwk() throws Exception {
        assertSigns(KeySet.read(secretFile(SECRET.jwk())), KeySet.secret(SECRET.jwk()));
    }

    @Test
    void readsAJwkSet() throws Exception {
        String set = "{\"keys\":[%s,%s]}".formatted(SECRET.jwk(), PAIR.publicJwk().orElseThrow());

        KeySet keys = KeySet.read(secretFile(set));

        assertThat(keys).hasToString("[%s [HS256], %s [ES256]]".formatted(SECRET.id(), PAIR.id()));
    }

    @Test
    void leavesOutKeysForEncryption() throws Exception {
        String encryption = PAIR.publicJwk().orElseThrow().replace("\"sig\"", "\"enc\"");
        String set = "{\"keys\":[%s,%s]}".formatted(encryption, PAIR.publicJwk().orElseThrow());

        assertThat(KeySet.read(file(set, "rw-r--r--")))
                .hasToString("[%s [ES256]]".formatted(PAIR.id()));
        assertRefused(file(encryption, "rw-r--r--"), "there is no key for signatures");
    }

    @ParameterizedTest
    @CsvSource({
        "RSA, 2048",
        "EC, secp256r1",
        "EC, secp384r1",
        "EC, secp521r1",
        "Ed25519, ''",
    })
    void readsBothHalvesOfAPairInPem(String kind, String parameters) throws Exception {
        KeyPair pair = pair(kind, parameters);
        Path privateFile = secretFile(pem("PRIVATE KEY", pair.getPrivate()));
        Path publicFile = file(pem("PUBLIC KEY", pair.getPublic()), "rw-r--r--");

        KeySet signing = KeySet.read(privateFile);

        assertSigns(signing, KeySet.read(publicFile));
        assertSigns(signing, signing);
    }

    @Test
    void findsTheHalvesOfOnePairInOneFile() throws Exception {
        KeyPair pair = pair("EC", "secp256r1");
        String privateHalf = pem("PRIVATE KEY", pair.getPrivate());
        String publicHalf = pem("PUBLIC KEY", pair.getPublic());

        for (String both : new String[] {privateHalf + publicHalf, publicHalf + privateHalf}) {
            KeySet keys = KeySet.read(secretFile("A key:\n" + both));

            assertThat(keys).hasToString("[(no ID) [ES256]]");
            assertSigns(keys, keys);
        }
    }

    @Test
    void readsTheKeyOfACertificate() throws Exception {
        KeySet keys = KeySet.read(file(CERTIFICATE, "rw-r--r--"));

        assertThat(keys).hasToString("[(no ID) [ES256]]");
    }

    @Test
    void refusesAChainOfCertificates() throws Exception {
        assertRefused(
                file(CERTIFICATE + CERTIFICATE, "rw-r--r--"),
                "keep only that of the token's issuer");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw----r--", "rw-r--r--", "rwxrwxrwx"})
    void refusesASecretThatOthersCanRead(String permissions) throws Exception {
        Path secret = file(SECRET.jwk(), permissions);
        Path half = file(PAIR.jwk(), permissions);
        Path pem = file(pem("PRIVATE KEY", pair("EC", "secp256r1").getPrivate()), permissions);

        assertRefused(secret, "run chmod 600 " + secret);
        assertRefused(half, "run chmod 600 " + half);
        assertRefused(pem, "run chmod 600 " + pem);
    }

    @Test
    void readsAPublicKeyThatOthersCanRead() throws Exception {
        assertThat(KeySet.read(file(PAIR.publicJwk().orElseThrow(), "rw-r--r--")).isEmpty())
                .isFalse();
    }

    @Test
    void looksAtTheFileBehindALink() throws Exception {
        Path link = folder.resolve("link");
        Files.createSymbolicLink(link, file(SECRET.jwk(), "rw-r--r--"));

        assertRefused(link, "run chmod 600");
    }

    @Test
    void saysWhenAFileCannotBeRead() throws Exception {
        Path missing = folder.resolve("missing");

        assertRefused(missing, "it does not exist");
        assertRefused(folder, "reading failed");
        assertRefused(secretFile(" ".repeat((1 << 20) + 1)), "longer than 1 MiB");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = 'Q',
            value = {
                "QQ ~ neither a JWK nor a PEM",
                "mallory ~ neither a JWK nor a PEM",
                "{ ~ no JWK",
                "{} ~ not a JWK of a supported kind",
                "{\"keys\":[]} ~ there is no key",
                "{\"keys\":{}} ~ must be an array",
                "{\"keys\":[7]} ~ must be an array",
                "{\"kty\":\"oct\",\"kty\":\"RSA\"} ~ a name occurs twice",
                "{\"kty\":\"oct\",\"kid\":\"short\",\"k\":\"AAAAAAAAAAAAAAAAAAAAAA\"} ~ key short:"
                        + " it is an HMAC key of 128 bits",
                "{\"kty\":\"oct\",\"k\":\"\"} ~ a key without an ID: it is an HMAC key of 0 bits",
                "{\"kty\":\"oct\"} ~ not a JWK",
                "{\"kty\":\"oct\",\"k\":7} ~ \"k\" of a JWK must be base64url",
                "{\"kty\":\"oct\",\"k\":\"AA==\"} ~ \"k\" of a JWK must be base64url",
                "{\"kty\":\"oct\",\"k\":\"A A\"} ~ \"k\" of a JWK must be base64url",
                "{\"kty\":\"oct\",\"kid\":7,\"k\":\"AA\"} ~ \"kid\" of a JWK must be a string",
                "{\"kty\":\"oct\",\"alg\":\"none\",\"k\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}"
                    + " ~ its \"alg\" is none",
                "{\"kty\":\"oct\",\"alg\":\"RS256\",\"k\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}"
                    + " ~ its \"alg\" is RS256",
                "{\"kty\":\"oct\",\"alg\":\"HS512\",\"k\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}"
                    + " ~ must be one of [HS256]",
                "{\"kty\":\"oct\",\"use\":\"enc\",\"k\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}"
                    + " ~ there is no key for signatures",
                "{\"kty\":\"oct\",\"key_ops\":[\"encrypt\"],\"k\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}"
                    + " ~ there is no key for signatures",
                "{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08\"}"
                    + " ~ curve is not supported",
                "{\"kty\":\"OKP\",\"crv\":\"Ed448\",\"x\":\"AAAA\"} ~ curve is not supported",
                "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AAAA\"} ~ not a valid key",
                "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AQ\",\"y\":\"AQ\"} ~ not a JWK of a"
                        + " supported kind",
                "{\"kty\":\"EC\",\"crv\":\"P-999\",\"x\":\"AQ\",\"y\":\"AQ\"} ~ supported",
                "{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"} ~ valid key",
            })
    void refusesWhatCannotBeUsed(String text, String message) throws Exception {
        assertRefused(secretFile(text), message);
    }

    @ParameterizedTest
    @CsvSource({
        "PUBLIC KEY,            AAAA, kind is not supported",
        "PRIVATE KEY,           AAAA, kind is not supported",
        "CERTIFICATE,           AAAA, CERTIFICATE cannot be decoded",
        "PUBLIC KEY,            A,    PUBLIC KEY cannot be decoded",
        "EC PARAMETERS,         AAAA, there is no key",
        "public key,            AAAA, there is no key",
        "RSA PRIVATE KEY,       AAAA, openssl pkcs8 -topk8",
        "EC PRIVATE KEY,        AAAA, openssl pkcs8 -topk8",
        "ENCRYPTED PRIVATE KEY, AAAA, openssl pkcs8 -topk8",
        "OPENSSH PRIVATE KEY,   AAAA, and must be \"PUBLIC KEY\"",
    })
    void refusesPemThatCannotBeUsed(String label, String body, String message) throws Exception {
        assertRefused(
                secretFile(
                        "-----BEGIN %s-----\n%s\n-----END %s-----".formatted(label, body, label)),
                message);
    }

    @Test
    void refusesAnRsaKeyThatIsTooShort() throws Exception {
        assertRefused(
                file(pem("PUBLIC KEY", pair("RSA", "1024").getPublic()), "rw-r--r--"),
                "it is an RSA key of 1024 bits");
    }

    /** With the exponent 1, anyone can sign. */
    @Test
    void refusesAnRsaKeyWhoseExponentIsOne() {
        String jwk =
                NewKey.generate(Algorithm.RS256).publicJwk().orElseThrow().replace("AQAB", "AQ");

        assertThat(jwk).contains("\"e\":\"AQ\"");
        assertThatExceptionOfType(KeyException.class)
                .isThrownBy(() -> KeySet.secret(jwk))
                .withMessageContaining("not a valid key");
        assertThat(KeySet.parsePublic("{\"keys\":[%s]}".formatted(jwk)).isEmpty()).isTrue();
    }

    @Test
    void refusesHalvesThatDoNotBelongTogether() throws Exception {
        String other = "\"d\":\"%s\"".formatted(ec(NewKey.generate(Algorithm.ES256)).getD());
        String mixed = PAIR.jwk().replaceFirst("\"d\":\"[^\"]+\"", other);

        assertThat(mixed).isNotEqualTo(PAIR.jwk());
        assertThatExceptionOfType(KeyException.class)
                .isThrownBy(() -> KeySet.secret(mixed))
                .withMessageContaining("does not belong to its public half");
    }

    @Test
    void refusesACurveThatTheJdkHasNot() throws Exception {
        String k256 =
                "{\"kty\":\"EC\",\"crv\":\"secp256k1\",\"x\":\"eb5mfvncu6xVoGKVzocLBwKb_NstzijZWfKBWxb4F5g\","
                    + "\"y\":\"SDradyajxGVdpPv8DhEIqP0XtEimhVQZnEfQj_sQ1Lg\"}";

        assertRefused(file(k256, "rw-r--r--"), "its curve is not supported");
        assertThat(KeySet.parsePublic("{\"keys\":[%s]}".formatted(k256)).isEmpty()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                " AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
                "+///////////////////////////////////////////",
                "-___________________________________________"
            })
    void takesASecretFromText(String text) {
        assertThat(KeySet.secret(text)).hasToString("[(no ID) [HS256]]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "secret", "a pass phrase of more than 32 characters", "AAAA===="})
    void refusesTextThatIsNoSecret(String text) {
        assertThatExceptionOfType(KeyException.class)
                .isThrownBy(() -> KeySet.secret(text))
                .withMessageMatching(".*(openssl rand|longwave keygen).*");
    }

    /** A public set cannot make a secret trusted, or fail for what it has for others. */
    @Test
    void takesOnlyPublicKeysFromAnIssuer() {
        String encryption = PAIR.publicJwk().orElseThrow().replace("\"sig\"", "\"enc\"");
        String published =
                "{\"keys\":[%s,%s,%s,{\"kty\":\"new\"},{\"kty\":\"oct\",\"k\":\"AA\"},{},%s]}"
                        .formatted(
                                SECRET.jwk(),
                                NewKey.generate(Algorithm.EDDSA).jwk(),
                                encryption,
                                PAIR.publicJwk().orElseThrow());

        assertThat(KeySet.parsePublic(published)).hasToString("[%s [ES256]]".formatted(PAIR.id()));
    }

    @Test
    void takesAHundredKeysFromAnIssuer() {
        String key = PAIR.publicJwk().orElseThrow();
        String hundred = key + (',' + key).repeat(99);

        assertThat(KeySet.parsePublic("{\"keys\":[%s]}".formatted(hundred)).isEmpty()).isFalse();
        assertThatExceptionOfType(KeyException.class)
                .isThrownBy(() -> KeySet.parsePublic("{\"keys\":[%s,{}]}".formatted(hundred)))
                .withMessageContaining("keys=101 max=100");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "<html>",
                "[]",
                "{}",
                "{\"kty\":\"oct\"}",
                "{\"keys\":[],\"keys\":[]}",
                "{\"keys\":null}",
                "{\"keys\":[[]]}"
            })
    void refusesWhatIsNoJwkSet(String json) {
        assertThatExceptionOfType(KeyException.class)
                .isThrownBy(() -> KeySet.parsePublic(json))
                .withMessageContaining("JWK");
    }

    @Test
    void refusesAJwkSetWithoutEnd() {
        assertThatExceptionOfType(KeyException.class)
                .isThrownBy(() -> KeySet.parsePublic(" ".repeat((1 << 20) + 1)))
                .withMessageContaining("1 MiB");
    }

    @Test
    void joinsKeys() {
        assertThat(KeySet.empty().isEmpty()).isTrue();
        assertThat(KeySet.empty().plus(KeySet.secret(SECRET.jwk())).plus(KeySet.empty()))
                .hasToString("[%s [HS256]]".formatted(SECRET.id()));
    }

    @Test
    void saysNothingOfASecretInItsMessages() throws Exception {
        String key = PAIR.jwk().replace("\"P-256\"", "\"P-384\"");

        assertThatExceptionOfType(KeyException.class)
                .isThrownBy(() -> KeySet.read(secretFile(key)))
                .satisfies(e -> {
                    for (Throwable t = e; t != null; t = t.getCause()) {
                        assertThat(t.toString()).doesNotContain(ec(PAIR).getD().toString());
                    }
                });
    }

    private static ECKey ec(NewKey key) throws java.text.ParseException {
        return JWK.parse(key.jwk()).toECKey();
    }

    private static void assertSigns(KeySet signing, KeySet verifying) throws Exception {
        String token = new TokenIssuer(signing).issue(CLAIMS);

        assertThat(TokenVerifier.verify(token, verifying, TokenRules.DEFAULT, NOW).expires())
                .isEqualTo(NOW.plusSeconds(60));
    }

    private static void assertRefused(Path file, String message) {
        assertThatExceptionOfType(KeyException.class)
                .isThrownBy(() -> KeySet.read(file))
                .withMessageContaining(file.toString())
                .withMessageContaining(message);
    }

    private static KeyPair pair(String kind, String parameters) throws GeneralSecurityException {
        var generator = KeyPairGenerator.getInstance(kind);
        if (kind.equals("EC")) {
            generator.initialize(new ECGenParameterSpec(parameters));
        } else if (kind.equals("RSA")) {
            generator.initialize(Integer.parseInt(parameters));
        }
        return generator.generateKeyPair();
    }

    private static String pem(String label, Key key) {
        return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
                .formatted(label, Base64.getMimeEncoder().encodeToString(key.getEncoded()), label);
    }

    private Path secretFile(String text) throws IOException {
        return file(text, "rw-------");
    }

    private Path file(String text, String permissions) throws IOException {
        Path file = Files.createTempFile(folder, "key", "");
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
        return file;
    }
}
