package dev.longwave.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A server in a process of its own that gets SIGHUP. */
@DisabledOnOs(OS.WINDOWS)
final class HangupIT {

    private static final String RULES =
            """
            auth:
              rules:
                visitors:
                  who: anonymous
                  topics: [%s]
            """;

    @TempDir private Path folder;

    @Test
    void readsItsConfigurationAgain() throws Exception {
        Path file = Files.writeString(folder.resolve("longwave.yaml"), RULES.formatted("news"));
        try (LongwaveProcess server = LongwaveProcess.serve(file, "admin.port=0");
                HttpClient client = HttpClient.newHttpClient()) {
            var stream =
                    client.send(
                            HttpRequest.newBuilder(server.uri("/events/news")).build(),
                            HttpResponse.BodyHandlers.ofInputStream());
            assertThat(stream.statusCode()).isEqualTo(200);
            Files.writeString(file, "auth: [broken");
            hangUp(server);
            Files.writeString(file, RULES.formatted("other"));
            hangUp(server);

            try (var lines =
                    new BufferedReader(
                            new InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
                assertThat(lines.lines()).isNotEmpty(); // to the end of the stream
            }

            assertThat(status(client, server, "/events/news")).isEqualTo(401);
            assertThat(status(client, server, "/history/other")).isEqualTo(200);
        }
    }

    private static int status(HttpClient client, LongwaveProcess server, String path)
            throws Exception {
        return client.send(
                        HttpRequest.newBuilder(server.uri(path)).build(),
                        HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    private static void hangUp(LongwaveProcess server) throws Exception {
        Process kill =
                new ProcessBuilder(List.of("kill", "-HUP", Long.toString(server.pid())))
                        .inheritIO()
                        .start();
        assertThat(kill.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(kill.exitValue()).isZero();
    }
}
