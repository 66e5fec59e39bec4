package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.server.net.TestCertificate;
import dev.longwave.testing.SignedToken;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A certificate that a client shows over TLS is a credential. */
final class ClientCertificateIT {

    private static final HttpClient.Version HTTP_2 = HttpClient.Version.HTTP_2;

    @TempDir private Path servers;
    @TempDir private Path clients;
    private TestCertificate certificate;
    private TestCertificate sensor;
    private TestServer server;

    @BeforeEach
    void start() throws Exception {
        certificate = TestCertificate.of("localhost").write(servers);
        sensor = TestCertificate.of("sensor-7").write(clients);
        server = TestServer.with(settings("auth.client-certificates=true"));
    }

    @AfterEach
    void close() {
        server.close();
    }

    private String[] settings(String more) {
        return new String[] {
            "tls.cert=" + TestCertificate.certificateFile(servers),
            "tls.key=" + TestCertificate.keyFile(servers),
            "tls.client-ca=" + TestCertificate.certificateFile(clients),
            "tls.reload-interval=PT0.1S",
            "sse.heartbeat-interval=PT0.2S", // by which the server notices that a client has left
            "auth.jwt.secret=" + SignedToken.SECRET,
            "auth.cookie=token",
            "auth.rules.sensors.who=certificate",
            "auth.rules.sensors.topics=sensors/{sub}/**",
            "auth.rules.sensors.allow=publish,subscribe",
            "auth.rules.everyone.topics=status",
            more
        };
    }

