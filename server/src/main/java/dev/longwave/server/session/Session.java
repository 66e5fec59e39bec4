package dev.longwave.server.session;

import dev.longwave.broker.BrokerException;
import dev.longwave.core.Batch;
import dev.longwave.core.CloseReason;
import dev.longwave.core.Outbox;
import dev.longwave.core.StreamReport;
import dev.longwave.server.net.DeadlineExceededException;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/** One open stream: the loop that takes from its outbox and writes to its sink. */
public final class Session {
    /*
     * The loop is generic in what its transport writes, and its fields are not: they are of no use to others.
     */
    private static final System.Logger LOGGER = System.getLogger(Session.class.getName());

    private static final int RADIX = 36;

    private final String node;
    private final long number;
    private final Outbox<?> outbox;
    private final Sink<?> sink;
    private final Standing standing;
    private final BooleanSupplier holds;
    private final long openedNanos = System.nanoTime();

    /**
     * A stream that is being opened.
     *
     * @param node what the IDs of the node's streams begin with
     * @param number tells it from the other streams of the node
     */
    Session(
            String node,
            long number,
            Outbox<?> outbox,
            Sink<?> sink,
            Standing standing,
            BooleanSupplier holds) {
        this.node = node;
        this.number = number;
        this.outbox = outbox;
        this.sink = sink;
        this.standing = standing;
        this.holds = holds;
    }

    /**
     * {@return what tells it from all other streams of all nodes: the node, and a number in base
     * 36}
     */
    public String connection() {
        return node + '-' + Long.toString(number, RADIX);
    }

    /**
     * {@return how far it has come, and what else has happened to it} See {@link Outbox#report}.
     */
    public StreamReport report() {
        return outbox.report();
    }

    /** {@return by what right the client listens at the moment} */
    public Credential credential() {
        return standing.credential();
    }

    /** {@return whether the client may still have all of it} */
    boolean holds() {
        return holds.getAsBoolean();
    }

    /** {@return how long it has been open} */
    public Duration age() {
        return Duration.ofNanos(System.nanoTime() - openedNanos);
    }

    /** {@return the word for its kind} */
    public String transport() {
        return sink.transport();
    }

    /** {@return how many bytes were written to its client} */
    public long bytesWritten() {
        return sink.bytesWritten();
    }

    /** {@return how many events wait for its client} See {@link Outbox#waiting}. */
    public long waiting() {
        return outbox.waiting();
    }

    /** See {@link Outbox#waitingBytes}. */
    int waitingBytes() {
        return outbox.waitingBytes();
    }

    /** {@return how often its client did not take all that was written} */
    public int stalls() {
        return outbox.stalls();
    }

    /** {@return what became of it, at its end} */
    EndedStream ended() {
        CloseReason reason = outbox.closeReason();
        return new EndedStream(
                connection(),
                sink.transport(),
                sink.request(),
                credential().subject(),
                age(),
                outbox.delivered(),
                sink.bytesWritten(),
                outbox.gaps(),
                outbox.stalls(),
                reason == null ? CloseReason.FAILED : reason,
                report());
    }

    /** {@return how many events were taken for it} */
    public long delivered() {
        return outbox.delivered();
    }

    /** Ends it, as soon as its thread comes to it. Any thread. */
    void close(CloseReason reason) {
        outbox.close(reason);
    }

    /** See {@link Outbox#prefetch}. */
    int prefetch() {
        return outbox.prefetch();
    }

    /** See {@link Outbox#beat}. */
    void beat() {
        outbox.beat();
    }

    /**
     * Serves a stream to its end.
     *
     * @return whether it was completed, rather than given up because the client is gone
     */
    static <B extends Batch> boolean run(Outbox<B> outbox, Sink<B> sink) {
        try {
            move(outbox, sink);
        } catch (BrokerException e) {
            LOGGER.log(System.Logger.Level.DEBUG, "stream ended: history cannot be read", e);
            outbox.close(CloseReason.BROKER_UNAVAILABLE);
        } catch (RuntimeException e) {
            LOGGER.log(System.Logger.Level.TRACE, "stream ended: the client is gone", e);
            outbox.close(gone(e));
        }
        return switch (outbox.closeReason()) {
            case CLIENT_LEFT, WRITE_DEADLINE -> false;
            case ENDED,
                    TOO_SLOW,
                    BROKER_UNAVAILABLE,
                    FAILED,
                    SHUTDOWN,
                    MOVED,
                    EXPIRED,
                    REVOKED,
                    CLIENT_CLOSED,
                    CLIENT_FAULT ->
                    end(outbox, sink);
            case null -> throw new IllegalStateException("a stream ended without a reason");
        };
    }

    private static <B extends Batch> void move(Outbox<B> outbox, Sink<B> sink) {
        if (sink.open(outbox, () -> outbox.close(CloseReason.CLIENT_LEFT))) {
            outbox.writeDirectly(sink);
        }
        B batch = sink.batch();
        while (outbox.take(batch)) {
            sink.write(batch);
            batch.clear();
        }
    }

    private static <B extends Batch> boolean end(Outbox<B> outbox, Sink<B> sink) {
        CloseReason reason = outbox.closeReason();
        try {
            sink.end(reason == null ? CloseReason.FAILED : reason);
            return true;
        } catch (RuntimeException e) {
            LOGGER.log(System.Logger.Level.TRACE, "the client left before it was told", e);
            return false;
        }
    }

    private static CloseReason gone(RuntimeException e) {
        return DeadlineExceededException.caused(e)
                ? CloseReason.WRITE_DEADLINE
                : CloseReason.CLIENT_LEFT;
    }
}
