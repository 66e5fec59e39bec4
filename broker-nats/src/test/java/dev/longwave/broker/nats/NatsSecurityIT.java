package dev.longwave.broker.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.BrokerContext;
import dev.longwave.broker.BrokerException;
import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.Message;
import dev.longwave.broker.Settings;
import dev.longwave.broker.Start;
import dev.longwave.broker.testing.NatsServer;
import dev.longwave.broker.testing.NatsServer.Generation;
import dev.longwave.broker.testing.RecordingSink;
import dev.longwave.broker.testing.TestClock;
import io.nats.client.NKey;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** TLS and logins, against servers that insist on them. */
final class NatsSecurityIT {

    private static final String SECRET = "pass-word-17";
    private static final String WRONG = "guess-word-18";

    private static final Duration TIMEOUT = Duration.ofMinutes(2); // a watchdog

    private static CertificateAuthority ours;
    private static CertificateAuthority other;

    @TempDir private Path directory;

    @BeforeAll
    static void certify(@TempDir Path stores) throws Exception {
        ours =
                new CertificateAuthority(stores.resolve("ours"))
                        .certify("server", "dns:localhost,ip:127.0.0.1")
                        .certify("named", "dns:localhost")
                        .certify("elsewhere", "dns:elsewhere.example,ip:127.0.0.2")
                        .certify("node", "dns:node.example");
        other =
                new CertificateAuthority(stores.resolve("other"))
                        .certify("node", "dns:node.example");
    }

    // TLS

    @ParameterizedTest
    @EnumSource
    void worksByTls(Generation generation) throws Exception {
        try (var server = NatsServer.start(generation, tls("server", ""))) {
            assertWorks(trusting(ours, Map.of("servers", address("127.0.0.1", server))));
        }
    }

    @Test
    void usesTlsForAnAddressWithoutASchemeIfThereIsATrustStore() throws Exception {
        try (var server = NatsServer.start(Generation.CURRENT, tls("server", ""))) {
            assertWorks(trusting(ours, Map.of("servers", "127.0.0.1:" + server.port())));
        }
    }

    @Test
    void checksTheNameThatItWasTold() throws Exception {
        try (var server = NatsServer.start(Generation.CURRENT, tls("named", ""))) {
            assertWorks(trusting(ours, Map.of("servers", address("localhost", server))));
            assertRefused(trusting(ours, Map.of("servers", address("127.0.0.1", server))))
                    .isInstanceOf(BrokerConfigurationException.class)
                    .hasMessageContaining("TLS with the servers failed")
                    .hasMessageContaining("127.0.0.1");
        }
    }

    @Test
    void findsTheServerAgainByItsName() throws Exception {
        try (var server = NatsServer.start(Generation.CURRENT, tls("named", ""));
                Broker node =
                        create(trusting(ours, Map.of("servers", address("localhost", server))))) {
            var sink = new RecordingSink();
            node.subscribe("topic", sink);

            server.process().restart();
            await().atMost(TIMEOUT)
                    .pollInSameThread()
                    .ignoreExceptionsInstanceOf(BrokerUnavailableException.class)
                    .until(() -> node.publish("topic", text("1")) != null);

            sink.awaitText("1");
        }
    }

    @Test
    void refusesACertificateOfSomebodyElse() throws Exception {
        try (var server = NatsServer.start(Generation.CURRENT, tls("elsewhere", ""))) {
            for (String host : List.of("localhost", "127.0.0.1")) {
                assertRefused(trusting(ours, Map.of("servers", address(host, server))))
                        .isInstanceOf(BrokerConfigurationException.class)
                        .hasMessageContaining("TLS with the servers failed")
                        .hasMessageContaining(host);
            }
        }
    }

    @Test
    void refusesACertificateOfAnAuthorityThatIsNotTrusted() throws Exception {
        try (var server = NatsServer.start(Generation.CURRENT, tls("server", ""))) {
            String uri = address("localhost", server);
            for (Map<String, String> settings :
                    List.of(trusting(other, Map.of("servers", uri)), Map.of("servers", uri))) {
                assertRefused(settings)
                        .isInstanceOf(BrokerConfigurationException.class)
                        .hasMessageContaining("TLS with the servers failed")
                        .hasMessageContaining("broker.nats.trust-store")
                        .hasMessageContaining("PKIX path");
            }
        }
    }

    @Test
    void saysThatTheServerWantsTlsOrHasNone() throws Exception {
        try (var server = NatsServer.start(Generation.CURRENT, tls("server", ""))) {
            assertRefused(Map.of("servers", server.uri()))
                    .isInstanceOf(BrokerUnavailableException.class)
                    .hasMessageContaining("SSL required by server");
        }
        try (var server = NatsServer.start(Generation.CURRENT)) {
            assertRefused(trusting(ours, Map.of("servers", address("127.0.0.1", server))))
                    .isInstanceOf(BrokerUnavailableException.class)
                    .hasMessageContaining("SSL connection wanted by client");
        }
    }

