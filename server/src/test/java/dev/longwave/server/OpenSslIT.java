package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.broker.testing.RequiredProgram;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What OpenSSL's client can agree on with the server, and what it cannot. */
final class OpenSslIT {

    private static final int SECONDS = 60;
    private static final String REQUEST =
            "GET /health/live HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";

    /** Allows what OpenSSL's defaults do not. */
    private static final String ANYTHING = "ALL:@SECLEVEL=0";

    @TempDir private Path folder;

    private static TestServer server(String... more) {
        var settings = new ArrayList<>(List.of(more));
        settings.add("tls.self-signed=true");
        return TestServer.with(settings.toArray(String[]::new));
    }

    /** What a client says that sends {@code input} and reads to the end. */
    private String client(TestServer server, String input, String... options) throws Exception {
        Path program = RequiredProgram.find("openssl");
        Path out = folder.resolve("out");
        List<String> command =
                new ArrayList<>(
                        List.of(
                                program.toString(),
                                "s_client",
                                "-connect",
                                "127.0.0.1:" + server.port()));
        command.addAll(List.of(options));
        Process client =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(out.toFile())
                        .start();
        try (Writer in = client.outputWriter()) { // at its end, the client would leave
            try {
                in.write(input);
                in.flush();
            } catch (IOException _) {
                // It has left already.
            }
            boolean ended = client.waitFor(SECONDS, TimeUnit.SECONDS);
            client.destroyForcibly();
            String said = Files.readString(out);
            assertThat(ended).as(said).isTrue();
            return said;
        }
    }

    @ParameterizedTest
    @CsvSource({
        "-tls1_3, TLSv1.3",
        "-tls1_2, TLSv1.2",
    })
    void speaksCurrentVersions(String option, String version) throws Exception {
        try (TestServer server = server()) {
            assertThat(client(server, REQUEST, option))
                    .contains("Protocol  : " + version)
                    .contains("HTTP/1.1 200 OK")
                    .as("it says that nothing more comes")
                    .doesNotContain("unexpected eof");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_1", "-tls1"})
    void refusesOldVersions(String option) throws Exception {
        try (TestServer server = server()) {
            assertThat(client(server, REQUEST, option, "-cipher", ANYTHING))
                    .contains("alert protocol version")
                    .doesNotContain("HTTP/1.1");
        }
    }

    @Test
    void refusesTls12IfToldTo() throws Exception {
        try (TestServer server = server("tls.min-version=1.3")) {
            assertThat(client(server, REQUEST, "-tls1_2")).contains("alert protocol version");
            assertThat(client(server, REQUEST)).contains("HTTP/1.1 200 OK");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "ECDHE-ECDSA-AES128-GCM-SHA256, true",
        "ECDHE-ECDSA-AES256-GCM-SHA384, true",
        "ECDHE-ECDSA-CHACHA20-POLY1305, true",
        "ECDHE-ECDSA-AES128-SHA256, false",
        "ECDHE-ECDSA-AES256-SHA, false",
        "AES128-GCM-SHA256, false",
        "DHE-RSA-AES128-GCM-SHA256, false",
        "AECDH-AES128-SHA, false",
        "NULL-SHA256, false"
    })
    void takesOnlySecureCiphers(String cipher, boolean taken) throws Exception {
        try (TestServer server = server()) {
            String said = client(server, REQUEST, "-tls1_2", "-cipher", cipher + ":@SECLEVEL=0");

            assertThat(said.contains("HTTP/1.1 200 OK")).as(said).isEqualTo(taken);
            assertThat(said.contains("alert handshake failure")).as(said).isEqualTo(!taken);
        }
    }

    @ParameterizedTest
    @CsvSource({"x25519, true", "P-256, true", "P-384, true", "ffdhe2048, false"})
    void takesOnlyFastGroups(String group, boolean taken) throws Exception {
        try (TestServer server = server()) {
            String said = client(server, REQUEST, "-groups", group);

            assertThat(said.contains("HTTP/1.1 200 OK")).as(said).isEqualTo(taken);
        }
    }

    @ParameterizedTest
    @CsvSource({"h2, h2", "http/1.1, http/1.1", "'http/1.1,h2', h2"})
    void agreesOnAProtocol(String offered, String agreed) throws Exception {
        try (TestServer server = server()) {
            assertThat(client(server, REQUEST, "-alpn", offered))
                    .contains("ALPN protocol: " + agreed);
        }
    }

    @Test
    void refusesProtocolsThatItDoesNotSpeak() throws Exception {
        try (TestServer server = server()) {
            assertThat(client(server, REQUEST, "-alpn", "acme-tls/1"))
                    .contains("alert no application protocol");
        }
    }

    /** A line that begins with R makes the client ask for it. */
    @Test
    void refusesRenegotiation() throws Exception {
        try (TestServer server = server()) {
            assertThat(client(server, "R\n", "-tls1_2"))
                    .contains("RENEGOTIATING")
                    .doesNotContain("HTTP/1.1 ");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_3", "-tls1_2"})
    void resumesSessions(String version) throws Exception {
        Path session = folder.resolve("session");
        try (TestServer server = server()) {
            assertThat(client(server, REQUEST, version, "-sess_out", session.toString()))
                    .contains("New, ");

            assertThat(client(server, REQUEST, version, "-sess_in", session.toString()))
                    .contains("Reused, ")
                    .contains("HTTP/1.1 200 OK");
        }
    }
}
