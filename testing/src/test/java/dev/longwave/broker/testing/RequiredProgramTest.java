package dev.longwave.broker.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.opentest4j.TestAbortedException;

final class RequiredProgramTest {

    @Test
    void findsAProgramOnThePath(@TempDir Path directory) throws IOException {
        Path program = Files.createFile(directory.resolve("longwave-test-program"));
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));

        Path found =
                RequiredProgram.find(
                        Map.of("PATH", directory.toString()), "no-such", "longwave-test-program");

        assertThat(found).isEqualTo(program);
    }

    @Test
    void skipsTheTestWhereTheProgramIsMissing() {
        assertThatThrownBy(() -> RequiredProgram.find(Map.of(), "no-such-program"))
                .isInstanceOf(TestAbortedException.class)
                .hasMessageContaining("no-such-program");
    }

    @ParameterizedTest
    @ValueSource(strings = {"REQUIRE_ALL_SERVERS", "CI"})
    void failsTheTestWhereEverythingMustBeProven(String variable) {
        assertThatThrownBy(() -> RequiredProgram.find(Map.of(variable, "true"), "no-such-program"))
                .isInstanceOf(AssertionError.class);
    }
}