    @Test
    void showsACertificateOfItsOwn() throws Exception {
        String verifying = "verify: true, ca_file: \"" + ours.certificate() + '"';
        try (var server = NatsServer.start(Generation.CURRENT, tls("server", verifying))) {
            Map<String, String> settings =
                    trusting(ours, Map.of("servers", address("localhost", server)));
            assertWorks(showing(ours, settings));

            // In TLS 1.3 the library may see the server's alert, a broken pipe or nothing at all.
            for (Map<String, String> without : List.of(settings, showing(other, settings))) {
                assertRefused(without)
                        .isInstanceOf(BrokerException.class)
                        .hasMessageContaining("key-store");
            }
        }
    }

    @Test
    void beginsByTlsWhereTheServerDoes() throws Exception {
        try (var server =
                NatsServer.start(Generation.CURRENT, tls("server", "handshake_first: true"))) {
            Map<String, String> settings =
                    trusting(ours, Map.of("servers", address("localhost", server)));
            assertWorks(with(settings, "tls-first", "true"));

            assertRefused(settings)
                    .isInstanceOf(BrokerUnavailableException.class)
                    .hasMessageContaining("broker.nats.tls-first");
            assertRefused(trusting(other, with(settings, "tls-first", "true")))
                    .isInstanceOf(BrokerConfigurationException.class)
                    .hasMessageContaining("PKIX path");
        }
        try (var server = NatsServer.start(Generation.CURRENT, tls("server", ""))) {
            Map<String, String> settings = Map.of("servers", address("localhost", server));
            assertRefused(trusting(ours, with(settings, "tls-first", "true")))
                    .isInstanceOf(BrokerConfigurationException.class)
                    .hasMessageContaining("tls-first");
        }
    }

    @Test
    void saysWhichStoreCannotBeUsed() throws Exception {
        Map<String, String> settings = showing(ours, trusting(ours, Map.of()));
        Path nowhere = directory.resolve("nowhere.p12");
        for (String store : List.of("trust-store", "key-store")) {
            for (Map<String, String> bad :
                    List.of(
                            with(settings, store, nowhere.toString()),
                            with(settings, store + "-password", WRONG))) {
                assertRefused(bad)
                        .isInstanceOf(BrokerConfigurationException.class)
                        .hasMessageContaining("broker.nats." + store + " cannot be used")
                        .hasMessageContaining(".p12");
            }
        }
        var withoutPassword = new HashMap<>(settings);
        withoutPassword.remove("trust-store-password");
        assertRefused(withoutPassword)
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("broker.nats.trust-store cannot be used");
    }

    // Logins

    @Test
    void logsInByUserAndPassword() {
        try (var server = guarded("user: ann, password: " + SECRET)) {
            Map<String, String> settings = Map.of("servers", server.uri());
            assertWorks(with(settings, "user", "ann", "password", SECRET));

            assertLoginRefused(settings);
            assertLoginRefused(with(settings, "user", "ann", "password", WRONG));
        }
    }

    @Test
    void logsInByToken() {
        try (var server = guarded("token: " + SECRET)) {
            Map<String, String> settings = Map.of("servers", server.uri());
            assertWorks(with(settings, "token", SECRET));

            assertLoginRefused(with(settings, "token", WRONG));
        }
    }

    @Test
    void logsInByNkey() throws Exception {
        NKey known = NKey.createUser(new SecureRandom());
        NKey stranger = NKey.createUser(new SecureRandom());
        try (var server =
                guarded("users: [ { nkey: " + new String(known.getPublicKey()) + " } ]")) {
            Map<String, String> settings = Map.of("servers", server.uri());
            assertWorks(with(settings, "nkey-file", file(new String(known.getSeed()) + '\n')));

            String seed = new String(stranger.getSeed());
            assertLoginRefused(with(settings, "nkey-file", file(seed)), seed);
        }
    }

    @Test
    void logsInByCredentials() throws Exception {
        var accounts = new JwtAccounts();
        String stranger = new JwtAccounts().newUser();
        try (var server = NatsServer.start(Generation.CURRENT, accounts.configuration())) {
            Map<String, String> settings = Map.of("servers", server.uri());
            assertWorks(with(settings, "credentials-file", file(accounts.newUser())));

            assertLoginRefused(
                    with(settings, "credentials-file", file(stranger)),
                    stranger.lines().filter(line -> line.length() > 50).toArray(String[]::new));
            assertLoginRefused(settings);
        }
    }

