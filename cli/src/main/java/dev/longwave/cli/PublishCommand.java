package dev.longwave.cli;

import dev.longwave.cli.Outcome.Accepted;
import dev.longwave.cli.Outcome.Failed;
import dev.longwave.cli.Outcome.Refused;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Publishes one event, or one per line of standard input. */
@Command(
        name = "publish",
        mixinStandardHelpOptions = true,
        versionProvider = Longwave.Version.class,
        sortOptions = false,
        synopsisHeading = "%nUsage: ",
        descriptionHeading = "%n",
        header = "Publish one event, or each line of standard input as an event.",
        description = {
            "With DATA, publishes one event and prints its ID.",
            "",
            "Without DATA, publishes each line of standard input as an event, as soon as the line"
                + " is read. Each line arrives once and in order, even if the connection breaks: it"
                + " is sent again with the same message ID, which the server recognizes.%n"
        },
        parameterListHeading = "Parameters:%n",
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:Everything was accepted.",
            "1:Gave up: the server did not answer in time, or the input is invalid.",
            "2:The command line is invalid.",
            "3:The server refused an event; the events before it were accepted."
        },
        footer = {
            "",
            "Examples:",
            "  longwave publish news 'Hello, world'",
            "  longwave publish jobs/42 '{\"percent\":100}' --type done --end",
            "  longwave publish rooms/1 ann --type typing --ephemeral",
            "  tail -f app.log | longwave publish logs/app",
            "  echo '{\"type\":\"price\",\"key\":\"ACME\",\"data\":{\"last\":12.5}}' |",
            "    longwave publish ticker --ndjson"
        })
final class PublishCommand implements Callable<Integer> {

    private static final Duration ANSWER = Duration.ofSeconds(15);
    private static final Map<String, String> EPHEMERAL = Map.of("ephemeral", "true");

    private final Terminal terminal;

    @Mixin private final ServerOptions server = new ServerOptions();

    @Parameters(index = "0", paramLabel = "TOPIC", description = "The topic, such as logs/app.")
    private String topic = "";

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "DATA",
            description =
                    "The event's data. Without it, the command reads lines from standard input.")
    private @Nullable String data;

    @Option(names = "--type", paramLabel = "TYPE", description = "The type of the events.")
    private String type = "";

    @Option(
            names = "--key",
            paramLabel = "KEY",
            description = "The key of the events, if only the latest per key matters.")
    private String key = "";

    @Option(
            names = "--id",
            paramLabel = "ID",
            description =
                    "A message ID, only with DATA: if the event is published again"
                            + " with the same ID soon after, only one is kept.")
    private String id = "";

    @Option(
            names = "--end",
            description =
                    "End the topic with this event. Without DATA, publish an event"
                            + " with empty data after the last line, which ends the topic.")
    private boolean end;

    @Option(
            names = "--ephemeral",
            description =
                    "Only clients that are connected now receive the events: they have no ID and"
                            + " are not kept. Events that are sent again may arrive twice.")
    private boolean ephemeral;

    @Option(
            names = "--ndjson",
            description =
                    "Treat each line as a JSON object and send it unchanged:"
                            + " {\"data\": ..., \"type\"?, \"key\"?, \"id\"?, \"end\"?,"
                            + " \"ephemeral\"?}.")
    private boolean ndjson;

    @Option(
            names = "--retry-for",
            paramLabel = "DURATION",
            description =
                    "How long to retry if the server does not answer."
                            + " Default: PT1M. With longer times, the server may have"
                            + " forgotten the message IDs and accept an event twice.")
    private Duration retryFor = Duration.ofMinutes(1);

    PublishCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws InterruptedException, IOException {
        if (data != null && ndjson) {
            terminal.say("--ndjson cannot be used with DATA: it applies to standard input");
            return ExitCode.USAGE;
        }
        if (data == null && !id.isEmpty()) {
            terminal.say("--id can only be used with DATA: it applies to one event");
            return ExitCode.USAGE;
        }
        if (ephemeral && (end || !id.isEmpty())) {
            terminal.say("--ephemeral cannot be used with --end or --id: the events are not kept");
            return ExitCode.USAGE;
        }
        if (topic.isEmpty()) {
            terminal.say("the topic must not be empty");
            return ExitCode.USAGE;
        }
        var retry = new Retry(retryFor, Timing.system());
        try (var client = server.client()) {
            return data == null ? publishLines(client, retry) : publishOne(client, retry, data);
        }
    }

    private int publishLines(LongwaveClient client, Retry retry) throws InterruptedException {
        return new LinePublisher(
                        client,
                        client.topicUri(topic, ephemeral ? EPHEMERAL : Map.of()),
                        new LineFormat(ndjson, UUID.randomUUID().toString(), type, key),
                        end,
                        LinePublisher.QUIET,
                        LinePublisher.OPEN,
                        retry,
                        terminal)
                .run();
    }

    private int publishOne(LongwaveClient client, Retry retry, String text)
            throws InterruptedException, IOException {
        var query = new LinkedHashMap<String, String>();
        if (ephemeral) {
            query.putAll(EPHEMERAL);
        } else {
            query.put("id", id.isEmpty() ? UUID.randomUUID().toString() : id);
        }
        if (!type.isEmpty()) {
            query.put("type", type);
        }
        if (!key.isEmpty()) {
            query.put("key", key);
        }
        if (end) {
            query.put("end", "true");
        }
        Retry.Attempt attempt =
                () ->
                        client.post(
                                client.topicUri(topic, query),
                                "text/plain; charset=utf-8",
                                BodyPublishers.ofString(text),
                                ANSWER);
        return switch (retry.run(attempt, attempt)) {
            case Accepted(Map<String, String> members) -> {
                if (!ephemeral) {
                    terminal.print(members.getOrDefault("id", "") + '\n');
                }
                yield ExitCode.DONE;
            }
            case Refused(Problem problem) -> {
                terminal.say("refused: " + problem.text());
                yield ExitCode.REFUSED;
            }
            case Failed(String reason, _) -> {
                terminal.say("gave up after %s: %s".formatted(retryFor, reason));
                yield ExitCode.GAVE_UP;
            }
        };
    }
}
