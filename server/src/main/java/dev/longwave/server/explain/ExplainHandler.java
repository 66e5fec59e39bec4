package dev.longwave.server.explain;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longwave.broker.Position;
import dev.longwave.broker.TopicPattern;
import dev.longwave.core.Hub;
import dev.longwave.core.TopicName;
import dev.longwave.server.auth.RefusedRead;
import dev.longwave.server.http.Parameters;
import dev.longwave.server.http.Problem;
import dev.longwave.server.http.Query;
import dev.longwave.server.http.Responses;
import dev.longwave.server.http.Since;
import dev.longwave.server.session.Session;
import dev.longwave.server.session.Sessions;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /admin/explain}: why a client did not get an event, as far as this node knows.
 *
 * <p>It looks at all open streams of the node, and reads a few entries of the broker's log.
 */
public final class ExplainHandler implements Handler {

    private static final String TOPIC = "topic";
    private static final String ID = "id";
    private static final String SUBJECT = "subject";
    private static final String CONNECTION = "connection";

    /** The parameters of a request. */
    public static final Parameters PARAMETERS = Parameters.of(TOPIC, ID, SUBJECT, CONNECTION);

    /** More topics than any event ID names. */
    private static final int MAX_TOPICS = Integer.MAX_VALUE / 64;

    private final String node;
    private final Hub hub;
    private final Sessions sessions;
    private final FlightRecorder recorder;
    private final InstantSource clock;

    /**
     * @param node what the IDs of this node's streams begin with
     * @param sessions the open streams
     * @param recorder those that have ended
     */
    public ExplainHandler(
            String node, Hub hub, Sessions sessions, FlightRecorder recorder, InstantSource clock) {
        this.node = node;
        this.hub = hub;
        this.sessions = sessions;
        this.recorder = recorder;
        this.clock = clock;
    }

    @Override
    public void handle(ServerRequest request, ServerResponse response) {
        Query query = Query.of(request);
        String topic = topic(query);
        Client client = client(query);
        Position position =
                Since.eventId(required(query, ID), MAX_TOPICS)
                        .position(topic)
                        .orElseThrow(() -> Problem.foreignId().exception());
        PublishedEvent event = PublishedEvent.find(hub, topic, position);
        Instant now = clock.instant();
        var judge = new Judge(event, now);
        Ranking streams = streams(client, judge, now);
        ObjectNode answer =
                new Explanation(node, now, recorder.since(), event, client)
                        .json(judge, streams, refusals(client, streams, judge));
        Responses.json(request, response, 200, answer);
    }

    private String topic(Query query) {
        String topic = TopicName.checkedOrPattern(required(query, TOPIC));
        if (TopicPattern.isPattern(topic) && !hub.hasPatterns()) {
            throw Problem.malformedParameter(TOPIC, "this broker cannot read topics by pattern")
                    .exception();
        }
        return topic;
    }

    private static String required(Query query, String name) {
        return query.value(name)
                .filter(value -> !value.isEmpty())
                .orElseThrow(() ->
                        Problem.malformedParameter(name, name + " must be given").exception());
    }

    private static Client client(Query query) {
        Optional<String> subject = query.value(SUBJECT);
        Optional<String> connection = query.value(CONNECTION);
        if (subject.isPresent() == connection.isPresent()) {
            throw Problem.malformedParameter(
                            SUBJECT,
                            "one of subject and connection must be given; an empty subject stands"
                                    + " for clients that have not signed in")
                    .exception();
        }
        return connection.isPresent()
                ? new Client(required(query, CONNECTION), null)
                : new Client(null, subject.filter(value -> !value.isEmpty()).orElse(null));
    }

    /** Open ones first: one that ends meanwhile is found twice rather than not at all. */
    private Ranking streams(Client client, Judge judge, Instant now) {
        var streams = new Ranking(judge);
        sessions.forEach(session -> {
            if (isOf(client, session)) {
                streams.add(RecordedStream.open(session, now));
            }
        });
        recorder.ended(client).forEach(streams::add);
        return streams;
    }

    private static boolean isOf(Client client, Session session) {
        return client.has(session.connection(), session.credential().subject());
    }

    private List<RefusedRead> refusals(Client client, Ranking streams, Judge judge) {
        Set<String> subjects =
                streams.best().stream()
                        .flatMap(each -> Optional.ofNullable(each.stream().subject()).stream())
                        .collect(Collectors.toSet());
        @Nullable String subject = client.subject();
        if (subject != null) {
            subjects.add(subject);
        }
        return recorder.refusals(refused ->
                subjects.contains(refused.subject())
                        && refused.topics().stream().anyMatch(judge::isMeant));
    }
}
