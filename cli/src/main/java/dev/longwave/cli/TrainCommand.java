package dev.longwave.cli;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code longwave train}: for {@code dist/src/packages/aot-cache}. */
@Command(
        name = "train",
        hidden = true,
        mixinStandardHelpOptions = true,
        versionProvider = Longwave.Version.class,
        header = "Do what a server and its clients do, so that the JVM can learn from it.",
        description = {
            "With LONGWAVE_AOT_CACHE, the launcher has the JVM write down what it has learned. The"
                    + " settings are the defaults."
        })
final class TrainCommand implements Callable<Integer> {

    private final Terminal terminal;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "30",
            description = "For how long. Default: 30.")
    private int seconds = 30;

    TrainCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Logs.configure(false);
        try {
            terminal.print(Training.run(Duration.ofSeconds(seconds)) + " events\n");
        } catch (GeneralSecurityException e) {
            throw new IOException("there is no TLS", e);
        }
        return ExitCode.DONE;
    }
}
