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
final class EventStream {
    /*
     * run() belongs to the request's thread. `writingSince` is for the sweeper, which wants to know roughly
     * how long a write has taken: opaque access is enough.
     */
    private static final System.Logger LOGGER = System.getLogger(EventStream.class.getName());
    private static final VarHandle WRITING_SINCE;
    private static final long NOT_WRITING = 0;

    static {
        try {
            WRITING_SINCE =
                    MethodHandles.lookup()
                            .findVarHandle(EventStream.class, "writingSince", long.class);
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
                outbox.express(new Express(http1));
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

    void heartbeat() {
        outbox.heartbeat();
    }

    /** Gives the stream up if a write has taken longer than {@code deadline}. Any thread. */
    void enforce(Duration deadline, long nowNanos) {
        long since = (long) WRITING_SINCE.getOpaque(this);
        if (since == NOT_WRITING || nowNanos - since < deadline.toNanos()) {
            return;
        }
        outbox.close(CloseReason.WRITE_DEADLINE);
        // Interrupting closes the connection. A shared one is spared as long as it can be just this
        // stream's
        // flow control, which has the same deadline and fails by itself.
        if (sink instanceof Http1Sink || nowNanos - since >= 2 * deadline.toNanos()) {
            thread.interrupt();
        }
    }

    /** What threads that bring news do in this stream's place, if it takes no waiting. */
    private final class Express implements Outbox.Express {
        private final Http1Sink http1;

        Express(Http1Sink http1) {
            this.http1 = http1;
        }

        @Override
        public SseBatch.Framing framing() {
            return http1.framing();
        }

        @Override
        public boolean send(Outbox.Taken taken, SseBatch news) {
            if (taken == Outbox.Taken.HEARTBEAT) {
                addHeartbeat(news);
            }
            news.finish();
            return http1.writeNow(news);
        }
    }

    private static CloseConnectionException gone(@Nullable Throwable cause) {
        return cause == null
                ? new CloseConnectionException("the stream was given up")
                : new CloseConnectionException("the client is gone", cause);
    }
}
