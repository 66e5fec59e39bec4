package dev.longwave.server.poll;

import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.Start;
import dev.longwave.core.CloseReason;
import dev.longwave.core.Hub;
import dev.longwave.server.auth.Access;
import dev.longwave.server.auth.ClientStream;
import dev.longwave.server.auth.Identity;
import dev.longwave.server.auth.Purpose;
import dev.longwave.server.http.Allowance;
import dev.longwave.server.http.Memory;
import dev.longwave.server.http.Parameters;
import dev.longwave.server.http.Problem;
import dev.longwave.server.http.ProblemException;
import dev.longwave.server.http.Query;
import dev.longwave.server.http.Responses;
import dev.longwave.server.http.Since;
import dev.longwave.server.http.Starts;
import dev.longwave.server.http.TopicsToRead;
import dev.longwave.server.session.Reconnects;
import dev.longwave.server.session.Sessions;
import io.helidon.http.Status;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedSet;

/**
 * {@code GET /poll/...}: waits for events after an ID, and answers with those that there are, for
 * clients behind proxies that hold back streams. Positions, gaps, rights, and limits are those of
 * event streams: each request is a short stream.
 */
public final class PollHandler implements Handler {

    /** The parameters of a request. */
    public static final Parameters PARAMETERS = Starts.parameters("after", "wait");

    private static final int DEFAULT_WAIT_SECONDS = 25;
    private static final int MAX_WAIT_SECONDS = 60;

    private final Hub hub;
    private final Access access;
    private final TopicsToRead toRead;
    private final Sessions sessions;
    private final Reconnects reconnects;
    private final int maxTopics;
    private final Memory memory;
    private final InstantSource clock;

    public PollHandler(
            Hub hub,
            Access access,
            TopicsToRead toRead,
            Sessions sessions,
            Reconnects reconnects,
            int maxTopics,
            Memory memory,
            InstantSource clock) {
        this.hub = hub;
        this.access = access;
        this.toRead = toRead;
        this.sessions = sessions;
        this.reconnects = reconnects;
        this.maxTopics = maxTopics;
        this.memory = memory;
        this.clock = clock;
    }

    @Override
    public void handle(ServerRequest request, ServerResponse response) {
        if (sessions.draining()) {
            throw draining();
        }
        Identity client = access.identify(request, Purpose.EVENTS);
        Query query = Query.of(request).renamed("after", "lastEventId");
        SequencedSet<String> topics = toRead.all(request, query, maxTopics);
        client.checkSubscribe(topics);
        Map<String, Optional<Start>> starts = Starts.of(request, query, topics, maxTopics, clock);
        Duration wait =
                Duration.ofSeconds(query.number("wait", DEFAULT_WAIT_SECONDS, MAX_WAIT_SECONDS));
        ClientStream<PollBatch> stream = ClientStream.open(hub, client, starts);
        if (stream.outbox().nothingLeft()) {
            stream.close();
            response.status(Status.NO_CONTENT_204).send();
            return;
        }
        var sink = new PollSink(stream.outbox());
        if (isNewToATopic(starts) && stream.outbox().isPlaced()) {
            sink.end(CloseReason.ENDED);
            stream.close();
        } else {
            var _ = stream.serve(sessions, sink, wait);
        }
        if (sink.reason() == CloseReason.BROKER_UNAVAILABLE) {
            throw new BrokerUnavailableException("history cannot be read");
        }
        if (sink.reason() == CloseReason.SHUTDOWN && sink.events().isEmpty()) {
            throw draining();
        }
        answer(request, response, client, sink);
    }

    /** A page without events would have the client come back at once. */
    private ProblemException draining() {
        return Problem.draining(reconnects.spreadSeconds()).exception();
    }

    /**
     * A client that starts live in a topic is told at once where that is: if it were cut off while
     * it waits, it would otherwise begin later the next time, and miss what came between. In a
     * topic that has ended, the event that ended it is waiting, and says where that is.
     */
    private static boolean isNewToATopic(Map<String, Optional<Start>> starts) {
        return starts.values().stream().anyMatch(Optional::isEmpty);
    }

    private void answer(
            ServerRequest request, ServerResponse response, Identity client, PollSink sink) {
        String proof = client.proof().map(secret -> Since.PROOF + secret).orElse("");
        try (Allowance allowance = memory.forResponse(request)) {
            Responses.json(
                    request,
                    response,
                    Status.OK_200.code(),
                    allowance,
                    json -> {
                        json.writeStartObject();
                        json.writeFieldName("events");
                        json.writeObject(sink.events());
                        json.writeStringField("next", sink.next() + proof);
                        json.writeEndObject();
                    });
        }
    }
}
