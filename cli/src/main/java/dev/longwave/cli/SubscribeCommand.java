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

/** Prints events as they come. */
@Command(
        name = "subscribe",
        mixinStandardHelpOptions = true,
        versionProvider = Longwave.Version.class,
        sortOptions = false,
        synopsisHeading = "%nUsage: ",
        descriptionHeading = "%n",
        header = "Print the events of topics as they come.",
        description = {
            "Prints the data of each event on a line. When the connection is lost, it comes back"
                    + " and goes on where it was, so that no event is missing and none comes"
                    + " twice. Where the server no longer has events, it says so on standard"
                    + " error. Ends when the topic does.%n"
        },
        parameterListHeading = "Parameters:%n",
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:The topic has ended, or --limit is reached, or nobody reads the output.",
            "1:The stream cannot be read.",
            "2:The command line makes no sense.",
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
                    "The topics; several come on one stream. In a pattern, * is any one segment,"
                            + " and ** at the end any rest, as in jobs/*.")
    private List<String> topics = List.of();

    @Option(
            names = "--since",
            paramLabel = "START",
            description =
                    "Where to start: earliest, last (with the last event),"
                            + " an event's id (after it), or a duration, as PT5M."
                            + " Default: with the next event.")
    private String since = "";

    @Option(
            names = "--json",
            description =
                    "Print a JSON object per line: topic (of a pattern's events, or if there is"
                            + " only one), id, type and data; or gap, where events are missing.")
    private boolean json;

    @Option(
            names = "--limit",
            paramLabel = "N",
            description = "Stop after so many events. Default: never.")
    private long limit;

    @Option(
            names = "--idle-timeout",
            paramLabel = "DURATION",
            description =
                    "How long the connection may be silent before it counts as"
                            + " lost. Default: PT45S, three of the server's heartbeats.")
    private Duration idleTimeout = Duration.ofSeconds(45);

    SubscribeCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws InterruptedException {
        if (topics.stream().anyMatch(String::isEmpty)) {
            terminal.say("a topic is not empty");
            return ExitCode.USAGE;
        }
        if (limit < 0 || !idleTimeout.isPositive()) {
            terminal.say("--limit and --idle-timeout are not negative");
            return ExitCode.USAGE;
        }
        Map<String, String> query = since.isEmpty() ? Map.of() : Map.of("since", since);
        boolean one = topics.size() == 1;
        try (var client = new LongwaveClient(server.url())) {
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
