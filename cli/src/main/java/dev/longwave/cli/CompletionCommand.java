package dev.longwave.cli;

import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Prints a script that completes commands and options. */
@Command(
        name = "completion",
        mixinStandardHelpOptions = true,
        versionProvider = Longwave.Version.class,
        sortOptions = false,
        synopsisHeading = "%nUsage: ",
        descriptionHeading = "%n",
        header = "Print a script that completes this command in a shell.",
        parameterListHeading = "%nParameters:%n",
        optionListHeading = "%nOptions:%n",
        footer = {
            "",
            "Examples:",
            "  source <(longwave completion bash)        in ~/.bashrc",
            "  source <(longwave completion zsh)         in ~/.zshrc",
            "  longwave completion fish > ~/.config/fish/completions/longwave.fish"
        })
final class CompletionCommand implements Callable<Integer> {

    private final Terminal terminal;

    @Spec private CommandSpec spec = CommandSpec.create();

    @Parameters(
            index = "0",
            paramLabel = "SHELL",
            converter = ShellName.class,
            description = "The shell: bash, zsh, or fish.")
    private Shell shell = Shell.BASH;

    enum Shell {
        BASH,
        ZSH,
        FISH
    }

    CompletionCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        CommandLine longwave = spec.root().commandLine();
        terminal.print(
                switch (shell) {
                    // One script for both: it finds out which of them runs it.
                    case BASH, ZSH -> AutoComplete.bash("longwave", longwave);
                    case FISH -> FishCompletion.of(longwave);
                });
        return ExitCode.DONE;
    }

    /** Reads the name of a shell, in lower case. */
    static final class ShellName implements ITypeConverter<Shell> {
        @Override
        public Shell convert(String text) {
            for (Shell shell : Shell.values()) {
                if (shell.name().toLowerCase(Locale.ROOT).equals(text)) {
                    return shell;
                }
            }
            throw new TypeConversionException("must be bash, zsh, or fish, but was '" + text + "'");
        }
    }
}
