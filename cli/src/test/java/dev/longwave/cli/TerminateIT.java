package dev.longwave.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** A server in a process of its own that gets SIGTERM. */
@DisabledOnOs(OS.WINDOWS)
final class TerminateIT {

    @Test
    void endsItsStreamsAndThenWithStatusZero() throws Exception {
        try (LongwaveProcess server = LongwaveProcess.serve("admin.port=0");
                HttpClient client = HttpClient.newHttpClient()) {
            var stream =
                    client.send(
                            HttpRequest.newBuilder(server.uri("/events/news")).build(),
                            HttpResponse.BodyHandlers.ofInputStream());
            assertThat(stream.statusCode()).isEqualTo(200);

            server.terminate();

            try (var lines =
                    new BufferedReader(
                            new InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
                assertThat(lines.lines().filter(line -> line.startsWith("retry: "))).hasSize(2);
            }
            assertThat(server.exitStatus()).isZero();
        }
    }
}
