package dev.longwave.server.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.longwave.server.config.ConfigSources;
import dev.longwave.server.http.HttpFetch;
import dev.longwave.server.http.ProblemException;
import dev.longwave.server.session.Credential;
import dev.longwave.token.KeySet;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Keys from a URL that answers as it should, badly, or not at all. */
final class JwksKeysTest {

    private static final Duration REFRESH = Duration.ofMinutes(10);
    private static final Duration TIMEOUT = Duration.ofMinutes(1);
    private static final int MAX_BYTES = 10_000;

    private final AtomicLong now = new AtomicLong();
    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicInteger changes = new AtomicInteger();
    private volatile Answer answer = exchange -> respond(exchange, 200, jwks("one"));
    private final CountDownLatch ended = new CountDownLatch(1);
    private HttpServer provider;
    private JwksKeys keys;

    private interface Answer {
        void to(HttpExchange exchange) throws IOException;
    }

    @BeforeEach
    void start() throws IOException {
        provider = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        provider.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        provider.createContext(
                "/",
                exchange -> {
                    requests.incrementAndGet();
                    answer.to(exchange);
                });
        provider.start();
        keys =
                new JwksKeys(
                        url(),
                        new HttpFetch(TIMEOUT, MAX_BYTES),
                        REFRESH,
                        now::get,
                        changes::incrementAndGet);
    }

    private URI url() {
        return URI.create("http://127.0.0.1:" + provider.getAddress().getPort() + "/jwks");
    }

    @AfterEach
    void stop() {
        ended.countDown();
        keys.close();
        provider.stop(0);
    }

    @Test
    void fetchesKeysOnceForMany() {
        assertThat(keys.keys()).isSameAs(keys.keys());
        assertThat(requests).hasValue(1);
    }

    @Test
    void looksAgainForAnUnknownKeyAndThenNotForAWhile() {
        var first = keys.keys();
        advance(Duration.ofSeconds(10));

        var second = keys.newer();
        var third = keys.newer();

        assertThat(second).isNotSameAs(first);
        assertThat(third).isSameAs(second);
        assertThat(requests).hasValue(2);
    }

    @Test
    void fetchesTheKeyThatAnotherNodeHasSeenAlready() throws Exception {
        String before = jwks("one");
        String after = jwks("two");
        answer = exchange -> respond(exchange, 200, before);
        assertThat(keys.contains(thumbprint(before))).isTrue();
        answer = exchange -> respond(exchange, 200, after);
        advance(Duration.ofSeconds(10));

        assertThat(keys.contains(thumbprint(after))).isTrue();

        assertThat(keys.contains(thumbprint(before))).isFalse();
        assertThat(requests).hasValue(2);
    }

