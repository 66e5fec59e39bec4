package dev.longwave.server.sse;

import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.Start;
import dev.longwave.core.Hub;
import dev.longwave.server.auth.Access;
import dev.longwave.server.auth.ClientStream;
import dev.longwave.server.auth.Identity;
import dev.longwave.server.auth.Purpose;
import dev.longwave.server.http.Fields;
import dev.longwave.server.http.Parameters;
import dev.longwave.server.http.Problem;
import dev.longwave.server.http.ProblemException;
import dev.longwave.server.http.Query;
import dev.longwave.server.http.Since;
import dev.longwave.server.http.Starts;
import dev.longwave.server.http.StreamHeaders;
import dev.longwave.server.http.TopicsToRead;
import dev.longwave.server.net.ResponseStream;
import dev.longwave.server.net.helidon.Exchange;
import dev.longwave.server.session.Reconnects;
import dev.longwave.server.session.Sessions;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedSet;

/** {@code GET /events/...}: subscribes, and serves the stream. */
public final class SubscribeHandler implements Handler {

    private static final String EVENT_STREAM = "text/event-stream";
    private static final String DETAILS = "details";
    private static final String TRACE = "trace";

    /** The parameters of a request. */
    public static final Parameters PARAMETERS =
            Starts.parameters(Heartbeats.PARAMETER, DETAILS, TRACE);

    private final Hub hub;
    private final Access access;
    private final TopicsToRead toRead;
    private final Sessions sessions;
    private final SseSettings settings;
    private final InstantSource clock;
    private final Reconnects reconnects;

    public SubscribeHandler(
            Hub hub,
            Access access,
            TopicsToRead toRead,
            Sessions sessions,
            SseSettings settings,
            InstantSource clock) {
        this.hub = hub;
        this.access = access;
        this.toRead = toRead;
        this.sessions = sessions;
        this.settings = settings;
        this.clock = clock;
        this.reconnects =
                new Reconnects(settings.retry(), settings.reconnectsPerSecond(), sessions::count);
    }

    @Override
    public void handle(ServerRequest request, ServerResponse response) {
        if (sessions.draining()) {
            sendElsewhere(request, response);
            return;
        }
        try {
            subscribe(request, response);
        } catch (ProblemException e) {
            if (!isRefusal(e.problem()) || !access.isRefusedTooOften(request)) {
                throw e;
            }
            // It has not understood that, and every client understands this.
            response.status(Status.NO_CONTENT_204).header(StreamHeaders.CACHE_CONTROL).send();
        }
    }

    /**
     * EventSource gives up for good at any status but 200, so a client that asks for an event
     * stream in so many words gets an empty one. Others understand 503, proxies among them, and may
     * go to another node at once.
     */
    private void sendElsewhere(ServerRequest request, ServerResponse response) {
        boolean understandsStreams =
                Fields.values(request, HeaderNames.ACCEPT).stream()
                        .anyMatch(value -> value.contains(EVENT_STREAM));
        if (!understandsStreams) {
            throw Problem.draining(reconnects.spreadSeconds()).exception();
        }
        StreamHeaders.set(response, EVENT_STREAM);
        response.send(
                ": the server is about to stop\nretry: %d\n".formatted(reconnects.spreadMillis()));
    }

    private static boolean isRefusal(Problem problem) {
        return problem.status() == Status.UNAUTHORIZED_401.code()
                || problem.status() == Status.FORBIDDEN_403.code();
    }

    private void subscribe(ServerRequest request, ServerResponse response) {
        Identity client = access.identify(request, Purpose.EVENTS);
        Query query = Query.of(request);
        var heartbeats = Heartbeats.of(query);
        SseFormat format = SseFormat.of(query.flag(TRACE), query.flag(DETAILS));
        Map<String, Optional<Start>> starts = starts(request, query, client);
        ClientStream<SseBatch> stream;
        try {
            stream = ClientStream.open(hub, client, starts);
        } catch (BrokerUnavailableException _) {
            askToRetry(request, response, client);
            return;
        }
        if (stream.outbox().nothingLeft()) {
            stream.close();
            // EventSource takes this for the end, and does not reconnect.
            response.status(Status.NO_CONTENT_204).send();
            return;
        }
        ResponseStream taken;
        try {
            StreamHeaders.set(response, EVENT_STREAM);
            taken = Exchange.of(request).takeOver(response);
        } catch (RuntimeException e) {
            stream.close();
            throw e;
        }
        var opening =
                new SseSink.Opening(
                        format,
                        heartbeats,
                        clientKnows(starts),
                        client.proof().map(proof -> Since.PROOF + proof).orElse(""));
        var sink = new SseSink(taken, reconnects, opening);
        taken.serve(() -> stream.serve(sessions, sink, settings.maxAge()));
    }

    /** Answers {@code HEAD}: with the headers of a stream, without subscribing to anything. */
    public void head(ServerRequest request, ServerResponse response) {
        Identity client = access.identify(request, Purpose.OTHER);
        Query query = Query.of(request);
        var _ = Heartbeats.of(query);
        var _ = query.flag(DETAILS);
        var _ = starts(request, query, client);
        StreamHeaders.set(response, EVENT_STREAM);
        ResponseStream stream = Exchange.of(request).takeOver(response);
        stream.serve(() -> {
            stream.endpoint().write(ByteBuffer.wrap(stream.head()));
            stream.endpoint().close();
            return true;
        });
    }

    /**
     * Whether a client that is cut off before it receives anything would begin here again: it sends
     * the same cursor or the same query.
     */
    private static boolean clientKnows(Map<String, Optional<Start>> starts) {
        return starts.values().stream()
                .allMatch(start ->
                        start.filter(s -> s instanceof Start.After || s instanceof Start.Earliest)
                                .isPresent());
    }

    /**
     * Sends an empty stream. Any status but 200 would make EventSource give up for good, and this
     * failure passes.
     */
    private void askToRetry(ServerRequest request, ServerResponse response, Identity client) {
        StreamHeaders.set(response, EVENT_STREAM);
        // Its ticket is used up: the client needs the proof, beside the cursor that it has.
        String id =
                client.proof()
                        .map(proof ->
                                "id: %s%s%s\n\n"
                                        .formatted(
                                                Starts.cursor(request, Query.of(request))
                                                        .orElse(""),
                                                Since.PROOF,
                                                proof))
                        .orElse("");
        response.send(
                ": the broker is unavailable\nretry: %d\n%s"
                        .formatted(reconnects.spreadMillis(), id));
    }

    private Map<String, Optional<Start>> starts(
            ServerRequest request, Query query, Identity client) {
        SequencedSet<String> topics = toRead.all(request, query, settings.maxTopics());
        client.checkSubscribe(topics);
        return Starts.of(request, query, topics, settings.maxTopics(), clock);
    }
}
