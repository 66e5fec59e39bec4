package dev.longwave.cli;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Asks nodes why a client did not get an event. */
@Command(
        name = "explain",
        mixinStandardHelpOptions = true,
        versionProvider = Longwave.Version.class,
        sortOptions = false,
        synopsisHeading = "%nUsage: ",
        descriptionHeading = "%n",
        header = "Find out why a client did not get an event.",
        description = {
            "Asks the admin listener of each node, and prints what became of the event for the"
                    + " client's streams on that node. A node knows only its own streams: name all"
                    + " nodes.%n"
        },
        parameterListHeading = "Parameters:%n",
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:All nodes have answered.",
            "1:A node could not be asked.",
            "2:The command line is invalid.",
            "3:A node refused the question: it names a topic or an ID that cannot be."
        },
        footer = {
            "",
            "Examples:",
            "  longwave explain orders/7 46zpuyj4.4ri0dav6-1k --subject alice",
            "  longwave explain orders/7 46zpuyj4.4ri0dav6-1k --subject alice --json | jq .streams",
            "  longwave explain news 1x0.2-3 --connection 4584f507-1 --admin http://10.0.0.7:8090"
                    + " --admin http://10.0.0.8:8090"
        })
final class ExplainCommand implements Callable<Integer> {

    private static final Duration DEADLINE = Duration.ofSeconds(15);
    private static final int MAX_ANSWER_BYTES = 64 << 20;

    private final Terminal terminal;

    @Parameters(
            index = "0",
            paramLabel = "TOPIC",
            description = "The topic, or the pattern that the client is subscribed to.")
    private String topic = "";

    @Parameters(
            index = "1",
            paramLabel = "ID",
            description = "The event's ID, as its publisher or a client received it.")
    private String id = "";

    @ArgGroup(multiplicity = "1")
    private Client client = new Client();

    /** Whose streams. */
    static final class Client {

        @Option(
                names = "--subject",
                paramLabel = "SUBJECT",
                description =
                        "The client, by the subject of its credential; '' for clients that have not"
                                + " signed in.")
        private @Nullable String subject;

        @Option(
                names = "--connection",
                paramLabel = "ID",
                description = "One stream, by its ID in the access log.")
        private @Nullable String connection;
    }

    @Option(
            names = "--admin",
            paramLabel = "URL",
            converter = ServerOptions.ServerUri.class,
            defaultValue = "http://127.0.0.1:8090",
            description =
                    "The admin listener of a node; may be repeated. Default:"
                            + " http://127.0.0.1:8090.")
    private List<URI> nodes = List.of();

    @Option(
            names = "--password-file",
            paramLabel = "FILE",
            converter = ServerOptions.SecretFile.class,
            description = "A file with the password of the admin listeners (admin.password).")
    private @Nullable String password;

    @Option(
            names = "--json",
            description = "Print the answers as JSON objects, one a line for each node.")
    private boolean json;

    ExplainCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        int exitCode = ExitCode.DONE;
        try (HttpClient http =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(DEADLINE)
                        .build()) {
            for (URI node : nodes) {
                exitCode = Math.max(exitCode, ask(http, node));
            }
        }
        return exitCode;
    }

    private int ask(HttpClient http, URI node) throws IOException, InterruptedException {
        HttpResponse<String> answer;
        try {
            answer =
                    LongwaveClient.send(
                            http,
                            request(node),
                            BodyHandlers.limiting(
                                    BodyHandlers.ofString(StandardCharsets.UTF_8),
                                    MAX_ANSWER_BYTES),
                            DEADLINE);
        } catch (IOException e) {
            terminal.say(node + ": " + LongwaveClient.reason(node, e));
            return ExitCode.GAVE_UP;
        }
        if (answer.statusCode() != 200) {
            Problem problem = Problem.of(answer.statusCode(), answer.body());
            terminal.say(node + ": " + problem.text());
            return problem.status() < 500 ? ExitCode.REFUSED : ExitCode.GAVE_UP;
        }
        if (json) {
            terminal.print(answer.body().strip() + '\n');
            return ExitCode.DONE;
        }
        Map<String, String> members = Json.members(answer.body()).orElse(Map.of());
        if (!members.containsKey("outcome")) {
            terminal.say(node + ": this does not seem to be the admin listener of Longwave");
            return ExitCode.GAVE_UP;
        }
        terminal.print(
                "%s (node %s): %s: %s\n"
                        .formatted(
                                node,
                                members.get("node"),
                                members.get("outcome"),
                                members.get("detail")));
        return ExitCode.DONE;
    }

    private HttpRequest request(URI node) {
        HttpRequest.Builder request = HttpRequest.newBuilder(question(node));
        if (password != null) {
            byte[] credentials = ("admin:" + password.strip()).getBytes(StandardCharsets.UTF_8);
            request.header(
                    "Authorization", "Basic " + Base64.getEncoder().encodeToString(credentials));
        }
        return request.build();
    }

    private URI question(URI node) {
        String who =
                client.connection == null
                        ? "subject=" + LongwaveClient.encode(String.valueOf(client.subject))
                        : "connection=" + LongwaveClient.encode(client.connection);
        return URI.create(
                "%s/admin/explain?topic=%s&id=%s&%s"
                        .formatted(
                                node.toString().replaceFirst("/+$", ""),
                                LongwaveClient.encode(topic),
                                LongwaveClient.encode(id),
                                who));
    }
}
