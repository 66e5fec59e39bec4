package dev.longwave.server.net;

import java.io.UncheckedIOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One client's connection, from its first byte to its end. */
final class Connection {
    /*
     * One thread at a time works for it; the other methods may be called by any. It goes on on another
     * thread where a client turns out to send requests all the time, on a platform thread; and where a
     * handler takes it over, on a fresh virtual thread: the JVM keeps as much memory for a parked thread as
     * its stack has ever needed, and that one's has never been deep.
     *
     * `engine` is null until the protocol is known, and again once the connection was taken over: then
     * nothing may hold on to the engine. So is `reads`, as nothing is read from then on.
     */
    private static final System.Logger LOGGER = System.getLogger(Connection.class.getName());

    private interface Work {
        /** Whether the connection is at its end, rather than going on on another thread. */
        boolean run() throws InterruptedException;
    }

    private final TcpEndpoint endpoint;
    private final Listener listener;
    private ConnectionLimits.@Nullable Admission admission;
    private volatile Deadlines.@Nullable Wait reads;
    private volatile @Nullable Thread thread;
    private volatile @Nullable Engine engine;
    private volatile boolean handedOver;
    private volatile boolean closing;

    Connection(TcpEndpoint endpoint, Listener listener) {
        this.endpoint = endpoint;
        this.listener = listener;
    }

    /** Serves the connection to its end, or until it goes on on another thread. */
    void serve() {
        reads = listener.deadlines().wait(this::readLimitNanos, this::readExpired);
        work(() -> {
            ConnectionLimits.Admission admitted = listener.limits().admit(endpoint.peer());
            admission = admitted;
            Optional<ProtocolDetector.Detected> detected = ProtocolDetector.detect(this::read);
            if (detected.isEmpty()) {
                return true;
            }
            ProtocolDetector.Detected client = detected.get();
            if (admitted.exceeded().isPresent()) {
                endpoint.write(Refusal.of(client.protocol(), admitted.exceeded().get()));
                return true;
            }
            return serve(
                    listener.engines()
                            .engine(
                                    client.protocol(),
                                    endpoint,
                                    client.first(),
                                    this::read,
                                    listener.platformThreads()));
        });
    }

    private boolean serve(Engine serving) throws InterruptedException {
        engine = serving;
        if (closing) { // asked of the engine before this one
            return true;
        }
        return switch (serving.serve()) {
            case Engine.Outcome.Ended _ -> true;
            case Engine.Outcome.Busy _ -> {
                if (!listener.platformThreads().start(() -> work(() -> serve(serving)))) {
                    listener.start(() -> work(() -> serve(serving)));
                }
                yield false;
            }
            case Engine.Outcome.HandedOver(Runnable response) -> {
                handedOver = true;
                engine = null;
                endReads();
                listener.start(() -> respond(response));
                yield false;
            }
        };
    }

    /** Writes the response of the handler that took the connection over, to its end. */
    private void respond(Runnable response) {
        work(() -> {
            response.run();
            return true;
        });
    }

    private byte @Nullable [] read() {
        Deadlines.Wait wait = reads;
        if (wait == null) {
            throw new IllegalStateException("the connection was handed over");
        }
        wait.progress();
        try {
            return endpoint.read();
        } finally {
            wait.over();
        }
    }

    private long readLimitNanos() {
        Deadlines.Limits limits = listener.deadlines().limits();
        Engine present = engine;
        return (present == null ? limits.read() : present.readLimit(limits)).toNanos();
    }

    private void readExpired() {
        LOGGER.log(System.Logger.Level.DEBUG, "a client sent nothing for too long");
        Engine present = engine;
        if (present == null || !present.isIdle()) {
            endpoint.expire();
            return;
        }
        listener.start(() -> {
            present.finish();
            present.awaitWritten();
            endpoint.close();
        });
    }

    private void endReads() {
        Deadlines.Wait wait = reads;
        if (wait != null) {
            wait.close();
            reads = null;
        }
    }

    private void work(Work work) {
        thread = Thread.currentThread();
        boolean ended = true;
        try {
            ended = work.run();
        } catch (InterruptedException _) {
            // Closed.
        } catch (UncheckedIOException e) {
            LOGGER.log(System.Logger.Level.TRACE, "connection ended", e);
        } catch (RuntimeException e) {
            LOGGER.log(System.Logger.Level.WARNING, "connection failed", e);
        }
        if (ended) {
            end();
        }
    }

    private void end() {
        Engine last = engine;
        if (last != null) {
            last.awaitWritten();
        }
        endReads();
        endpoint.close();
        if (admission != null) {
            admission.close();
        }
        listener.ended(this);
    }

    /** Has it end after the request that it is at, or now if there is none. */
    void finish() {
        closing = true;
        Engine current = engine;
        if (current != null) {
            current.finish();
        } else if (!handedOver) {
            endpoint.close();
        }
    }

    /** Ends it now. */
    void cut() {
        closing = true;
        Thread worker = thread;
        if (worker != null) {
            worker.interrupt();
        }
        endpoint.close();
    }
}
