package dev.longwave.cli;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
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
            "Prints the data of each event on a line. If the connection is lost, the command"
                    + " reconnects and resumes, so that no event is missing and none is printed"
                    + " twice. If the server no longer has some of the events, the command reports"
                    + " the gap on standard error. It ends when the topic ends.%n"
        },
        parameterListHeading = "Parameters:%n",
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:The topic has ended, --limit is reached, or the output was closed.",
            "1:The stream cannot be read.",
            "2:The command line is invalid.",
            "3:The server refused the subscription."
        },
        footer = {
            "",
            "Examples:",
            "  longwave subscribe news",
            "  longwave subscribe logs/app --since PT5M | grep ERROR",
            "  longwave subscribe jobs/42 jobs/43 --since earliest --json | jq .data",
            "  longwave subscribe 'jobs/*' --json",
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
                            + " an event's ID (after that event), or a duration such as PT5M."
                            + " Default: with the next event.")
    private String since = "";

    @Option(
            names = "--json",
            description =
                    "Print one JSON object per line: topic (for a pattern or a single topic), id,"
                            + " type, and data; or gap, where events are missing.")
    private boolean json;

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
                            + " lost. Default: PT45S, three heartbeats of the server.")
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
        Map<String, String> query = since.isEmpty() ? Map.of() : Map.of("since", since);
        boolean one = topics.size() == 1;
        try (var client = server.client()) {
            URI uri =
                    one
                            ? client.topicUri(topics.getFirst(), query)
                            : client.topicsUri(topics, query);
            var printer =
                    new EventPrinter(
                            terminal,
                            json,
                            one ? Optional.of(topics.getFirst()) : Optional.empty());
            return new StreamSubscriber(
                            client, uri, limit, idleTimeout, Timing.system(), terminal, printer)
                    .run();
        }
    }
}
