package dev.longwave.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

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
    public static void main(String[] args) throws InterruptedException {
        System.exit(run(Terminal.system(), args));
    }

    /** Runs a command, and returns its exit code. */
    static int run(Terminal terminal, String... args) throws InterruptedException {
        if (args.length > 0 && args[0].equals("serve")) {
            List<String> options = List.of(args).subList(1, args.length);
            Optional<ServeCommand> server = ServeCommand.plain(terminal, options);
            if (server.isPresent()) {
                return server.get().call();
            }
        }
        return commandLine(terminal).execute(args);
    }

    static CommandLine commandLine(Terminal terminal) {
        var commandLine =
                new CommandLine(new Longwave())
                        .addSubcommand(new ServeCommand(terminal))
                        .addSubcommand(new PublishCommand(terminal))
                        .addSubcommand(new SubscribeCommand(terminal))
                        .addSubcommand(new DoctorCommand(terminal, InstantSource.system()))
                        .addSubcommand(new ExplainCommand(terminal))
                        .addSubcommand(new DemoCommand(terminal))
                        .addSubcommand(new BrokersCommand(terminal))
                        .addSubcommand(new KeygenCommand(terminal))
                        .addSubcommand(
                                new CommandLine(new TokenCommand(terminal, InstantSource.system()))
                                        .addSubcommand(
                                                new InspectCommand(
                                                        terminal, InstantSource.system())))
                        .addSubcommand(new TrainCommand(terminal))
                        .addSubcommand(new CompletionCommand(terminal))
                        .addSubcommand(new VersionCommand(terminal))
                        .addSubcommand(new HelpCommand());
        commandLine.registerConverter(Duration.class, new DurationConverter());
        commandLine.setParameterExceptionHandler(Longwave::explain);
        commandLine.setExecutionExceptionHandler((e, _, _) -> failed(e, terminal));
        commandLine.setOut(new PrintWriter(terminal.out(), true, StandardCharsets.UTF_8));
        commandLine.setErr(new PrintWriter(terminal.err(), true, StandardCharsets.UTF_8));
        commandLine.setUsageHelpAutoWidth(true);
        return commandLine;
    }

    /** Says in a line what is wrong with the command line, and where to read more. */
    private static int explain(ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        PrintWriter err = command.getErr();
        if (args.length == 0) {
            command.usage(err);
            return ExitCode.USAGE;
        }
        err.println("longwave: " + e.getMessage());
        UnmatchedArgumentException.printSuggestions(e, err);
        err.println(
                "Try '%s --help' for more information."
                        .formatted(command.getCommandSpec().qualifiedName()));
        return ExitCode.USAGE;
    }

    /** Input and output fail by no fault of the program. */
    private static int failed(Exception e, Terminal terminal) throws Exception {
        if (!(e instanceof IOException)) {
            throw e;
        }
        terminal.say("input or output failed: " + e.getMessage());
        return ExitCode.GAVE_UP;
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
