package dev.longwave.server.net.helidon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.server.net.AddressRanges;
import dev.longwave.server.net.CertificateSource;
import dev.longwave.server.net.ClientFaults;
import dev.longwave.server.net.Deadlines;
import dev.longwave.server.net.Listener;
import dev.longwave.server.net.ListenerSettings;
import dev.longwave.server.net.PlatformThreads;
import dev.longwave.server.net.TestCertificate;
import dev.longwave.server.net.Tls;
import io.helidon.webserver.http.HttpRouting;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a handler learns of a client that speaks TLS. */
final class TlsClientIT {

    private static final Duration DEADLINE = Duration.ofMinutes(1);

    @TempDir private Path servers;
    @TempDir private Path clients;

    @ParameterizedTest
    @EnumSource
    void namesTheSubjectOfTheClientsCertificate(HttpClient.Version version) throws Exception {
        TestCertificate server = TestCertificate.of("localhost").write(servers);
        TestCertificate publisher = TestCertificate.of("publisher").write(clients);
        var pem =
                new CertificateSource.Pem(
                        TestCertificate.certificateFile(servers), TestCertificate.keyFile(servers));
        try (Tls tls =
                        Tls.open(
                                List.of(pem),
                                TestCertificate.certificateFile(clients),
                                Tls.Version.TLS_1_2,
                                DEADLINE);
                var deadlines =
                        new Deadlines(new Deadlines.Limits(DEADLINE, DEADLINE, 1, DEADLINE));
                Listener listener = open(tls, deadlines)) {
            assertThat(answer(listener, server, publisher, version))
                    .isEqualTo("secure=true subject=Optional[CN=publisher]");
            assertThat(answer(listener, server, null, version))
                    .isEqualTo("secure=true subject=Optional.empty");
        }
    }

    private static Listener open(Tls tls, Deadlines deadlines) throws Exception {
        HttpRouting.Builder routing = HttpRouting.builder();
        routing.get(
                "/",
                (request, response) ->
                        response.send(
                                "secure=%s subject=%s"
                                        .formatted(
                                                request.isSecure(),
                                                request.remotePeer().tlsPrincipal())));
        var faults = new ClientFaults();
        return Listener.open(
                new ListenerSettings("127.0.0.1", 0, 100, 0, AddressRanges.of(List.of()), false),
                tls,
                deadlines,
                new PlatformThreads(),
                new HelidonEngines(routing, 100, deadlines, faults),
                faults);
    }

    private static String answer(
            Listener listener,
            TestCertificate server,
            @Nullable TestCertificate own,
            HttpClient.Version version)
            throws Exception {
        try (HttpClient client =
                HttpClient.newBuilder()
                        .version(version)
                        .sslContext(TestCertificate.client(own, server))
                        .build()) {
            URI uri = URI.create("https://127.0.0.1:" + listener.port() + "/");
            return client.send(
                            HttpRequest.newBuilder(uri).build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }
}
