package dev.longwave.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LongwaveTest {

    @Test
    void saysItsVersion() {
        assertThat(CommandRun.of("", "--version"))
                .isEqualTo(new CommandRun(0, "longwave development\n", ""));
    }

    @Test
    void listsItsCommands() {
        CommandRun run = CommandRun.of("", "--help");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("publish", "subscribe", "Examples:", "help COMMAND");
    }

    @ParameterizedTest
    @ValueSource(strings = {"publish", "subscribe"})
    void explainsEachCommandWithExamplesAndExitCodes(String command) {
        CommandRun run = CommandRun.of("", "help", command);

        assertThat(run.exitCode()).isZero();
        assertThat(run.lines())
                .contains("Parameters:", "Options:", "Exit codes:", "Examples:")
                .anyMatch(line -> line.startsWith("  3   The server refused"))
                .anyMatch(line -> line.startsWith("  longwave " + command));
        assertThat(run.out()).contains("LONGWAVE_URL");
        assertThat(CommandRun.of("", command, "--help")).isEqualTo(run);
    }

    @ParameterizedTest
    @ValueSource(strings = {"keygen", "token", "token inspect"})
    void explainsTheCommandsForTokens(String command) {
        List<String> args = new ArrayList<>(List.of(command.split(" ")));
        args.add("--help");

        CommandRun run = CommandRun.of("", args.toArray(String[]::new));

        assertThat(run.exitCode()).isZero();
        assertThat(run.lines())
                .contains("Options:", "Exit codes:", "Examples:")
                .anyMatch(line -> line.startsWith("  longwave " + command));
    }

    @Test
    void explainsTheDoctor() {
        CommandRun run = CommandRun.of("", "help", "doctor");

        assertThat(run.exitCode()).isZero();
        assertThat(run.lines())
                .contains("Parameters:", "Options:", "Exit codes:", "Examples:")
                .anyMatch(line -> line.startsWith("  2   The server cannot be connected to"))
                .anyMatch(line -> line.startsWith("  longwave doctor"));
        assertThat(run.out()).contains("LONGWAVE_TOKEN", "--idle", "--origin", "--topic", "--json");
    }

    @Test
    void needsACommand() {
        CommandRun run = CommandRun.of("");

        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains("Usage: longwave");
    }

    @Test
    void namesTheCommandThatIsMeant() {
        CommandRun run = CommandRun.of("", "subscrib");

        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains("Did you mean", "subscribe");
    }
}
