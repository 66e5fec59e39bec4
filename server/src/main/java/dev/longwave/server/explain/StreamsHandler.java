package dev.longwave.server.explain;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longwave.core.Progress;
import dev.longwave.server.http.Json;
import dev.longwave.server.http.Parameters;
import dev.longwave.server.http.Query;
import dev.longwave.server.http.Responses;
import dev.longwave.server.session.Session;
import dev.longwave.server.session.Sessions;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.PriorityQueue;

/**
 * {@code GET /admin/streams}: the open streams of this node, or those of one client, with those
 * first that have the most events waiting. It looks at all open streams.
 */
public final class StreamsHandler implements Handler {

    private static final String SUBJECT = "subject";
    private static final String MAX = "max";

    /** The parameters of a request. */
    public static final Parameters PARAMETERS = Parameters.of(SUBJECT, MAX);

    private static final int MAX_STREAMS = 1000;
    private static final int DEFAULT_STREAMS = 100;
    private static final int MAX_TOPICS = 20; // of one stream

    private final String node;
    private final Sessions sessions;
    private final InstantSource clock;

    /**
     * @param node what the IDs of this node's streams begin with
     */
    public StreamsHandler(String node, Sessions sessions, InstantSource clock) {
        this.node = node;
        this.sessions = sessions;
        this.clock = clock;
    }

    /** A session, and how many events waited for it when it was looked at: that changes. */
    private record Found(Session session, long waiting) {}

    @Override
    public void handle(ServerRequest request, ServerResponse response) {
        Query query = Query.of(request);
        Optional<String> subject = query.value(SUBJECT);
        int max = query.contains(MAX) ? query.number(MAX, 1, MAX_STREAMS) : DEFAULT_STREAMS;
        var slowest = new PriorityQueue<Found>(Comparator.comparingLong(Found::waiting));
        var open = new int[1];
        sessions.forEach(session -> {
            if (subject.isPresent() && !isOf(subject.get(), session)) {
                return;
            }
            open[0]++;
            slowest.add(new Found(session, session.waiting()));
            if (slowest.size() > max) {
                slowest.remove();
            }
        });
        Instant now = clock.instant();
        ObjectNode document = Json.object().put("node", node).put("open", open[0]);
        ArrayNode streams = document.putArray("streams");
        List<Found> found = new ArrayList<>(slowest);
        found.sort(
                Comparator.comparingLong(Found::waiting)
                        .reversed()
                        .thenComparing(each -> each.session().connection()));
        found.forEach(each -> streams.add(json(each, now)));
        Responses.json(request, response, 200, document);
    }

    private static boolean isOf(String subject, Session session) {
        return Objects.equals(subject.isEmpty() ? null : subject, session.credential().subject());
    }

    private static ObjectNode json(Found found, Instant now) {
        Session session = found.session();
        List<Progress> topics = session.report().topics();
        ObjectNode json =
                Json.object()
                        .put("connection", session.connection())
                        .put("transport", session.transport())
                        .put("subject", session.credential().subject())
                        .put(
                                "opened",
                                now.minus(session.age()).truncatedTo(ChronoUnit.MILLIS).toString())
                        .put("topicCount", topics.size());
        ArrayNode names = json.putArray("topics");
        topics.stream().limit(MAX_TOPICS).forEach(topic -> names.add(topic.topic()));
        return json.put("delivered", session.delivered())
                .put("bytes", session.bytesWritten())
                .put("waiting", found.waiting())
                .put("stalls", session.stalls());
    }
}
