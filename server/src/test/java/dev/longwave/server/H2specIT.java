package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.broker.testing.RequiredProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP/2 as h2spec checks it: RFC 7540 and RFC 7541. */
final class H2specIT {

    private static final int SECONDS = 240;

    @TempDir private Path folder;

    /** One that fails waits for an answer until its time-out. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Timeout(value = SECONDS + 10, unit = TimeUnit.SECONDS)
    void passesAllOfH2spec(boolean tls) throws Exception {
        Path program = RequiredProgram.unpacked("h2spec", "h2spec");
        Path report = folder.resolve("h2spec.txt");
        try (TestServer server = TestServer.with("tls.self-signed=" + tls)) {
            List<String> command =
                    new ArrayList<>(
                            List.of(
                                    program.toString(),
                                    "--port",
                                    Integer.toString(server.port()),
                                    "--timeout",
                                    "5"));
            if (tls) {
                command.addAll(List.of("--tls", "--insecure"));
            }
            Process h2spec =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(report.toFile())
                            .start();
            boolean ended = h2spec.waitFor(SECONDS, TimeUnit.SECONDS);
            h2spec.destroyForcibly();

            assertThat(ended).as(() -> text(report)).isTrue();
            assertThat(text(report)).contains("145 passed, 0 skipped, 0 failed");
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
