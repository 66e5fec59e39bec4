package dev.longwave.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;

/** The {@code longwave} command. */
@Command(
        name = "longwave",
        mixinStandardHelpOptions = true,
        versionProvider = Longwave.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        header = "A live-events server and its command-line clients.",
        synopsisHeading = "%nUsage: ",
        optionListHeading = "%nOptions:%n",
        commandListHeading = "%nCommands:%n",
        footer = {
            "",
            "Examples:",
            "  longwave serve --development",
            "  longwave subscribe news",
            "  longwave publish news 'Hello, world'",
            "  tail -f app.log | longwave publish logs/app",
            "",
            "For more about a command: longwave help COMMAND"
        })
public final class Longwave {

    private Longwave() {}

    /** Runs a command and exits with its exit code. */
    public static void main(String[] args) {
        System.exit(commandLine(Terminal.system()).execute(args));
    }

    static CommandLine commandLine(Terminal terminal) {
        var commandLine =
                new CommandLine(new Longwave())
                        .addSubcommand(new ServeCommand(terminal))
                        .addSubcommand(new PublishCommand(terminal))
                        .addSubcommand(new SubscribeCommand(terminal))
                        .addSubcommand(new DoctorCommand(terminal, InstantSource.system()))
                        .addSubcommand(new DemoCommand(terminal))
                        .addSubcommand(new KeygenCommand(terminal))
                        .addSubcommand(
                                new CommandLine(new TokenCommand(terminal, InstantSource.system()))
                                        .addSubcommand(
                                                new InspectCommand(
                                                        terminal, InstantSource.system())))
                        .addSubcommand(new HelpCommand());
        commandLine.setOut(new PrintWriter(terminal.out(), true, StandardCharsets.UTF_8));
        commandLine.setErr(new PrintWriter(terminal.err(), true, StandardCharsets.UTF_8));
        commandLine.setUsageHelpAutoWidth(true);
        return commandLine;
    }

    /** The version in the manifest of the jar that this class is from. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            @Nullable String version = Longwave.class.getPackage().getImplementationVersion();
            return new String[] {"longwave " + (version == null ? "development" : version)};
        }
    }
}
