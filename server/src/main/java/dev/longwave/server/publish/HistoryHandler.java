package dev.longwave.server.publish;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longwave.broker.Coverage;
import dev.longwave.broker.Entry;
import dev.longwave.broker.GapReason;
import dev.longwave.broker.Message;
import dev.longwave.broker.Page;
import dev.longwave.broker.Start;
import dev.longwave.core.EventId;
import dev.longwave.core.Hub;
import dev.longwave.server.http.Json;
import dev.longwave.server.http.Problem;
import dev.longwave.server.http.Query;
import dev.longwave.server.http.Responses;
import dev.longwave.server.http.Since;
import dev.longwave.server.http.TopicsToRead;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Optional;

/** {@code GET /history/{topic}}: a page of past events of a topic or pattern. */
public final class HistoryHandler implements Handler {

    private static final int DEFAULT_EVENTS = 100;
    private static final int MAX_BYTES = 1 << 20;

    private final Hub hub;
    private final TopicsToRead toRead;
    private final PublishSettings settings;
    private final InstantSource clock;

    public HistoryHandler(
            Hub hub, TopicsToRead toRead, PublishSettings settings, InstantSource clock) {
        this.hub = hub;
        this.toRead = toRead;
        this.settings = settings;
        this.clock = clock;
    }

    @Override
    public void handle(ServerRequest request, ServerResponse response) {
        String topic = toRead.inPath(request);
        Page page;
        try {
            page = hub.history(topic, start(request, topic), null, limit(request), MAX_BYTES);
        } catch (UnsupportedOperationException _) {
            throw Problem.noHistory().exception();
        }
        Responses.json(response, 200, answer(topic, page));
    }

    private static ObjectNode answer(String topic, Page page) {
        boolean complete = page.coverage() == Coverage.COMPLETE;
        ObjectNode answer =
                Json.object()
                        .put("topic", topic)
                        .put(
                                "coverage",
                                complete ? "complete" : GapReason.of(page.coverage()).word());
        ArrayNode events = answer.putArray("events");
        page.entries().forEach(entry -> events.add(event(topic, entry)));
        return answer.put("next", page.more() ? EventId.of(topic, page.end()) : null);
    }

    private static ObjectNode event(String topic, Entry entry) {
        Message message = entry.message();
        ObjectNode event =
                Json.object()
                        .put("id", EventId.of(topic, entry.position()))
                        .put("time", entry.time().toString());
        if (entry.topic() != null) {
            event.put("topic", entry.topic());
        }
        if (message.type() != null) {
            event.put("type", message.type());
        }
        if (message.key() != null) {
            event.put("key", message.key());
        }
        if (message.id() != null) {
            event.put("messageId", message.id());
        }
        if (message.end()) {
            event.put("end", true);
        }
        if (!message.attributes().isEmpty()) {
            message.attributes().forEach(event.putObject("attributes")::put);
        }
        return message.isText()
                ? event.put("data", new String(message.data(), StandardCharsets.UTF_8))
                : event.put("encoding", "base64")
                        .put("data", Base64.getEncoder().encodeToString(message.data()));
    }

    private Start start(ServerRequest request, String topic) {
        Optional<String> given = Query.value(request, "since");
        if (given.isEmpty()) {
            return Start.earliest();
        }
        String since = given.get();
        return Since.start(since, clock)
                .orElseGet(() ->
                        Since.eventId(since, Integer.MAX_VALUE / 64)
                                .position(topic)
                                .map(Start::after)
                                .orElseThrow(() -> Problem.foreignId().exception()));
    }

    private int limit(ServerRequest request) {
        Optional<String> given = Query.value(request, "limit");
        if (given.isEmpty()) {
            return Math.min(DEFAULT_EVENTS, settings.maxHistoryEvents());
        }
        try {
            int limit = Integer.parseInt(given.get());
            if (limit >= 1 && limit <= settings.maxHistoryEvents()) {
                return limit;
            }
        } catch (NumberFormatException _) {
            // Answered below.
        }
        throw Problem.malformedParameter(
                        "limit",
                        "limit must be a whole number min=1 max=" + settings.maxHistoryEvents())
                .with("max", settings.maxHistoryEvents())
                .exception();
    }
}
