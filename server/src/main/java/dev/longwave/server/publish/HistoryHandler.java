package dev.longwave.server.publish;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.longwave.broker.Coverage;
import dev.longwave.broker.Entry;
import dev.longwave.broker.GapReason;
import dev.longwave.broker.Message;
import dev.longwave.broker.Page;
import dev.longwave.broker.Start;
import dev.longwave.core.EventId;
import dev.longwave.server.auth.Identity;
import dev.longwave.server.auth.Purpose;
import dev.longwave.server.http.Allowance;
import dev.longwave.server.http.Parameters;
import dev.longwave.server.http.Problem;
import dev.longwave.server.http.Query;
import dev.longwave.server.http.Responses;
import dev.longwave.server.http.Since;
import dev.longwave.server.http.TopicsToRead;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@code GET /history/{topic}}: a page of past events of a topic or pattern. */
public final class HistoryHandler implements Handler {

    /** The parameters of a request. */
    public static final Parameters PARAMETERS = Parameters.of("since", "limit");

    private static final int DEFAULT_EVENTS = 100;
    private static final int MAX_BYTES = 1 << 20;

    /** About what an entry takes beside its data. */
    private static final int ENTRY_BYTES = 500;

    private final Publishing publishing;
    private final PublishSettings settings;
    private final TopicsToRead toRead;
    private final InstantSource clock;

    public HistoryHandler(Publishing publishing, TopicsToRead toRead, InstantSource clock) {
        this.publishing = publishing;
        this.settings = publishing.settings();
        this.toRead = toRead;
        this.clock = clock;
    }

    @Override
    public void handle(ServerRequest request, ServerResponse response) {
        Identity client = publishing.access().identify(request, Purpose.OTHER);
        String topic = toRead.inPath(request);
        client.checkSubscribe(List.of(topic));
        Query query = Query.of(request);
        Start start = start(query, topic);
        int limit = limit(query);
        try (Allowance document = publishing.memory().forResponse(request)) {
            Responses.json(
                    request,
                    response,
                    200,
                    document,
                    json -> {
                        // Given back before the response is sent: the page is not needed then.
                        try (Allowance entries = publishing.memory().forResponse(request)) {
                            entries.take(pageBytes(limit));
                            write(json, topic, page(topic, start, limit));
                        }
                    });
        }
    }

    /** How much the entries of a page may take. */
    private long pageBytes(int limit) {
        return Math.min(MAX_BYTES, (long) limit * (settings.maxDataBytes() + ENTRY_BYTES));
    }

    private Page page(String topic, Start start, int limit) {
        try {
            return publishing.hub().history(topic, start, null, limit, MAX_BYTES);
        } catch (UnsupportedOperationException _) {
            throw Problem.noHistory().exception();
        }
    }

    private static void write(JsonGenerator json, String topic, Page page) throws IOException {
        boolean complete = page.coverage() == Coverage.COMPLETE;
        json.writeStartObject();
        json.writeStringField("topic", topic);
        json.writeStringField(
                "coverage", complete ? "complete" : GapReason.of(page.coverage()).word());
        json.writeArrayFieldStart("events");
        for (Entry entry : page.entries()) {
            write(json, topic, entry);
        }
        json.writeEndArray();
        json.writeStringField("next", page.more() ? EventId.of(topic, page.end()) : null);
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, String topic, Entry entry) throws IOException {
        Message message = entry.message();
        json.writeStartObject();
        json.writeStringField("id", EventId.of(topic, entry.position()));
        json.writeStringField("time", entry.time().toString());
        writeIfPresent(json, "topic", entry.topic());
        writeIfPresent(json, "type", message.type());
        writeIfPresent(json, "key", message.key());
        writeIfPresent(json, "messageId", message.id());
        if (message.end()) {
            json.writeBooleanField("end", true);
        }
        if (!message.attributes().isEmpty()) {
            json.writeObjectFieldStart("attributes");
            for (Map.Entry<String, String> attribute : message.attributes().toMap().entrySet()) {
                json.writeStringField(attribute.getKey(), attribute.getValue());
            }
            json.writeEndObject();
        }
        byte[] data = message.data();
        if (message.isText()) {
            json.writeFieldName("data");
            json.writeUTF8String(data, 0, data.length);
        } else {
            json.writeStringField("encoding", "base64");
            json.writeBinaryField("data", data);
        }
        json.writeEndObject();
    }

    private static void writeIfPresent(JsonGenerator json, String name, @Nullable String value)
            throws IOException {
        if (value != null) {
            json.writeStringField(name, value);
        }
    }

    private Start start(Query query, String topic) {
        Optional<String> given = query.value("since");
        if (given.isEmpty()) {
            return Start.earliest();
        }
        String since = given.get();
        return Since.start(since, clock)
                .orElseGet(() ->
                        Since.startAfter(since, Integer.MAX_VALUE / 64)
                                .position(topic)
                                .map(Start::after)
                                .orElseThrow(() -> Problem.foreignId().exception()));
    }

    private int limit(Query query) {
        int max = settings.maxHistoryEvents();
        return query.number("limit", Math.min(DEFAULT_EVENTS, max), max);
    }
}
