package dev.longwave.broker.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.BrokerContext;
import dev.longwave.broker.BrokerException;
import dev.longwave.broker.BrokerFactory;
import dev.longwave.broker.BrokerProvider;
import dev.longwave.broker.BrokerRefusedException;
import dev.longwave.broker.BrokerState;
import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.Durability;
import dev.longwave.broker.Settings;
import dev.longwave.broker.Start;
import dev.longwave.broker.testing.DeploymentFixture;
import dev.longwave.broker.testing.RecordingSink;
import dev.longwave.broker.testing.RedisServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Access control, the messages when it refuses a node, and that no secret is ever logged. */
abstract class RedisSecurity extends DeploymentFixture {

    private static final String SECRET = "hush-4711";
    private static final String STORE_PASSWORD = "changeit";

    @TempDir private static Path directory;
    private static ServerCertificate certificate;
    private static RedisServer.Product product;
    private static RedisServer server;

    private final Queue<LogRecord> records = new ConcurrentLinkedQueue<>();
    private final List<Logger> loggers =
            List.of(Logger.getLogger("dev.longwave"), Logger.getLogger("redis.clients"));
    private final Handler recorder =
            new Handler() {
                @Override
                public void publish(LogRecord record) {
                    records.add(record);
                }

                @Override
                public void flush() {
                    // Nothing is buffered.
                }

                @Override
                public void close() {
                    // Nothing is open.
                }
            };

    @BeforeAll
    static void startServer(TestInfo test) {
        boolean valkey = test.getTestClass().orElseThrow().equals(ValkeySecurityIT.class);
        product = valkey ? RedisServer.Product.VALKEY : RedisServer.Product.REDIS;
        certificate = ServerCertificate.make(directory, "ip:127.0.0.1");
        server = RedisServer.startWithTls(product, certificate.certificate(), certificate.key());
    }

    @AfterAll
    static void closeServer() {
        if (server != null) {
            server.close();
        }
    }

    @BeforeEach
    void admitAndRecord() {
        admit("longwave");
        recorder.setLevel(Level.ALL);
        for (Logger logger : loggers) {
            logger.setLevel(Level.ALL);
            logger.setUseParentHandlers(false);
            logger.addHandler(recorder);
        }
    }

    @AfterEach
    void findsNoSecretInTheLog() {
        for (Logger logger : loggers) {
            logger.removeHandler(recorder);
            logger.setUseParentHandlers(true);
            logger.setLevel(null);
        }
        assertThat(logged()).noneMatch(it -> it.contains(SECRET));
    }

    @Override
    protected BrokerProvider provider() {
        return new RedisBrokerProvider();
    }

    @Override
    protected Map<String, String> deployment() {
        return Map.of(
                "uri",
                "redis://127.0.0.1:" + server.port(),
                "user",
                "longwave",
                "password",
                SECRET,
                "timeout",
                "PT30S");
    }

    @Override
    protected Map<String, String> settingsToKeep(int entries) {
        return Map.of("retention-count", Integer.toString(entries));
    }

    @Test
    void worksByTheCertificatesOfAFile() {
        Broker node = createNode(tls(certificate.authority()));

        assertWorks(node);
    }

    @Test
    void trustsAServersOwnCertificate() {
        assertWorks(createNode(tls(certificate.certificate())));
    }

    @Test
    void worksByTheTrustStoreOfTheJvm() throws Exception {
        Path store = trustStore();
        try (var _ = new Property("javax.net.ssl.trustStore", store.toString());
                var _ = new Property("javax.net.ssl.trustStorePassword", STORE_PASSWORD)) {
            assertWorks(createNode(Map.of("uri", tlsUri("127.0.0.1"))));
        }
    }

    @Test
    void refusesACertificateFromNobodyItTrusts() {
        ServerCertificate other = ServerCertificate.make(directory, "dns:other.example");

        for (Map<String, String> settings :
                List.of(Map.of("uri", tlsUri("127.0.0.1")), tls(other.authority()))) {
            assertThatThrownBy(() -> createNode(settings))
                    .isInstanceOf(BrokerConfigurationException.class)
                    .hasMessageContaining("broker.redis.tls-ca-file")
                    .hasMessageContaining("PKIX path")
                    .hasMessageContaining("server=" + tlsUri("127.0.0.1"));
        }
    }

    @Test
    void refusesACertificateForAnotherHost() {
        assertThatThrownBy(() ->
                        createNode(
                                Map.of(
                                        "uri",
                                        tlsUri("localhost"),
                                        "tls-ca-file",
                                        certificate.authority().toString())))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("No name matching localhost found");
    }