    private HttpResponse<String> publish(
            @Nullable TestCertificate own,
            HttpClient.Version version,
            String topic,
            String... headers)
            throws Exception {
        try (HttpClient client =
                HttpClient.newBuilder()
                        .version(version)
                        .sslContext(TestCertificate.client(own, certificate))
                        .build()) {
            HttpRequest.Builder request =
                    HttpRequest.newBuilder(URI.create(server.url("/events/" + topic)))
                            .POST(HttpRequest.BodyPublishers.ofString("21.5"));
            if (headers.length > 0) {
                request.headers(headers);
            }
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    private RawStream subscribe(SSLContext context, String topic) throws IOException {
        var transport = new Socket(InetAddress.getLoopbackAddress(), server.port());
        var socket =
                context.getSocketFactory()
                        .createSocket(transport, "localhost", server.port(), true);
        return new RawStream(socket, "GET /events/" + topic + " HTTP/1.1");
    }

    @ParameterizedTest
    @EnumSource
    void signsIn(HttpClient.Version version) throws Exception {
        HttpResponse<String> own = publish(sensor, version, "sensors/sensor-7/t");

        assertThat(own.version()).isEqualTo(version);
        assertThat(own.statusCode()).isEqualTo(200);
        assertThat(publish(sensor, version, "sensors/sensor-8/t").statusCode()).isEqualTo(403);
        assertThat(publish(null, version, "sensors/sensor-7/t").statusCode()).isEqualTo(401);
    }

    /** Or all clients of the proxy would have what the proxy may do. */
    @Test
    void isNotThatOfAProxysClients() throws Exception {
        server.close();
        server =
                TestServer.with(
                        Stream.concat(
                                        Stream.of(settings("auth.client-certificates=true")),
                                        Stream.of("net.trusted-proxies=127.0.0.1,::1"))
                                .toArray(String[]::new));

        assertThat(publish(sensor, HTTP_2, "sensors/sensor-7/t").statusCode()).isEqualTo(401);
    }

    @Test
    void opensStreams() throws Exception {
        SSLContext context = TestCertificate.client(sensor, certificate);
        try (RawStream stream = subscribe(context, "sensors/sensor-7/t");
                RawStream forAllWhoSignIn = subscribe(context, "status");
                RawStream another = subscribe(context, "sensors/sensor-8/t")) {
            assertThat(another.head().getFirst()).contains("403");
            assertThat(forAllWhoSignIn.head().getFirst()).contains("200");
            assertThat(publish(sensor, HTTP_2, "sensors/sensor-7/t").statusCode()).isEqualTo(200);
            assertThat(stream.lineWith("data: ")).isEqualTo("data: 21.5");
        }
    }

    @Test
    void givesWayToWhatTheRequestPresents() throws Exception {
        SignedToken bob = SignedToken.of("bob").publish("b").claim("roles", "certificate");
        String own = "sensors/sensor-7/t";

        assertThat(status("b", "Authorization", bob.bearer())).isEqualTo(200);
        assertThat(status("sensors/bob/t", "Authorization", bob.bearer())).isEqualTo(403);
        assertThat(status(own, "Cookie", "token=" + bob.text())).isEqualTo(403);
        assertThat(status(own, "Authorization", "Bearer nonsense")).isEqualTo(401);
    }

    /** What a client is answered that shows its certificate and this header. */
    private int status(String topic, String name, String value) throws Exception {
        return publish(sensor, HTTP_2, topic, name, value).statusCode();
    }

    @ParameterizedTest
    @CsvSource({
        "Origin, https://evil.example, 403",
        "Origin, null, 403",
        "Sec-Fetch-Site, cross-site, 403",
        "Sec-Fetch-Site, same-origin, 200",
    })
    void isNotForPagesOfOtherSites(String name, String value, int status) throws Exception {
        assertThat(publish(sensor, HTTP_2, "sensors/sensor-7/t", name, value).statusCode())
                .isEqualTo(status);
    }

    @Test
    void canBeRevoked() throws Exception {
        SSLContext context = TestCertificate.client(sensor, certificate);
        try (RawStream stream = subscribe(context, "sensors/sensor-7/t");
                HttpClient admin = HttpClient.newHttpClient()) {
            assertThat(stream.lineWith("id: ")).isNotEmpty();

            HttpRequest revoke =
                    HttpRequest.newBuilder(URI.create(server.server().adminUrl() + "/admin/revoke"))
                            .header("Content-Type", "application/json")
                            .POST(
                                    HttpRequest.BodyPublishers.ofString(
                                            "{\"subject\":\"cert:sensor-7\"}"))
                            .build();
            assertThat(admin.send(revoke, HttpResponse.BodyHandlers.discarding()).statusCode())
                    .isEqualTo(202);

            assertThat(stream.rest()).noneMatch(line -> line.startsWith("data: "));
            assertThat(publish(sensor, HTTP_2, "sensors/sensor-7/t").body()).contains("revoked");
        }
    }

    @Test
    void mustNameOneSubject() throws Exception {
        TestCertificate two = TestCertificate.of("sensor-7,CN=root").write(clients);

        await().ignoreExceptionsInstanceOf(IOException.class) // of a handshake, until it is trusted
                .untilAsserted(() -> {
                    HttpResponse<String> answer = publish(two, HTTP_2, "sensors/sensor-7/t");
                    assertThat(answer.statusCode()).isEqualTo(401);
                    assertThat(answer.body()).contains("\"certificate\"");
                });
    }

    /** Neither with a full handshake nor with a ticket of a session from before. */
    @Test
    void losesItsWorthWithItsAuthority() throws Exception {
        SSLContext context = TestCertificate.client(sensor, certificate);
        try (RawStream before = subscribe(context, "sensors/sensor-7/t")) {
            assertThat(before.head().getFirst()).contains("200");
        }
        TestCertificate next = TestCertificate.of("sensor-9").write(clients);

        await().ignoreExceptionsInstanceOf(IOException.class)
                .until(() -> publish(next, HTTP_2, "sensors/sensor-9/t").statusCode() == 200);

        assertThat(publish(sensor, HTTP_2, "sensors/sensor-7/t").statusCode()).isEqualTo(401);
        try (RawStream after = subscribe(context, "sensors/sensor-7/t")) {
            assertThat(after.head().getFirst()).contains("401");
        }
    }

    @Test
    void isNoCredentialUnlessConfigured() throws Exception {
        server.close();
        server = TestServer.with(settings("auth.client-certificates=false"));

        assertThat(publish(sensor, HTTP_2, "sensors/sensor-7/t").statusCode()).isEqualTo(401);
    }

    @Test
    void needsAuthorities() {
        assertThatThrownBy(() -> TestServer.with("auth.client-certificates=true"))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("tls.client-ca");
    }
}
