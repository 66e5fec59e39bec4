package dev.longwave.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** A command as a process of its own, whose output leads somewhere else. */
@EnabledOnOs(OS.LINUX)
final class OutputIT {

    private final FakeLongwave server;

    OutputIT() throws IOException {
        server = new FakeLongwave();
    }

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    @Test
    void failsWithALineIfTheOutputIsFull() throws Exception {
        server.publish(Map.of("data", "x"));

        Process process = builder("subscribe", "t").redirectOutput(new File("/dev/full")).start();

        assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).isEqualTo(ExitCode.GAVE_UP);
        assertThat(new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8))
                .contains("longwave: cannot write the output: No space left on device");
    }

    @Test
    void failsWithALineIfAnIdCannotBePrinted() throws Exception {
        Process process =
                builder("publish", "t", "x").redirectOutput(new File("/dev/full")).start();

        assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).isEqualTo(ExitCode.GAVE_UP);
        assertThat(new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8))
                .contains("longwave: input or output failed: No space left on device")
                .doesNotContain("at dev.longwave");
    }

    /** No event comes that would tell it: the server's stream stays open and silent. */
    @Test
    void endsAtOnceWhenNobodyReadsItsOutput() throws Exception {
        server.publish(Map.of("data", "one"));
        server.publish(Map.of("data", "two"));
        Process process = builder("subscribe", "t").start();
        try (var output =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            assertThat(output.readLine()).isEqualTo("one");
            assertThat(output.readLine()).isEqualTo("two");
        }

        assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).isZero();
    }

    private ProcessBuilder builder(String... args) {
        var all = new ArrayList<>(List.of(args));
        all.addAll(List.of("--url", server.uri().toString()));
        return LongwaveProcess.builder(all);
    }
}
