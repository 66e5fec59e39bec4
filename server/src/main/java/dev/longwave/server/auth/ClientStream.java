package dev.longwave.server.auth;

import dev.longwave.broker.Start;
import dev.longwave.core.Batch;
import dev.longwave.core.Hub;
import dev.longwave.core.Outbox;
import dev.longwave.server.session.Sessions;
import dev.longwave.server.session.Sink;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A stream of topics that one client reads: counted among its streams, and ended when it may not
 * read all of them any more. For one thread, which must {@link #serve} or {@link #close()} it.
 *
 * @param <B> what the stream's transport writes
 */
public final class ClientStream<B extends Batch> implements AutoCloseable {

    private final Hub hub;
    private final Identity client;
    private final List<String> topics;
    private final Runnable closed;
    private final Outbox<B> outbox;

    private ClientStream(
            Hub hub, Identity client, List<String> topics, Runnable closed, Outbox<B> outbox) {
        this.hub = hub;
        this.client = client;
        this.topics = topics;
        this.closed = closed;
        this.outbox = outbox;
    }

    /**
     * Opens a stream, which the client may have.
     *
     * @param starts where to begin in each topic; empty for live from now on
     * @param <B> what the stream's transport writes
     * @throws dev.longwave.server.http.ProblemException if the client has too many
     * @throws dev.longwave.broker.BrokerException if the broker cannot be reached
     */
    public static <B extends Batch> ClientStream<B> open(
            Hub hub, Identity client, Map<String, Optional<Start>> starts) {
        Runnable closed = client.countStream();
        try {
            Outbox<B> outbox = hub.subscribe(starts);
            return new ClientStream<>(hub, client, List.copyOf(starts.keySet()), closed, outbox);
        } catch (RuntimeException e) {
            closed.run();
            throw e;
        }
    }

    /** {@return the stream's outbox} */
    public Outbox<B> outbox() {
        return outbox;
    }

    /** {@return its topics, in order} */
    public List<String> topics() {
        return topics;
    }

    /**
     * Serves it to its end, and closes it.
     *
     * @param maxAge how long it may last; zero for no limit
     * @return whether it was completed, rather than given up because the client is gone
     */
    public boolean serve(Sessions sessions, Sink<B> sink, Duration maxAge) {
        try {
            return sessions.serve(
                    outbox, sink, client.credential(), maxAge, () -> client.holds(topics));
        } finally {
            close();
        }
    }

    /** Gives it back. Once. */
    @Override
    public void close() {
        hub.release(outbox);
        closed.run();
    }
}
