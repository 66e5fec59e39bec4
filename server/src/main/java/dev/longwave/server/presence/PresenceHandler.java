package dev.longwave.server.presence;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.longwave.server.auth.Access;
import dev.longwave.server.auth.Identity;
import dev.longwave.server.auth.Purpose;
import dev.longwave.server.http.Allowance;
import dev.longwave.server.http.Memory;
import dev.longwave.server.http.Parameters;
import dev.longwave.server.http.Query;
import dev.longwave.server.http.Responses;
import dev.longwave.server.http.TopicPath;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;

/** {@code GET /presence/{topic}}: who is in a topic. */
public final class PresenceHandler implements Handler {

    /** The parameters of a request. */
    public static final Parameters PARAMETERS = Parameters.of("limit", "after", "counts");

    private static final int DEFAULT_MEMBERS = 100;
    private static final int MAX_MEMBERS = 1000;

    private final Rooms rooms;
    private final Access access;
    private final Memory memory;

    public PresenceHandler(Rooms rooms, Access access, Memory memory) {
        this.rooms = rooms;
        this.access = access;
        this.memory = memory;
    }

    @Override
    public void handle(ServerRequest request, ServerResponse response) {
        Identity client = access.identify(request, Purpose.OTHER);
        String topic = TopicPath.topic(request);
        client.checkPresence(topic);
        Query query = Query.of(request);
        int limit = query.number("limit", DEFAULT_MEMBERS, MAX_MEMBERS);
        String after = query.value("after").orElse("");
        boolean countsOnly = query.flag("counts");
        try (Allowance document = memory.forResponse(request)) {
            Responses.json(
                    request,
                    response,
                    200,
                    document,
                    json -> {
                        json.writeStartObject();
                        json.writeStringField("topic", topic);
                        if (countsOnly) {
                            write(json, rooms.counts(topic));
                        } else {
                            write(json, rooms.members(topic, after, limit));
                        }
                        json.writeEndObject();
                    });
        }
    }

    private static void write(JsonGenerator json, Counts counts) throws IOException {
        json.writeNumberField("users", counts.users());
        json.writeNumberField("connections", counts.connections());
    }

    private static void write(JsonGenerator json, MemberPage page) throws IOException {
        write(json, page.counts());
        json.writeArrayFieldStart("members");
        for (Member member : page.members()) {
            json.writeStartObject();
            json.writeStringField("connection", member.connection());
            json.writeStringField("user", member.user().isEmpty() ? null : member.user());
            if (!member.info().isEmpty()) {
                json.writeFieldName("info");
                json.writeRawValue(member.info());
            }
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeStringField("next", page.next());
    }
}