    @Test
    void cannotSayThatAKeyIsGoneIfItWasNeverReached() throws Exception {
        answer = HttpExchange::close;
        KeySet secret = KeySet.secret("A".repeat(43));
        KeySource both = KeySource.all(List.of(KeySource.of(() -> secret), keys));

        assertThat(both.contains(ofSecret("A".repeat(43)))).isTrue();
        assertThatThrownBy(() -> both.contains("other"))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        e -> assertThat(e.problem().rule()).isEqualTo("keys-unavailable"));
    }

    @Test
    void refreshesKeysThatAreOld() {
        var first = keys.keys();
        advance(REFRESH.minusNanos(1));
        keys.refreshIfDue();
        assertThat(keys.keys()).isSameAs(first);

        advance(Duration.ofNanos(1));
        keys.refreshIfDue();

        assertThat(keys.keys()).isNotSameAs(first);
        assertThat(requests).hasValue(2);
    }

    @Test
    void fetchesNothingBeforeItIsNeeded() {
        advance(REFRESH);
        keys.refreshIfDue();

        assertThat(requests).hasValue(0);
    }

    @Test
    void triesAgainUntilThereAreKeys() {
        answer = HttpExchange::close;
        assertThatThrownBy(keys::keys).isInstanceOf(ProblemException.class);
        answer = exchange -> respond(exchange, 200, jwks("one"));
        keys.refreshIfDue();
        assertThat(changes).hasValue(0);

        advance(Duration.ofSeconds(10));
        keys.refreshIfDue();

        assertThat(changes).hasValue(1);
    }

    @Test
    void noticesChangedKeysWithoutARequest() {
        var refresh = Duration.ofMillis(10);
        LongSupplier minutes = () -> now.addAndGet(Duration.ofMinutes(1).toNanos());
        try (var watching =
                new JwksKeys(
                        url(),
                        new HttpFetch(TIMEOUT, MAX_BYTES),
                        refresh,
                        minutes,
                        changes::incrementAndGet)) {
            var _ = watching.keys();

            await().until(() -> changes.get() > 1);
        }
    }

    /** Well before a request for an unknown key, or the timer, would fetch them again. */
    @Test
    void fetchesKeysAgainWhenTheServerIsReloaded() throws Exception {
        String before = jwks("one");
        String after = jwks("two");
        answer = exchange -> respond(exchange, 200, before);
        var settings =
                new ConfigSources(List.of())
                        .assignments(List.of("auth.jwt.jwks-url=" + url()))
                        .settings();
        try (Keys all = Keys.open(AuthSettings.read(settings))) {
            var key = new Credential.Key("auth.jwt", thumbprint(before));
            assertThat(all.know(key)).isTrue();
            answer = exchange -> respond(exchange, 200, after);

            all.prepare().run();

            await().until(() -> !all.know(key));
        }
    }

    @Test
    void keepsTheKeysThroughAnOutage() throws Exception {
        var known = keys.keys();
        for (Answer bad : badAnswers()) {
            answer = bad;
            advance(REFRESH);

            assertThat(keys.newer()).isSameAs(known);
        }
    }

    @Test
    void hasNoKeysWhileTheFirstAnswerIsBad() throws Exception {
        for (Answer bad : badAnswers()) {
            answer = bad;
            advance(REFRESH);

            assertThatThrownBy(keys::keys)
                    .isInstanceOfSatisfying(
                            ProblemException.class,
                            e -> assertThat(e.problem().rule()).isEqualTo("keys-unavailable"));
        }
        answer = exchange -> respond(exchange, 200, jwks("one"));
        advance(REFRESH);

        assertThat(keys.keys()).isNotNull();
    }

    @Test
    void saysThatKeysHaveChangedIfTheyHave() throws Exception {
        String same = jwks("one");
        answer = exchange -> respond(exchange, 200, same);
        var _ = keys.keys();
        advance(REFRESH);
        var _ = keys.newer();

        assertThat(requests).hasValue(2);
        assertThat(changes).as("those that were there first").hasValue(1);

        String other = jwks("two");
        answer = exchange -> respond(exchange, 200, other);
        advance(REFRESH);
        var _ = keys.newer();

        assertThat(changes).hasValue(2);
    }

    @Test
    void doesNotWaitForTheRestOfAnAnswer() {
        answer =
                exchange -> {
                    exchange.sendResponseHeaders(200, 0);
                    exchange.getResponseBody().write('{');
                    exchange.getResponseBody().flush();
                    awaitEnd(); // of the test
                };
        try (var impatient =
                new JwksKeys(
                        url(),
                        new HttpFetch(Duration.ofMillis(200), MAX_BYTES),
                        REFRESH,
                        now::get,
                        changes::incrementAndGet)) {
            assertThatThrownBy(impatient::keys).isInstanceOf(ProblemException.class);
        }
    }

    private Answer[] badAnswers() throws Exception {
        String elsewhere = jwks("elsewhere");
        return new Answer[] {
            exchange -> respond(exchange, 500, elsewhere),
            exchange -> respond(exchange, 200, "<html>"),
            exchange -> respond(exchange, 200, "{}"),
            exchange -> respond(exchange, 200, "{\"keys\":[" + " ".repeat(MAX_BYTES) + "]}"),
            exchange -> {
                if (exchange.getRequestURI().getPath().equals("/jwks")) {
                    exchange.getResponseHeaders().set("Location", "/other");
                    respond(exchange, 302, "");
                } else {
                    respond(exchange, 200, elsewhere);
                }
            },
            HttpExchange::close
        };
    }

    private void awaitEnd() {
        try {
            ended.await();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void advance(Duration by) {
        now.addAndGet(by.toNanos());
    }

    private static String jwks(String id) throws IOException {
        try {
            var generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            var key = (RSAPublicKey) generator.generateKeyPair().getPublic();
            return "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"%s\",\"n\":\"%s\",\"e\":\"AQAB\"}]}"
                    .formatted(
                            id,
                            Base64.getUrlEncoder()
                                    .withoutPadding()
                                    .encodeToString(unsigned(key.getModulus().toByteArray())));
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    /** As RFC 7638 says. */
    private static String thumbprint(String jwks) throws GeneralSecurityException {
        String modulus = jwks.replaceFirst(".*\"n\":\"([^\"]+)\".*", "$1");
        return sha256("{\"e\":\"AQAB\",\"kty\":\"RSA\",\"n\":\"" + modulus + "\"}");
    }

    private static String ofSecret(String secret) throws GeneralSecurityException {
        return sha256("{\"k\":\"" + secret + "\",\"kty\":\"oct\"}");
    }

    private static String sha256(String text) throws GeneralSecurityException {
        byte[] hash =
                MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        return Base64.getUrlEncoder().withoutPadding().encodeToString(hash);
    }

    private static byte[] unsigned(byte[] number) {
        return number[0] == 0 ? Arrays.copyOfRange(number, 1, number.length) : number;
    }

    private static void respond(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }
}
