package dev.longwave.server.sse;

import dev.longwave.broker.BrokerException;
import dev.longwave.core.CloseReason;
import dev.longwave.core.Outbox;
import dev.longwave.core.SseBatch;
import io.helidon.webserver.CloseConnectionException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** One open stream: the loop that takes from its outbox and writes. */
final class EventStream implements Outbox.Express {
    /*
     * run() belongs to the request's thread. `writingSince` and `silent` are for the thread that visits all
     * streams, which wants to know roughly how long a write has taken, and whether there was one lately:
     * opaque access is enough.
     */
    private static final System.Logger LOGGER = System.getLogger(EventStream.class.getName());
    private static final VarHandle WRITING_SINCE;
    private static final VarHandle SILENT;
    private static final long NOT_WRITING = 0;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            WRITING_SINCE = lookup.findVarHandle(EventStream.class, "writingSince", long.class);
            SILENT = lookup.findVarHandle(EventStream.class, "silent", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Outbox outbox;
    private final SseSink sink;
    private final SseBatch batch;
    private final Thread thread = Thread.currentThread();

    @SuppressWarnings("UnusedVariable") // by WRITING_SINCE
    private long writingSince = NOT_WRITING;

    @SuppressWarnings("UnusedVariable") // by SILENT
    private boolean silent;

    EventStream(Outbox outbox, SseSink sink) {
        this.outbox = outbox;
        this.sink = sink;
        this.batch = new SseBatch(sink.framing());
    }

    /** Serves the stream to its end. */
    void run(Duration retry) {
        try {
            if (sink instanceof Http1Sink http1) {
                http1.open();
                outbox.express(this);
            }
            batch.addLines(withId(": longwave\nretry: " + retry.toMillis() + "\n"));
            write();
            Outbox.Taken taken;
            while ((taken = outbox.take(batch)) != Outbox.Taken.CLOSED) {
                switch (taken) {
                    case HEARTBEAT -> {
                        addHeartbeat(batch);
                        write();
                    }
                    case REST -> writeRest();
                    default -> write();
                }
            }
        } catch (BrokerException e) {
            LOGGER.log(System.Logger.Level.DEBUG, "stream ended: history cannot be read", e);
            outbox.close(CloseReason.BROKER_UNAVAILABLE);
        } catch (RuntimeException e) {
            outbox.close(CloseReason.CLIENT_LEFT);
            throw gone(e);
        }
        end(retry);
    }

    private void end(Duration retry) {
        switch (outbox.closeReason()) {
            case CLIENT_LEFT, WRITE_DEADLINE -> throw gone(null);
            case SHUTDOWN -> finish(() -> spreadReconnection(retry));
            case ENDED, TOO_SLOW, BROKER_UNAVAILABLE -> finish(() -> {});
            case null -> throw new IllegalStateException("a stream ended without a reason");
        }
    }

    /** Completes the response. A client that left, unnoticed until now, is no error here either. */
    private void finish(Runnable lastWords) {
        try {
            lastWords.run();
            sink.close();
        } catch (CloseConnectionException e) {
            throw e;
        } catch (RuntimeException e) {
            throw gone(e);
        }
    }

    /** Has the clients of a server that stops come back at different moments. */
    private void spreadReconnection(Duration retry) {
        long millis = retry.toMillis();
        batch.clear();
        batch.addLines(
                "retry: " + (millis + ThreadLocalRandom.current().nextLong(millis + 1)) + "\n");
        write();
    }

    /**
     * {@code fields} and the stream's id, as one block. It moves the client's last event id without
     * an event. The two must not be apart: by the letter of the grammar, a block on a new
     * connection that ends before there was an id takes the client's old one away.
     */
    private String withId(String fields) {
        String id = outbox.id();
        return id.isEmpty() ? fields : fields + "id: " + id + "\n\n";
    }

    private void addHeartbeat(SseBatch empty) {
        empty.addLines(withId(":\n"));
    }

    private void write() {
        batch.finish();
        WRITING_SINCE.setOpaque(this, System.nanoTime() | 1);
        sink.emit(batch);
        WRITING_SINCE.setOpaque(this, NOT_WRITING);
        SILENT.setOpaque(this, false);
        batch.clear();
    }

    private void writeRest() {
        if (sink instanceof Http1Sink http1) {
            WRITING_SINCE.setOpaque(this, System.nanoTime() | 1);
            http1.writeRest();
            WRITING_SINCE.setOpaque(this, NOT_WRITING);
        }
    }

    /** Ends the stream: soon, or at once if {@link #run} is stuck in a write. Any thread. */
    void close(CloseReason reason) {
        outbox.close(reason);
    }

    /** Sends a heartbeat if nothing was sent since the last call. Any thread. */
    void beat() {
        if ((boolean) SILENT.getOpaque(this)) {
            outbox.heartbeat();
        } else {
            SILENT.setOpaque(this, true);
        }
    }

    /** Gives the stream up if a write has taken longer than {@code deadline}. Any thread. */
    void enforce(Duration deadline, long nowNanos) {
        long since = writingSince();
        if (since == NOT_WRITING || nowNanos - since < deadline.toNanos()) {
            return;
        }
        outbox.close(CloseReason.WRITE_DEADLINE);
        switch (sink) {
            case Http1Sink _ -> thread.interrupt(); // which closes the connection
            // A shared connection is spared as long as it can be just this stream's flow control,
            // which has the same deadline and fails by itself.
            case Http2Sink http2 when nowNanos - since >= 2 * deadline.toNanos() ->
                    http2.wire().cut();
            case Http2Sink _ -> {}
        }
    }

    private long writingSince() {
        long since = (long) WRITING_SINCE.getOpaque(this);
        return since == NOT_WRITING && sink instanceof Http2Sink http2
                ? http2.wire().writingSince()
                : since;
    }

    @Override
    public SseBatch.Framing framing() {
        return sink.framing();
    }

    /** What threads that bring news do in this stream's place, if it takes no waiting. */
    @Override
    public boolean send(Outbox.Taken taken, SseBatch news) {
        if (taken == Outbox.Taken.HEARTBEAT) {
            addHeartbeat(news);
        }
        news.finish();
        SILENT.setOpaque(this, false);
        return ((Http1Sink) sink).writeNow(news); // no other sink is express
    }

    @Override
    public int touch() {
        return (silent ? 1 : 0) + ((Http1Sink) sink).touch();
    }

    private static CloseConnectionException gone(@Nullable Throwable cause) {
        return cause == null
                ? new CloseConnectionException("the stream was given up")
                : new CloseConnectionException("the client is gone", cause);
    }
}
