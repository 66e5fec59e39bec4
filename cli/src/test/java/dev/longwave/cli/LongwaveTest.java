package dev.longwave.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class LongwaveTest {

    @Test
    void saysItsVersion() {
        assertThat(CommandRun.of("", "--version"))
                .isEqualTo(new CommandRun(0, "longwave development\n", ""));
    }

    @Test
    void hasACommandForItsVersion() {
        assertThat(CommandRun.of("", "version"))
                .isEqualTo(new CommandRun(0, "longwave development\n", ""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "publish",
                "publish t --no-such-option",
                "subscribe t --limit many",
                "token --ttl soon",
                "no-such-command"
            })
    void saysInAFewLinesWhatIsWrongWithTheCommandLine(String line) {
        CommandRun run = CommandRun.of("", line.split(" "));

        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err().lines())
                .hasSizeLessThanOrEqualTo(4)
                .anyMatch(said -> said.startsWith("longwave: "))
                .last()
                .asString()
                .matches("Try 'longwave( [a-z]+)? --help' for more information\\.");
    }

    @ParameterizedTest
    @CsvSource({
        "localhost:8080, http://localhost:8080",
        "127.0.0.1:8080, http://127.0.0.1:8080",
        "example.org/live, http://example.org/live",
        "[::1]:8080, http://[::1]:8080"
    })
    void saysWhichUrlIsMeant(String url, String meant) {
        CommandRun run = CommandRun.of("", "publish", "--url", url, "t", "x");

        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains("did you mean " + meant + "?");
    }

    @ParameterizedTest
    @ValueSource(strings = {"5s", "2m", "1h", "PT5S"})
    void readsDurationsInEachForm(String duration) {
        assertThat(CommandRun.of("", "token", "--ttl", duration).err())
                .contains("--key and --sub are required");
    }

    @Test
    void saysWhatADurationLooksLike() {
        assertThat(CommandRun.of("", "token", "--ttl", "5").err())
                .contains("'5' is not a duration, such as 5s, 2m, 1h30m, or PT5S")
                .doesNotContain("Exception");
    }

    @ParameterizedTest
    @ValueSource(strings = {"bash", "zsh", "fish"})
    void completesCommandsAndOptions(String shell) {
        CommandRun run = CommandRun.of("", "completion", shell);

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("publish", "subscribe", "retry-for", "inspect");
    }

    @Test
    void completesInBash(@TempDir Path folder) throws Exception {
        Path script =
                Files.writeString(
                        folder.resolve("longwave"), CommandRun.of("", "completion", "bash").out());
        String line =
                "source "
                        + script
                        + "; COMP_WORDS=(longwave publish --ret); COMP_CWORD=2; COMP_LINE='longwave"
                        + " publish --ret'; _complete_longwave; echo \"${COMPREPLY[@]}\"";

        Process bash = new ProcessBuilder("bash", "-c", line).redirectErrorStream(true).start();

        assertThat(new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .contains("--retry-for");
    }

    @Test
    void knowsOnlyTheseShells() {
        assertThat(CommandRun.of("", "completion", "tcsh").err())
                .contains("must be bash, zsh, or fish");
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
    @ValueSource(strings = {"brokers", "keygen", "token", "token inspect", "explain"})
    void explainsTheOtherCommands(String command) {
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