    @Test
    void showsACertificateToAServerThatAsksForOne() {
        try (RedisServer strict =
                RedisServer.startWithTls(
                        product,
                        certificate.certificate(),
                        certificate.key(),
                        "--tls-auth-clients",
                        "yes",
                        "--tls-ca-cert-file",
                        certificate.authority().toString())) {
            String uri = "rediss://127.0.0.1:" + strict.tlsPort();
            var settings = new HashMap<>(tls(certificate.authority()));
            settings.put("uri", uri);
            settings.put("timeout", "PT30S");

            assertThatThrownBy(() -> connect(settings)).isInstanceOf(BrokerException.class);

            settings.put("tls-cert-file", certificate.certificate().toString());
            settings.put("tls-key-file", certificate.key().toString());
            try (Broker node = connect(settings)) {
                assertThat(node.publish(topic, text("1")).duplicate()).isFalse();
            }
        }
    }

    /** Without the user and the password of the deployment. */
    private Broker connect(Map<String, String> settings) {
        return provider()
                .settings(new Settings(settings))
                .connect(BrokerContext.builder("node").build());
    }

    @Test
    void comesBackWhenTheServerDoes() {
        Broker node = createNode(tls(certificate.authority()));
        var sink = new RecordingSink();
        node.subscribe(topic, sink);

        server.process().restart();
        admit("longwave");
        awaitThat("recovery", () -> succeeds(() -> publishNumbers(node, 1, 1)));

        sink.awaitText("1");
    }

    @Test
    void needsNoMoreThanTheRightsOfItsPage() {
        assertWorks(createNode());
        assertThat(server.cli("ACL", "DRYRUN", "longwave", "FLUSHALL")).contains("no permissions");
        assertThat(server.cli("ACL", "DRYRUN", "longwave", "GET", "other:key"))
                .contains("no permissions");
    }

    static Stream<String> rightsOfThePage() {
        return AccessList.rules(SECRET).stream()
                .filter(rule -> rule.startsWith("+") && !rule.equals("+config|get"))
                .map(rule -> rule.equals("+@connection") ? "-ping" : '-' + rule.substring(1));
    }

    @ParameterizedTest
    @MethodSource("rightsOfThePage")
    void doesNotStartWithoutOneOfThem(String withdrawn) {
        admit("poor", withdrawn);

        assertThatThrownBy(() -> createNode(Map.of("user", "poor")))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("access control forbids")
                .hasMessageContaining("user=poor")
                .hasMessageMatching("(?s).*\\b" + withdrawn.substring(1) + "\\b.*");
    }

    @Test
    void doesNotStartWithoutItsChannels() {
        admit("deaf", "resetchannels");

        assertThatThrownBy(() -> createNode(Map.of("user", "deaf")))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("access control forbids")
                .hasMessageContaining("channel");
    }

    @Test
    void doesNotStartWithoutItsKeys() {
        admit("elsewhere", "resetkeys", "~other:*");

        assertThatThrownBy(() -> createNode(Map.of("user", "elsewhere")))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("access control forbids")
                .hasMessageContaining("key");
    }

    @Test
    void promisesLessWhereItMayNotAsk() {
        admit("curious", "-config|get");

        Broker node = createNode(Map.of("user", "curious"));

        assertThat(node.publish(topic, text("1")).durability()).isEqualTo(Durability.STORED);
    }

    @Test
    void leavesNothingBehindAtTheStart() {
        List<String> before = keys();

        createNode();

        assertThat(keys()).isEqualTo(before);
    }

    /** {@return all keys but that by which nodes know of each other} */
    private static List<String> keys() {
        return server.cli("KEYS", "*")
                .lines()
                .filter(key -> !key.endsWith(":nodes"))
                .sorted()
                .toList();
    }

    @Test
    void saysThatThePasswordIsWrong() {
        String uri = "redis://longwave:wrong-" + SECRET + "@127.0.0.1:" + server.port();
        server.cli("ACL", "SETUSER", "absent", "off", ">" + SECRET);
        for (Map<String, String> settings :
                List.of(
                        Map.of("password", "wrong-" + SECRET),
                        Map.of("uri", uri, "password", "other-" + SECRET),
                        Map.of("user", "nobody"),
                        Map.of("user", "absent"))) {
            Throwable thrown = catchThrowable(() -> createNode(settings));

            assertThat(thrown)
                    .isInstanceOf(BrokerConfigurationException.class)
                    .hasMessageContaining("refused the login")
                    .hasMessageContaining("broker.redis.password")
                    .hasMessageContaining("WRONGPASS");
            assertThat(trace(thrown)).doesNotContain(SECRET);
        }
    }

