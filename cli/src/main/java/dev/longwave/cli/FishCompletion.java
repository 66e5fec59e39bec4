package dev.longwave.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Makes a completion script for fish, which picocli cannot do. */
final class FishCompletion {

    private FishCompletion() {}

    /** {@return the script for {@code command} and its subcommands} */
    static String of(CommandLine command) {
        String name = command.getCommandName();
        List<String> lines = new ArrayList<>();
        lines.add("complete -c " + name + " -f");
        add(lines, name, command, "__fish_use_subcommand");
        command.getSubcommands()
                .forEach((subcommand, line) ->
                        add(lines, name, line, "__fish_seen_subcommand_from " + subcommand));
        return String.join("\n", lines) + '\n';
    }

    private static void add(
            List<String> lines, String name, CommandLine command, String condition) {
        String start = "complete -c %s -n '%s'".formatted(name, condition);
        for (Map.Entry<String, CommandLine> subcommand : command.getSubcommands().entrySet()) {
            lines.add(
                    start
                            + " -a "
                            + subcommand.getKey()
                            + described(header(subcommand.getValue().getCommandSpec())));
        }
        for (OptionSpec option : command.getCommandSpec().options()) {
            var line = new StringBuilder(start);
            for (String optionName : option.names()) {
                line.append(optionName.startsWith("--") ? " -l " : " -s ")
                        .append(optionName.replaceFirst("^-+", ""));
            }
            if (option.arity().max() > 0) {
                line.append(option.type() == Path.class ? " -r -F" : " -x");
            }
            lines.add(line + described(String.join(" ", option.description())));
        }
    }

    private static String header(CommandSpec command) {
        return String.join(" ", command.usageMessage().header());
    }

    /** A description in fish's single quotes: up to the end of the first sentence. */
    private static String described(String text) {
        String first = text.replaceAll("\\.( .*)?$", "").replace("%%", "%");
        return " -d '" + first.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
}
