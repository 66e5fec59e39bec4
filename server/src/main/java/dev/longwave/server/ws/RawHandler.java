package dev.longwave.server.ws;

import dev.longwave.broker.Start;
import dev.longwave.core.CloseReason;
import dev.longwave.core.Hub;
import dev.longwave.core.Outbox;
import dev.longwave.server.auth.Access;
import dev.longwave.server.auth.ClientStream;
import dev.longwave.server.auth.Identity;
import dev.longwave.server.auth.Purpose;
import dev.longwave.server.http.Memory;
import dev.longwave.server.http.Parameters;
import dev.longwave.server.http.Problem;
import dev.longwave.server.http.Query;
import dev.longwave.server.http.Responses;
import dev.longwave.server.http.Starts;
import dev.longwave.server.http.TopicsToRead;
import dev.longwave.server.net.Deadlines;
import dev.longwave.server.net.ResponseStream;
import dev.longwave.server.publish.EventPublisher;
import dev.longwave.server.session.Reconnects;
import dev.longwave.server.session.Sessions;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedSet;

/**
 * {@code GET /ws/...}: a WebSocket whose messages are events, in both directions. In the
 * sub-protocol {@value EnvelopeFormat#PROTOCOL} they are JSON objects, otherwise nothing but data.
 */
public final class RawHandler implements Handler {

    /** The parameters of a request. */
    public static final Parameters PARAMETERS = Starts.parameters();

    private static final byte[] NOTHING = {};

    private final Hub hub;
    private final Access access;
    private final TopicsToRead toRead;
    private final EventPublisher publisher;
    private final Sessions sessions;
    private final Streams streams;
    private final WsSettings settings;
    private final Deadlines deadlines;
    private final Memory memory;
    private final InstantSource clock;

    /**
     * What holds for streams of any kind.
     *
     * @param maxTopics how many topics one may have
     * @param maxAge how long one may last; zero for no limit
     * @param reconnects how long clients are to wait before they reconnect
     */
    public record Streams(int maxTopics, Duration maxAge, Reconnects reconnects) {}

    public RawHandler(
            Hub hub,
            Access access,
            TopicsToRead toRead,
            EventPublisher publisher,
            Sessions sessions,
            Streams streams,
            WsSettings settings,
            Deadlines deadlines,
            Memory memory,
            InstantSource clock) {
        this.hub = hub;
        this.access = access;
        this.toRead = toRead;
        this.publisher = publisher;
        this.sessions = sessions;
        this.streams = streams;
        this.settings = settings;
        this.deadlines = deadlines;
        this.memory = memory;
        this.clock = clock;
    }

    @Override
    public void handle(ServerRequest request, ServerResponse response) {
        if (sessions.draining()) {
            throw Problem.draining(streams.reconnects().spreadSeconds()).exception();
        }
        // First what uses up no ticket.
        Handshake handshake =
                Handshake.of(
                        request,
                        response,
                        List.of(EnvelopeFormat.PROTOCOL, BareFormat.PROTOCOL),
                        settings.compression());
        Query query = Query.of(request);
        SequencedSet<String> topics = toRead.all(request, query, streams.maxTopics());
        Map<String, Optional<Start>> starts =
                Starts.of(request, query, topics, streams.maxTopics(), clock);
        Identity client = access.identify(request, Purpose.WEBSOCKET);
        client.checkSubscribe(topics);
        ClientStream<WsBatch> stream = ClientStream.open(hub, client, starts);
        ResponseStream upgrade;
        try {
            upgrade = handshake.accept(response.header(Responses.NO_REFERRER));
        } catch (RuntimeException e) {
            stream.close();
            throw e;
        }
        WsSink sink = sink(stream, upgrade, handshake, client);
        upgrade.serve(() -> stream.serve(sessions, sink, streams.maxAge()));
    }

    private WsSink sink(
            ClientStream<WsBatch> stream,
            ResponseStream upgrade,
            Handshake handshake,
            Identity client) {
        Outbox<WsBatch> outbox = stream.outbox();
        boolean envelopes =
                handshake.protocol().filter(EnvelopeFormat.PROTOCOL::equals).isPresent();
        InetSocketAddress peer = upgrade.endpoint().peer();
        var connection =
                new WsConnection(
                        outbox,
                        handshake.compression(),
                        new WsConnection.Bounds(settings.maxMessageBytes(), deadlines),
                        () -> memory.forConnection(peer),
                        own -> {
                            var publishing = new RawPublishing(publisher, client, stream.topics());
                            return envelopes
                                    ? new EnvelopeMessages(publishing, outbox, own)
                                    : new BareMessages(publishing);
                        });
        var framing =
                envelopes
                        ? new EnvelopeFraming(connection, handshake.compression())
                        : new BareFraming(connection, handshake.compression());
        // A client that has all of topics that have ended is told that, and nothing else.
        WsSink.Opening opening = outbox.nothingLeft() ? _ -> NOTHING : framing::opening;
        return new WsSink(upgrade, "websocket", connection, framing, opening, this::status);
    }

    private CloseStatus status(CloseReason reason) {
        return CloseStatus.of(reason, streams.reconnects().spreadMillis());
    }
}
