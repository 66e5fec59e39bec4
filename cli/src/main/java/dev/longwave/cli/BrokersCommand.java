package dev.longwave.cli;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.Capability;
import dev.longwave.broker.Settings;
import dev.longwave.server.plugin.BrokenPlugin;
import dev.longwave.server.plugin.BrokenPluginException;
import dev.longwave.server.plugin.Brokers;
import dev.longwave.server.plugin.InstalledBroker;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code longwave brokers}. */
@Command(
        name = "brokers",
        mixinStandardHelpOptions = true,
        versionProvider = Longwave.Version.class,
        sortOptions = false,
        synopsisHeading = "%nUsage: ",
        descriptionHeading = "%n",
        header = "List the brokers that are installed, and what is wrong with plugins.",
        description = {
            "For each broker: the value of broker.type, its version, the version of the broker SPI"
                + " that it was compiled against, the jar that it is from, what it can do at most,"
                + " and its settings. Nothing is connected.",
            "A folder of plugins that cannot be used is listed with the reason. It does not keep a"
                    + " server from starting whose broker.type is another.%n"
        },
        parameterListHeading = "Parameters:%n",
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:All that is installed can be used.",
            "1:Something in the folder of plugins cannot be used.",
            "2:The command line is invalid, or there is no such broker."
        },
        footer = {
            "",
            "Examples:",
            "  longwave brokers",
            "  longwave brokers nats",
            "  longwave brokers --json | jq -r '.brokers[].type'"
        })
final class BrokersCommand implements Callable<Integer> {

    private final Terminal terminal;

    @Parameters(
            arity = "0..1",
            paramLabel = "TYPE",
            description = "Show only the broker of this type.")
    private @Nullable String type;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Option(
            names = "--plugins",
            paramLabel = "DIR",
            description = "The folder of plugins. Default: plugins in the distribution.")
    private Path plugins = Home.plugins();

    BrokersCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    /** A broker and its settings. */
    private record Listed(InstalledBroker broker, List<Settings.Known> settings) {}

    @Override
    public Integer call() throws IOException {
        Brokers installed;
        try {
            installed = Brokers.find(plugins);
        } catch (BrokerConfigurationException e) {
            terminal.say(String.valueOf(e.getMessage()));
            return ExitCode.USAGE;
        }
        var listed = new ArrayList<Listed>();
        var broken = new ArrayList<>(installed.broken());
        for (InstalledBroker broker : installed.brokers()) {
            try {
                listed.add(new Listed(broker, broker.settings()));
            } catch (BrokenPluginException e) {
                broken.add(e.broken());
            }
        }
        if (type != null) {
            listed.removeIf(each -> !each.broker().type().equals(type));
            broken.removeIf(each -> !each.type().orElse("").equals(type));
            if (listed.isEmpty() && broken.isEmpty()) {
                return unknown(installed);
            }
        }
        terminal.print(json ? Json.pretty(object(listed, broken)) + '\n' : text(listed, broken));
        return broken.isEmpty() ? ExitCode.DONE : ExitCode.GAVE_UP;
    }

    /** The server's words for it name what there is, and what is meant. */
    private int unknown(Brokers installed) {
        try {
            var _ = installed.provider(String.valueOf(type));
        } catch (BrokerConfigurationException e) {
            terminal.say(String.valueOf(e.getMessage()));
        }
        return ExitCode.USAGE;
    }

    private static String text(List<Listed> listed, List<BrokenPlugin> broken) {
        var text = new StringBuilder();
        for (Listed each : listed) {
            InstalledBroker broker = each.broker();
            text.append(text.isEmpty() ? "" : "\n").append(broker.type()).append('\n');
            line(text, "version", broker.version().orElse("unknown"));
            line(text, "SPI", broker.spiVersion());
            line(text, "from", from(broker));
            List<String> capabilities = capabilities(broker);
            line(
                    text,
                    "can",
                    capabilities.isEmpty() ? "it does not say" : String.join(", ", capabilities));
            if (!each.settings().isEmpty()) {
                text.append("  settings\n");
            }
            for (Settings.Known setting : each.settings()) {
                text.append(
                        "    %s (%s%s)%n        %s%n"
                                .formatted(
                                        setting.key(),
                                        setting.kind(),
                                        setting.fallback().isEmpty()
                                                ? ""
                                                : "; default: " + setting.fallback(),
                                        setting.purpose()));
            }
        }
        if (!broken.isEmpty()) {
            text.append(text.isEmpty() ? "" : "\n").append("cannot be used\n");
        }
        for (BrokenPlugin plugin : broken) {
            text.append("  ").append(plugin.line()).append('\n');
        }
        return text.toString();
    }

    private static void line(StringBuilder text, String name, String value) {
        text.append("  %-8s %s%n".formatted(name, value));
    }

    private static Map<String, Object> object(List<Listed> listed, List<BrokenPlugin> broken) {
        var object = new LinkedHashMap<String, Object>();
        object.put("brokers", listed.stream().map(BrokersCommand::object).toList());
        object.put("broken", broken.stream().map(BrokersCommand::object).toList());
        return object;
    }

    private static Map<String, @Nullable Object> object(Listed each) {
        InstalledBroker broker = each.broker();
        var object = new LinkedHashMap<String, @Nullable Object>();
        object.put("type", broker.type());
        object.put("version", broker.version().orElse(null));
        object.put("spiVersion", broker.spiVersion());
        object.put("plugin", broker.isPlugin());
        object.put("jar", broker.jar().map(Path::toString).orElse(null));
        object.put("capabilities", capabilities(broker));
        object.put("settings", each.settings().stream().map(BrokersCommand::object).toList());
        return object;
    }

    private static Map<String, Object> object(Settings.Known setting) {
        var object = new LinkedHashMap<String, Object>();
        object.put("key", setting.key());
        object.put("values", setting.kind());
        object.put("default", setting.fallback());
        object.put("purpose", setting.purpose());
        return object;
    }

    private static Map<String, @Nullable Object> object(BrokenPlugin plugin) {
        var object = new LinkedHashMap<String, @Nullable Object>();
        object.put("folder", plugin.folder().toString());
        object.put("jar", plugin.jar().orElse(null));
        object.put("type", plugin.type().orElse(null));
        object.put("reason", plugin.reason());
        return object;
    }

    private static String from(InstalledBroker broker) {
        return broker.jar().map(Path::toString).orElse("unknown")
                + (broker.isPlugin() ? "" : " (part of Longwave)");
    }

    private static List<String> capabilities(InstalledBroker broker) {
        return broker.capabilities().stream().sorted().map(BrokersCommand::word).toList();
    }

    private static String word(Capability capability) {
        return capability.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
