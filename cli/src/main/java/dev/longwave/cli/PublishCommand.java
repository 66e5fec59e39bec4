package dev.longwave.cli;

import dev.longwave.broker.Durations;
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
                + " is read. The server confirms lines while they are sent. If the connection"
                + " breaks, or the server stops, lines without a confirmation are sent again, in"
                + " order and with the same message ID: no line is lost. The server recognizes a"
                + " repeated ID for two minutes, and drops the line. A line can arrive twice only"
                + " if the server crashes before it confirms it and its broker forgets the IDs, as"
                + " the memory broker does, and NATS without JetStream; or if there is no answer"
                + " for more than two minutes. A line that is not UTF-8 is published as binary"
                + " data, byte for byte.%n"
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

    /** What the JVM puts in place of the bytes of an argument that it cannot decode. */
    private static final char REPLACEMENT = '\uFFFD';

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
            names = "--skip-too-long",
            description =
                    "Skip lines that are longer than the server allows, or than 1 MiB, and report"
                            + " them, instead of stopping at the first one.")
    private boolean skipTooLong;

    @Option(
            names = "--retry-for",
            paramLabel = "DURATION",
            converter = DurationConverter.OrForever.class,
            description =
                    "How long to retry if the server does not answer, such as 30s, 5m, or forever."
                            + " Default: 1m with DATA, forever without it.")
    private @Nullable Duration retryFor;

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
        if (skipTooLong && data != null) {
            terminal.say("--skip-too-long cannot be used with DATA: it applies to standard input");
            return ExitCode.USAGE;
        }
        if (data != null && data.indexOf(REPLACEMENT) >= 0) {
            terminal.say(
                    "DATA has bytes that are not text in this locale, such as LANG=C; send it by"
                            + " standard input, or set LANG=C.UTF-8");
            return ExitCode.USAGE;
        }
        var retry = new Retry(retryFor(), Timing.system(), terminal);
        try (var client = server.client()) {
            return data == null ? publishLines(client, retry) : publishOne(client, retry, data);
        }
    }

    private Duration retryFor() {
        Duration given = retryFor;
        if (given != null) {
            return given;
        }
        return data == null ? Retry.FOREVER : Duration.ofMinutes(1);
    }

    private int publishLines(LongwaveClient client, Retry retry) throws InterruptedException {
        return new LinePublisher(
                        client,
                        client.topicUri(topic, ephemeral ? EPHEMERAL : Map.of()),
                        new LineFormat(ndjson, UUID.randomUUID().toString(), type, key),
                        new LinePublisher.Options(end, skipTooLong),
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
        return switch (retry.run(attempt)) {
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
                terminal.say(
                        "gave up after %s: %s".formatted(Durations.text(retry.timeout()), reason));
                yield ExitCode.GAVE_UP;
            }
        };
    }
}