    @Test
    void logsInByTls() throws Exception {
        String mapping =
                """
                authorization { users: [ { user: "CN=node" } ] }
                """;
        String verifying = "verify_and_map: true, ca_file: \"" + ours.certificate() + '"';
        try (var server =
                NatsServer.start(Generation.CURRENT, tls("server", verifying) + mapping)) {
            assertWorks(
                    showing(ours, trusting(ours, Map.of("servers", address("localhost", server)))));
        }
    }

    @Test
    void refusesAFileThatHoldsNoKey() throws Exception {
        for (String setting : List.of("nkey-file", "credentials-file")) {
            for (String content : List.of(WRONG, "", "SUAHELLO" + WRONG, "\u00e9")) {
                assertRefused(with(Map.of(), setting, file(content)))
                        .isInstanceOf(BrokerConfigurationException.class)
                        .hasMessageContaining("broker.nats." + setting);
            }
            assertRefused(Map.of(setting, directory.resolve("nowhere").toString()))
                    .isInstanceOf(BrokerConfigurationException.class)
                    .hasMessageContaining("nowhere");
        }
    }

    // What the tests are made of

    /** Publishes, and sees it live, in the log, and by a second node; and wins a claim. */
    private static void assertWorks(Map<String, String> settings) {
        try (var log = LogCapture.open();
                Broker node = create(settings);
                Broker second = create(settings)) {
            var sink = new RecordingSink();
            second.subscribe("topic", sink);

            node.publish("topic", text("1"));

            sink.awaitText("1");
            var page =
                    second.history(
                            "topic", Start.earliest(), null, Integer.MAX_VALUE, Integer.MAX_VALUE);
            assertThat(RecordingSink.texts(page.entries())).containsExactly("1");
            assertThat(node.claim("key", Duration.ofMinutes(1))).isTrue();
            assertThat(second.claim("key", Duration.ofMinutes(1))).isFalse();
            assertTellsNothing(log.text());
        }
    }

    private static void assertLoginRefused(Map<String, String> settings, String... secrets) {
        assertRefused(settings, secrets)
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("refuse the login")
                .hasMessageContaining("servers=127.0.0.1:");
    }

    /** Does not start, and tells no secret to anybody. */
    private static AbstractThrowableAssert<?, ? extends Throwable> assertRefused(
            Map<String, String> settings, String... secrets) {
        try (var log = LogCapture.open()) {
            Throwable refusal = catchThrowable(() -> create(settings).close());
            assertThat(refusal).isNotNull();
            assertTellsNothing(log.text() + LogCapture.of(refusal), secrets);
            return assertThat(refusal);
        }
    }

    private static void assertTellsNothing(String text, String... secrets) {
        assertThat(text).doesNotContain(SECRET, WRONG, CertificateAuthority.PASSWORD);
        for (String secret : secrets) {
            assertThat(text).doesNotContain(secret);
        }
    }

    private static Broker create(Map<String, String> settings) {
        var values = new HashMap<String, String>();
        values.put("broker.nats.timeout", "PT5S");
        settings.forEach((key, value) -> values.put("broker.nats." + key, value));
        return new NatsBrokerProvider()
                .settings(new Settings(values).section("broker.nats"))
                .connect(BrokerContext.builder("node").clock(new TestClock()).build());
    }

    private static Message text(String text) {
        return Message.of(text.getBytes(StandardCharsets.UTF_8));
    }

    private static NatsServer guarded(String authorization) {
        return NatsServer.start(Generation.CURRENT, "authorization { " + authorization + " }");
    }

    private static String tls(String alias, String more) throws Exception {
        return """
        tls { cert_file: "%s", key_file: "%s", %s }
        """
                .formatted(ours.certificates(alias), ours.key(alias), more);
    }

    private static String address(String host, NatsServer server) {
        return "tls://" + host + ':' + server.port();
    }

    private static Map<String, String> trusting(
            CertificateAuthority authority, Map<String, String> settings) throws Exception {
        return with(
                settings,
                "trust-store",
                authority.trustStore().toString(),
                "trust-store-password",
                CertificateAuthority.PASSWORD);
    }

    private static Map<String, String> showing(
            CertificateAuthority authority, Map<String, String> settings) throws Exception {
        return with(
                settings,
                "key-store",
                authority.keyStore("node").toString(),
                "key-store-password",
                CertificateAuthority.PASSWORD);
    }

    private static Map<String, String> with(
            Map<String, String> settings, String... namesAndValues) {
        var all = new HashMap<>(settings);
        for (int i = 0; i < namesAndValues.length; i += 2) {
            all.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return all;
    }

    private String file(String content) throws Exception {
        Path file = Files.createTempFile(directory, "login-", ".txt");
        return Files.writeString(file, content).toString();
    }
}
