package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longwave.server.SignInAttempts.Attempt;
import dev.longwave.server.net.TestCertificate;
import dev.longwave.testing.SignedToken;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The requests of {@link SignInAttempts}, over each protocol. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SignInAttackIT {

    enum Transport {
        HTTP_1(false, HttpClient.Version.HTTP_1_1),
        HTTP_2(false, HttpClient.Version.HTTP_2),
        TLS_HTTP_1(true, HttpClient.Version.HTTP_1_1),
        TLS_HTTP_2(true, HttpClient.Version.HTTP_2);

        private final boolean tls;
        private final HttpClient.Version version;

        Transport(boolean tls, HttpClient.Version version) {
            this.tls = tls;
            this.version = version;
        }
    }

    private static final Duration DEADLINE = Duration.ofMinutes(5);
    private static final String SECRET_DATA = "42 bars";

    private static final String[] SETTINGS = {
        "auth.jwt.secret=" + SignedToken.SECRET,
        "auth.jwt.issuer=main",
        "auth.jwt.audience=longwave",
        "auth.jwt.type=JWT",
        "auth.issuers.pair.issuer=pair",
        "auth.cookie=session",
        "cors.origins=https://app.example",
        "cors.credentials=true",
        "limits.tickets-per-minute=0"
    };

    @TempDir private static Path folder;
    private final Map<Transport, HttpClient> clients = new EnumMap<>(Transport.class);
    private final PublicKey publicKey = pair().getPublic();
    private TestServer plain;
    private TestServer secured;

    @BeforeAll
    void start() throws Exception {
        TestCertificate certificate = TestCertificate.of("localhost").write(folder);
        Path publicFile =
                Files.writeString(folder.resolve("pair.pem"), SignInAttempts.pem(publicKey));
        String pairFile = "auth.issuers.pair.key-file=" + publicFile;
        plain = TestServer.with(with(pairFile));
        secured =
                TestServer.with(
                        with(
                                pairFile,
                                "tls.cert=" + TestCertificate.certificateFile(folder),
                                "tls.key=" + TestCertificate.keyFile(folder)));
        for (Transport transport : Transport.values()) {
            clients.put(
                    transport,
                    HttpClient.newBuilder()
                            .version(transport.version)
                            .sslContext(TestCertificate.trusting(certificate))
                            .connectTimeout(DEADLINE)
                            .build());
        }
        for (Transport transport : Transport.values()) {
            // Without TLS, the first request of a client only asks for HTTP/2.
            var _ = send(transport, request(transport, SignInAttempts.READABLE).build());
        }
        publish(SignInAttempts.SECRET_TOPIC, SECRET_DATA);
        publish("open/a", "news");
    }

    private static String[] with(String... more) {
        return Stream.concat(Stream.of(SETTINGS), Stream.of(more)).toArray(String[]::new);
    }

    @AfterAll
    void stop() {
        clients.values().forEach(HttpClient::shutdownNow);
        plain.close();
        secured.close();
    }

    private void publish(String topic, String data) throws Exception {
        String token = SignInAttempts.adminToken();
        for (Transport transport : List.of(Transport.HTTP_1, Transport.TLS_HTTP_1)) {
            HttpRequest request =
                    request(transport, "/events/" + topic)
                            .header("Authorization", "Bearer " + token)
                            .POST(BodyPublishers.ofString(data))
                            .build();
            assertThat(send(transport, request).statusCode()).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @MethodSource("attempts")
    void isAnsweredAsDocumentedAndLearnsNothing(Transport transport, Attempt attempt)
            throws Exception {
        HttpRequest.Builder request = request(transport, attempt.target());
        if (!attempt.fields().isEmpty()) {
            request.headers(attempt.fields().toArray(String[]::new));
        }
        request.method(attempt.method(), BodyPublishers.noBody());

        HttpResponse<String> response = send(transport, request.build());

        assertThat(response.version()).isEqualTo(transport.version);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(attempt.status());
        if (!attempt.reason().isEmpty()) {
            JsonNode problem = TestServer.json(response);
            assertThat(problem.path("status").intValue()).isEqualTo(attempt.status());
            String type = problem.path("type").textValue();
            assertThat(List.of(problem.path("reason").asText(), type.replaceFirst(".*:", "")))
                    .as(response.body())
                    .contains(attempt.reason());
        }
        assertThat(response.headers().map()).doesNotContainKey("x-injected");
        assertThat(response.body()).doesNotContain(SECRET_DATA, "admin");
        for (String field : attempt.fields()) {
            if (field.length() > 40) {
                assertThat(response.body()).doesNotContain(field.replaceFirst("^.*[ =]", ""));
            }
        }
    }

    /** All headers of a request of HTTP/2 are limited to the length of the longest token. */
    @ParameterizedTest
    @EnumSource
    void refusesLongTokens(Transport transport) throws Exception {
        HttpRequest request =
                request(transport, SignInAttempts.READABLE)
                        .header("Authorization", "Bearer " + SignInAttempts.longToken(8200))
                        .build();

        HttpResponse<String> response = send(transport, request);

        assertThat(response.statusCode())
                .isEqualTo(transport.version == HttpClient.Version.HTTP_2 ? 431 : 401);
        assertThat(response.body()).contains("8192").doesNotContain("admin");
    }

    Stream<Arguments> attempts() {
        List<Attempt> attempts = new SignInAttempts(publicKey).all();
        return Stream.of(Transport.values())
                .flatMap(transport -> attempts.stream().map(each -> arguments(transport, each)));
    }

    private static KeyPair pair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            return generator.generateKeyPair();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has RSA", e);
        }
    }

    private HttpRequest.Builder request(Transport transport, String target) {
        String base =
                transport.tls
                        ? "https://localhost:" + secured.port()
                        : "http://localhost:" + plain.port();
        return HttpRequest.newBuilder(URI.create(base + target)).timeout(DEADLINE);
    }

    private HttpResponse<String> send(Transport transport, HttpRequest request)
            throws IOException, InterruptedException {
        return Objects.requireNonNull(clients.get(transport))
                .send(request, BodyHandlers.ofString());
    }
}
