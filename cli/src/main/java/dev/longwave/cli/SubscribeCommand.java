package dev.longwave.cli;

import dev.longwave.cli.EventPrinter.Style;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints events as they arrive. */
@Command(
        name = "subscribe",
        mixinStandardHelpOptions = true,
        versionProvider = Longwave.Version.class,
        sortOptions = false,
        synopsisHeading = "%nUsage: ",
        descriptionHeading = "%n",
        header = "Print the events of topics as they arrive.",
        description = {
            "Prints the data of each event on a line. On a terminal, and for a pattern or several"
                + " topics, the line begins with the event's time, topic, and type. If the"
                + " connection is lost, the command reconnects and resumes, so that no event is"
                + " missing and none is printed twice. If the server no longer has some of the"
                + " events, the command reports the gap on standard error. It ends when the topic"
                + " ends.%n"
        },
        parameterListHeading = "Parameters:%n",
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:The topic has ended, --limit is reached, or nobody reads the output any more.",
            "1:The stream cannot be read, or the output cannot be written.",
            "2:The command line is invalid.",
            "3:The server refused the subscription."
        },
        footer = {
            "",
            "Examples:",
            "  longwave subscribe news",
            "  longwave subscribe logs/app --since 5m | grep ERROR",
            "  longwave subscribe jobs/42 jobs/43 --since earliest --json | jq .data",
            "  longwave subscribe 'jobs/*'",
            "  longwave subscribe ticker --since last --limit 1"
        })
final class SubscribeCommand implements Callable<Integer> {

    private final Terminal terminal;

    @Mixin private final ServerOptions server = new ServerOptions();

    @Parameters(
            arity = "1..*",
            paramLabel = "TOPIC",
            description =
                    "The topics; several share one stream. In a pattern such as jobs/*, * stands"
                            + " for one segment, and ** at the end for one or more.")
    private List<String> topics = List.of();

    @Option(
            names = "--since",
            paramLabel = "START",
            description =
                    "Where to start: earliest, last (with the last event),"
                            + " an event's ID (after that event), a duration such as 5m, or a"
                            + " timestamp such as 2026-01-31T12:00:00Z."
                            + " Default: with the next event.")
    private String since = "";

    @Option(
            names = "--json",
            description =
                    "Print one JSON object per line: topic, id, time, type, encoding (base64, if"
                            + " the data is binary), and data; or gap, where events are missing.")
    private boolean json;

    @Option(
            names = "--data",
            description = "Print only the data of each event, whatever the output is.")
    private boolean data;

    @Option(
            names = "--limit",
            paramLabel = "N",
            description = "Stop after N events. Default: never.")
    private long limit;

    @Option(
            names = "--idle-timeout",
            paramLabel = "DURATION",
            description =
                    "How long the connection may be silent before it counts as"
                            + " lost. Default: 45s, three heartbeats of the server.")
    private Duration idleTimeout = Duration.ofSeconds(45);

    SubscribeCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws InterruptedException {
        if (topics.stream().anyMatch(String::isEmpty)) {
            terminal.say("a topic must not be empty");
            return ExitCode.USAGE;
        }
        if (limit < 0 || !idleTimeout.isPositive()) {
            terminal.say("--limit must not be negative, and --idle-timeout must be positive");
            return ExitCode.USAGE;
        }
        if (json && data) {
            terminal.say("--json and --data exclude each other");
            return ExitCode.USAGE;
        }
        OutputDevice device = terminal.device().get();
        Style style = style(device);
        Map<String, String> query = new LinkedHashMap<>();
        if (!since.isEmpty()) {
            query.put("since", since);
        }
        if (style != Style.DATA) {
            query.put("details", "true");
        }
        boolean one = topics.size() == 1;
        try (var client = server.client()) {
            URI uri =
                    one
                            ? client.topicUri(topics.getFirst(), query)
                            : client.topicsUri(topics, query);
            var printer =
                    new EventPrinter(
                            terminal,
                            style,
                            device.isTerminal() && System.getenv("NO_COLOR") == null,
                            one ? Optional.of(topics.getFirst()) : Optional.empty());
            return run(
                    device,
                    new StreamSubscriber(
                            client, uri, limit, idleTimeout, Timing.system(), terminal, printer));
        }
    }

    private Style style(OutputDevice device) {
        if (json) {
            return Style.JSON;
        }
        boolean several =
                topics.size() > 1 || topics.stream().anyMatch(SubscribeCommand::isPattern);
        return !data && (several || device.isTerminal()) ? Style.READABLE : Style.DATA;
    }

    private static boolean isPattern(String topic) {
        return List.of(topic.split("/", -1)).stream()
                .anyMatch(segment -> segment.equals("*") || segment.equals("**"));
    }

    /** Runs until there is no more to come, or nobody reads the output any more. */
    private static int run(OutputDevice device, StreamSubscriber subscriber)
            throws InterruptedException {
        Thread running = Thread.currentThread();
        var closed = new AtomicBoolean();
        device.onClosed(() -> {
            closed.set(true);
            running.interrupt();
        });
        try {
            return subscriber.run();
        } catch (InterruptedException e) {
            if (closed.get()) {
                return ExitCode.DONE;
            }
            throw e;
        }
    }
}
