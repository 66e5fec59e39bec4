package dev.longwave.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** What picocli makes of a command line, and what is made of it without picocli. */
final class ServeCommandTest {

    private static final Terminal TERMINAL =
            new Terminal(
                    new ByteArrayInputStream(new byte[0]),
                    OutputStream.nullOutputStream(),
                    new PrintStream(OutputStream.nullOutputStream()));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "--development",
                "--development --no-demo --port 8081",
                "--demo --tls",
                "--config conf/longwave.yaml",
                "--config /etc/longwave.yaml --set server.port=0 --set a.b=c=d --set x=--port",
                "--port 0 --set auth.jwt.secret="
            })
    void readsPlainOptionsAsPicocliDoes(String line) {
        List<String> arguments = line.isEmpty() ? List.of() : List.of(line.split(" "));
        var byPicocli = new ServeCommand(TERMINAL);
        var _ = new CommandLine(byPicocli).parseArgs(arguments.toArray(String[]::new));

        assertThat(ServeCommand.plain(TERMINAL, arguments))
                .map(ServeCommand::options)
                .contains(byPicocli.options());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--help",
                "-h",
                "--version",
                "--port",
                "--port x",
                "--port -1",
                "--port 123456",
                "--port 1 --port 2",
                "--port=1",
                "--set",
                "--set --port",
                "--set \"a=b\"",
                "--config a --config b",
                "--developmen",
                "now",
                "@file"
            })
    void leavesTheRestToPicocli(String line) {
        assertThat(ServeCommand.plain(TERMINAL, List.of(line.split(" ")))).isEmpty();
    }

    /** So that a new one does not make starts slow. */
    @Test
    void knowsAllOptions() {
        var spec = new CommandLine(new ServeCommand(TERMINAL)).getCommandSpec();

        assertThat(spec.options())
                .filteredOn(option -> !option.usageHelp() && !option.versionHelp())
                .hasSizeGreaterThan(5)
                .allSatisfy(option ->
                        assertThat(ServeCommand.plain(TERMINAL, arguments(option)))
                                .as(option.longestName())
                                .isPresent());
    }

    private static List<String> arguments(OptionSpec option) {
        return option.arity().max() == 0
                ? List.of(option.longestName())
                : List.of(option.longestName(), "1");
    }
}
