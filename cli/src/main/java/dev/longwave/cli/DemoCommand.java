package dev.longwave.cli;

import dev.longwave.cli.demo.DemoPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code longwave demo}. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        versionProvider = Longwave.Version.class,
        header = "Publish demonstration data to a server until the command is stopped.",
        description =
                "The topics are below demo/: notifications, jobs, metrics, logs, and answers. The"
                        + " server's console at / shows them.",
        optionListHeading = "%nOptions:%n")
final class DemoCommand implements Callable<Integer> {

    private static final Duration DEADLINE = Duration.ofSeconds(10);

    private final Terminal terminal;
    @Mixin private ServerOptions server = new ServerOptions();

    DemoCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws InterruptedException {
        try (var client = server.client();
                var _ =
                        DemoPublisher.start((topic, type, key, data, end) ->
                                publish(client, topic, type, key, data, end))) {
            terminal.say("publishing demonstration data to " + server.url());
            new CountDownLatch(1).await(); // until the process is stopped
        }
        return ExitCode.DONE;
    }

    private static void publish(
            LongwaveClient client,
            String topic,
            @Nullable String type,
            @Nullable String key,
            String data,
            boolean end) {
        Map<String, String> query = new LinkedHashMap<>();
        if (type != null) {
            query.put("type", type);
        }
        if (key != null) {
            query.put("key", key);
        }
        if (end) {
            query.put("end", "true");
        }
        try {
            Outcome outcome =
                    client.post(
                            client.topicUri(topic, query),
                            "text/plain; charset=utf-8",
                            BodyPublishers.ofString(data),
                            DEADLINE);
            if (!(outcome instanceof Outcome.Accepted)) {
                throw new IllegalStateException("not published topic=" + topic);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while publishing topic=" + topic, e);
        }
    }
}
