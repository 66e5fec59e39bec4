package dev.longwave.cluster;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.longwave.testing.PublishClient;
import dev.longwave.testing.ReceivedEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * That an event was seen, on a stream or in the log: its data name its topic and who published it.
 *
 * @param topic the topic
 * @param message what tells the event from all others of the topic
 * @param id the event's id where it was seen
 */
record Receipt(String topic, String message, String id) {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration TIMEOUT = Duration.ofMinutes(5);

    /** {@return the data of an event} */
    static String data(String topic, String message, String filling) {
        return topic + ' ' + message + ' ' + filling;
    }

    static Receipt of(ReceivedEvent event) {
        return of(event.data(), event.lastEventId());
    }

    private static Receipt of(String data, String id) {
        String[] words = data.split(" ", 3);
        // Many readers have the same ones.
        return new Receipt(words[0].intern(), words[1].intern(), id.intern());
    }

    /** {@return all that the log has of a topic, as {@code node} reads it} */
    static List<Receipt> log(Node node, String topic) {
        List<Receipt> log = new ArrayList<>();
        String since = "earliest";
        while (true) {
            JsonNode page = page(node, topic, since);
            page.required("events")
                    .forEach(event ->
                            log.add(
                                    of(
                                            event.required("data").textValue(),
                                            event.required("id").textValue())));
            if (page.required("next").isNull()) {
                return log;
            }
            since = page.required("next").textValue();
        }
    }

    private static JsonNode page(Node node, String topic, String since) {
        String target = "/history/%s?since=%s".formatted(topic, PublishClient.encoded(since));
        // Right after a fault the node may still be without the bus.
        HttpResponse<String> response =
                await().atMost(TIMEOUT)
                        .until(() -> node.ask(target), answer -> answer.statusCode() != 503);
        if (response.statusCode() != 200) {
            throw new AssertionError(
                    "history topic=%s status=%d %s"
                            .formatted(topic, response.statusCode(), response.body()));
        }
        try {
            JsonNode page = JSON.readTree(response.body());
            if (!page.required("coverage").textValue().equals("complete")) {
                throw new AssertionError("the log of %s has a hole: %s".formatted(topic, page));
            }
            return page;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