    @Test
    void saysThatAPasswordIsMissing() {
        server.cli("CONFIG", "SET", "requirepass", SECRET);
        try {
            // The user and password of the deployment are not among these settings.
            var settings = new Settings(Map.of("broker.redis.uri", server.uri()));
            BrokerFactory factory = provider().settings(settings.section("broker.redis"));

            assertThatThrownBy(() -> factory.connect(BrokerContext.builder("node").build()))
                    .isInstanceOf(BrokerConfigurationException.class)
                    .hasMessageContaining("refused the login")
                    .hasMessageContaining("NOAUTH");
        } finally {
            server.cli("--pass", SECRET, "--no-auth-warning", "CONFIG", "SET", "requirepass", "");
        }
    }

    @Test
    void saysSoWhenItsPasswordIsChangedUnderIt() {
        Broker node = createNode();
        var sink = new RecordingSink();
        node.subscribe(topic, sink);

        server.cli("ACL", "SETUSER", "longwave", "resetpass", ">new-" + SECRET);
        server.cli("CLIENT", "KILL", "USER", "longwave");
        awaitThat("word of it", () -> states(node).getLast() == BrokerState.DISCONNECTED);
        awaitThat("a warning", () -> warnings().stream().anyMatch(it -> it.contains("WRONGPASS")));

        awaitThat("refusal", () -> refusal(node).contains("WRONGPASS"));
        assertThat(refusal(node)).doesNotContain(SECRET);
        assertThat(warnings()).allMatch(it -> it.lines().count() == 2);
        admit("longwave");
        awaitThat("recovery", () -> succeeds(() -> publishNumbers(node, 2, 2)));
        sink.awaitText("2");
    }

    private void assertWorks(Broker node) {
        var sink = new RecordingSink();
        node.subscribe(topic, sink);

        var positions = publishNumbers(node, 1, 3);

        sink.awaitCount(3);
        assertThat(sink.texts()).isEqualTo(numbers(1, 3));
        assertThat(sink.positions()).isEqualTo(positions);
        assertThat(RecordingSink.texts(readAll(node, Start.earliest(), null)))
                .isEqualTo(numbers(1, 3));
        assertThat(node.publish(topic, text("4", "id")).duplicate()).isFalse();
        assertThat(node.publish(topic, text("4", "id")).duplicate()).isTrue();
        assertThat(node.claim(topic, TIMEOUT)).isTrue();
        assertThat(node.claim(topic, TIMEOUT)).isFalse();
        assertThat(server.cli("CLIENT", "LIST", "TYPE", "pubsub")).contains("user=longwave");
    }

    /** Creates the documented user, with changes. */
    private static void admit(String user, String... changes) {
        var command = new ArrayList<>(List.of("ACL", "SETUSER", user, "reset"));
        command.addAll(AccessList.rules(SECRET));
        command.addAll(List.of(changes));
        assertThat(server.cli(command.toArray(String[]::new))).isEqualTo("OK");
    }

    private static Map<String, String> tls(Path trusted) {
        return Map.of("uri", tlsUri("127.0.0.1"), "tls-ca-file", trusted.toString());
    }

    private static String tlsUri(String host) {
        return "rediss://" + host + ':' + server.tlsPort();
    }

    private static Path trustStore() throws GeneralSecurityException, IOException {
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        try (InputStream in = Files.newInputStream(certificate.authority())) {
            store.setCertificateEntry(
                    "ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        Path file = directory.resolve("trusted.p12");
        try (OutputStream out = Files.newOutputStream(file)) {
            store.store(out, STORE_PASSWORD.toCharArray());
        }
        return file;
    }

    private static boolean succeeds(Runnable work) {
        try {
            work.run();
            return true;
        } catch (BrokerUnavailableException | BrokerRefusedException _) {
            return false;
        }
    }

    private String refusal(Broker node) {
        return trace(catchThrowable(() -> node.publish(topic, text("1"))));
    }

    private List<String> logged() {
        return records.stream().map(new SimpleFormatter()::format).toList();
    }

    private List<String> warnings() {
        return records.stream()
                .filter(it -> it.getLevel().intValue() >= Level.WARNING.intValue())
                .map(new SimpleFormatter()::format)
                .toList();
    }

    private static String trace(Throwable thrown) {
        var text = new StringWriter();
        thrown.printStackTrace(new PrintWriter(text));
        return text.toString();
    }

    /** Sets a system property until it is closed. */
    private static final class Property implements AutoCloseable {

        private final String name;

        Property(String name, String value) {
            assertThat(System.getProperty(name)).isNull();
            this.name = name;
            System.setProperty(name, value);
        }

        @Override
        public void close() {
            System.clearProperty(name);
        }
    }
}
