package dev.longwave.server.http;

import dev.longwave.broker.Start;
import dev.longwave.core.EventId;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import java.time.InstantSource;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where a stream begins in each of its topics, as its request says: at the cursor of a client that
 * reconnects, else where {@code since} says, else live.
 */
public final class Starts {

    private static final HeaderName LAST_EVENT_ID = HeaderNames.create("Last-Event-ID");
    private static final String CURSOR = "lastEventId";
    private static final String SINCE = "since";

    /** As other servers and polyfills spell it. */
    private static final List<String> CURSOR_ALIASES =
            List.of("lastEventID", "last-event-id", "Last-Event-ID");

    private Starts() {}

    /**
     * {@return the parameters of a request for a stream: its topics, where it begins, and {@code
     * further} ones}
     */
    public static Parameters parameters(String... further) {
        return Parameters.of(
                        Stream.concat(Stream.of(SINCE, CURSOR), Stream.of(further))
                                .toArray(String[]::new))
                .andRepeatable("topic")
                .andAliases(CURSOR_ALIASES);
    }

    /**
     * {@return where to begin in each of {@code topics}, in their order; empty for live}
     *
     * @param maxTopics how many topics a cursor may name
     * @throws ProblemException if the cursor is malformed or of other topics, or {@code since}
     *     makes no sense
     */
    public static Map<String, Optional<Start>> of(
            ServerRequest request,
            Query query,
            Collection<String> topics,
            int maxTopics,
            InstantSource clock) {
        Optional<EventId> cursor =
                cursor(request, query).map(text -> Since.eventId(text, maxTopics));
        Optional<Start> since = Optional.empty();
        Optional<String> sinceText = query.value(SINCE);
        if (cursor.isEmpty() && sinceText.isPresent()) {
            String text = sinceText.get();
            since = Since.start(text, clock);
            if (since.isEmpty()) {
                cursor = Optional.of(Since.startAfter(text, maxTopics));
            }
        }
        Map<String, Optional<Start>> starts = new LinkedHashMap<>();
        boolean known = false;
        for (String topic : topics) {
            Optional<Start> after = cursor.flatMap(id -> id.position(topic)).map(Start::after);
            known |= after.isPresent();
            starts.put(topic, after.isPresent() ? after : since);
        }
        if (cursor.isPresent() && !known) {
            throw Problem.foreignId().exception();
        }
        return starts;
    }

    /**
     * {@return where the client left off, without a proof; empty if it does not say} The header is
     * from a reconnecting browser, and so newer than any query.
     *
     * @throws ProblemException if it says so more than once
     */
    public static Optional<String> cursor(ServerRequest request, Query query) {
        List<String> sent = Fields.values(request, LAST_EVENT_ID);
        if (sent.size() > 1) {
            throw Problem.malformedId("the header is given more than once count=" + sent.size())
                    .exception();
        }
        List<String> parameters =
                Stream.concat(Stream.of(CURSOR), CURSOR_ALIASES.stream())
                        .flatMap(name -> query.value(name).stream())
                        .toList();
        if (parameters.size() > 1) {
            throw Problem.malformedParameter(
                            CURSOR,
                            "the parameter is given in more than one spelling count="
                                    + parameters.size())
                    .exception();
        }
        return Stream.concat(sent.stream(), parameters.stream())
                .map(Since::withoutProof)
                .filter(id -> !id.isEmpty())
                .findFirst();
    }
}
