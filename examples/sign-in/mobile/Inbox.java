import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Prints the events of a topic, as a mobile application would receive them: with a token in a header, and with another
 * token when it expires.
 *
 * <pre>java Inbox.java http://127.0.0.1:8080/events/users/alice/inbox token-file</pre>
 *
 * <p>Needs Java 21, and nothing else.
 */
public final class Inbox {

    private static final Duration LONGEST_SILENCE = Duration.ofSeconds(60); // several heartbeats

    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().factory());
    private final HttpClient client = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();
    private final URI topic;
    private final Path tokenFile;
    private String lastId = "";
    private long retryMillis = 2000;

    private Inbox(URI topic, Path tokenFile) {
        this.topic = topic;
        this.tokenFile = tokenFile;
    }

    public static void main(String[] arguments) throws Exception {
        new Inbox(URI.create(arguments[0]), Path.of(arguments[1])).run();
    }

    private void run() throws Exception {
        while (true) {
            try {
                read();
            } catch (IOException e) {
                System.err.println("disconnected: " + e.getMessage());
            }
            Thread.sleep(retryMillis);
        }
    }

    /** Reads one stream to its end. */
    private void read() throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(topic)
                        .timeout(LONGEST_SILENCE) // for the head of the response
                        .header("Authorization", "Bearer " + token());
        if (!lastId.isEmpty()) {
            request.header("Last-Event-ID", lastId);
        }
        HttpResponse<InputStream> response =
                client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        try (var lines =
                new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            switch (response.statusCode()) {
                case 200 -> print(lines, response.body());
                // The token has expired, unless the clock of this machine is wrong: the next one may be better.
                case 401 -> throw new IOException("the token is refused: " + lines.readLine());
                case 429, 503 -> throw new IOException("status " + response.statusCode());
                default ->
                        throw new IllegalStateException(
                                "status " + response.statusCode() + ": " + lines.readLine());
            }
        }
    }

    /** Yours: the token of the user's session, renewed with your backend shortly before it expires. */
    private String token() throws IOException {
        return Files.readString(tokenFile).strip();
    }

    /** The format of event streams, as far as it is needed here: the type of events is left out. */
    private void print(BufferedReader lines, InputStream body) throws IOException {
        var data = new StringBuilder();
        String id = lastId;
        Future<?> silence = closeLater(body);
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            silence.cancel(false);
            silence = closeLater(body);
            int colon = line.indexOf(':');
            String field = colon < 0 ? line : line.substring(0, colon);
            String value = colon < 0 ? "" : line.substring(colon + 1).replaceFirst("^ ", "");
            switch (field) {
                case "data" -> data.append(value).append('\n');
                case "id" -> id = value;
                case "retry" -> retryMillis = Long.parseLong(value);
                case "" -> {
                    if (line.isEmpty()) { // the end of an event; otherwise a comment
                        lastId = id;
                        System.out.print(data);
                        data.setLength(0);
                    }
                }
                default -> {}
            }
        }
        silence.cancel(false);
    }

    /** A phone that changes its network is not told that the connection is dead. */
    private Future<?> closeLater(InputStream body) {
        return timer.schedule(
                () -> {
                    body.close();
                    return null;
                },
                LONGEST_SILENCE.toSeconds(),
                TimeUnit.SECONDS);
    }
}
