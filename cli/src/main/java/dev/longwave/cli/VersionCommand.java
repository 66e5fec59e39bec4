package dev.longwave.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code longwave version}. */
@Command(
        name = "version",
        mixinStandardHelpOptions = true,
        versionProvider = Longwave.Version.class,
        header = "Print the version.",
        synopsisHeading = "%nUsage: ",
        optionListHeading = "%nOptions:%n")
final class VersionCommand implements Callable<Integer> {

    private final Terminal terminal;

    VersionCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        terminal.print(new Longwave.Version().getVersion()[0] + '\n');
        return ExitCode.DONE;
    }
}
