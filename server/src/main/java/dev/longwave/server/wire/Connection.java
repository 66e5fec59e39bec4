package dev.longwave.server.wire;

import io.helidon.common.concurrency.limits.FixedLimit;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.task.InterruptableTask;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.spi.ServerConnection;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One client's connection, from its first byte to its end. */
final class Connection {
    /*
     * One thread at a time works for it, and the other methods may be called by any. It is handed on where a
     * client turns out to publish all the time, to one of BusyThreads; and where a handler takes it over, to
     * a fresh virtual thread: the JVM keeps what a parked stack has once needed, and that one's has never
     * been deep.
     *
     * `engine` is null until the protocol is known, and again once the connection was taken over: neither
     * the engine nor the wire is to be held on to then.
     */
    private static final System.Logger LOGGER = System.getLogger(Connection.class.getName());

    /** A stream holds its permit for hours: streams are bounded by connections, not by this. */
    private static final Limit NO_LIMIT = FixedLimit.create();

    /** What serves the connection, and what it is served on. */
    private record Engine(ServerConnection protocol, Wire wire) {

        /** Whether an HTTP/1.1 client has not begun its next request. For the serving thread. */
        boolean awaitsRequest() {
            return wire.servesHttp11()
                    && protocol instanceof InterruptableTask<?> task
                    && task.canInterrupt()
                    && wire.dataReader().available() == 0;
        }
    }

    private interface Work {
        /** Whether the connection is at its end, rather than handed on to another thread. */
        boolean run() throws InterruptedException;
    }

    /** Thrown where the next request is awaited: it shall be awaited on another thread. */
    private static final class HandedOn extends CloseConnectionException {
        private static final long serialVersionUID = 1;

        HandedOn() {
            super("the connection goes on on another thread");
        }
    }

    /** From this many requests on, a client is taken for one that goes on sending. */
    private static final int BUSY_REQUESTS = 32;

    private final ChannelSocket socket;
    private final Door door;
    private final long openedNanos = System.nanoTime();
    private ConnectionLimits.@Nullable Admission admission;
    private volatile @Nullable Thread thread;
    private volatile @Nullable Engine engine;
    private volatile boolean taken;
    private volatile boolean closing;
    private int requests; // for the serving thread

    Connection(ChannelSocket socket, Door door) {
        this.socket = socket;
        this.door = door;
    }

    /** Serves the connection to its end, or until it is handed on. */
    void serve() {
        work(() -> {
            ConnectionLimits.Admission admitted = door.limits().admit(socket);
            admission = admitted;
            Optional<Wire> identified = door.protocols().identify(socket, this::read);
            if (identified.isEmpty()) {
                return true;
            }
            Wire wire = identified.get();
            if (admitted.exceeded().isPresent()) {
                Refusal.send(wire, admitted.exceeded().get());
                return true;
            }
            return serve(wire);
        });
    }

    private boolean serve(Wire wire) throws InterruptedException {
        ServerConnection protocol = door.protocols().engine(wire);
        engine = new Engine(protocol, wire);
        if (closing) { // asked of the engine before this one
            return true;
        }
        try {
            protocol.handle(NO_LIMIT);
            return true;
        } catch (HandedOn _) {
            if (!door.busyThreads().start(() -> work(() -> serve(wire)))) {
                door.start(() -> work(() -> serve(wire)));
            }
            return false;
        } catch (ConnectionTaken e) {
            taken = true;
            engine = null;
            Runnable response = e.response();
            door.start(() -> respond(response));
            return false;
        }
    }

    /** Writes the response of the handler that took the connection over, to its end. */
    private void respond(Runnable response) {
        work(() -> {
            response.run();
            return true;
        });
    }

    private byte @Nullable [] read() {
        Engine current = engine;
        if (current != null && current.awaitsRequest() && Thread.currentThread().isVirtual()) {
            requests++;
            if (requests > BUSY_REQUESTS && door.busyThreads().hasPlace()) {
                requests = 0;
                throw new HandedOn();
            }
        }
        return socket.get();
    }

    private void work(Work work) {
        thread = Thread.currentThread();
        boolean ended = true;
        try {
            ended = work.run();
        } catch (CloseConnectionException e) {
            LOGGER.log(System.Logger.Level.TRACE, "connection ended", e);
        } catch (InterruptedException _) {
            // Closed.
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
            last.wire().awaitWritten();
        }
        socket.close();
        if (admission != null) {
            admission.close();
        }
        door.ended(this);
    }

    /** How long nothing has happened on it. */
    Duration idleTime() {
        Engine current = engine;
        if (current == null) {
            return taken ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - openedNanos);
        }
        return current.wire().hasOpenStreams() ? Duration.ZERO : current.protocol().idleTime();
    }

    /** Has it end after the request that it is at, or now if there is none. */
    void finish() {
        closing = true;
        Engine current = engine;
        if (current != null) {
            current.protocol().close(false);
        } else if (!taken) {
            socket.close();
        }
    }

    /** Ends it now. */
    void cut() {
        closing = true;
        Thread worker = thread;
        if (worker != null) {
            worker.interrupt();
        }
        socket.close();
    }
}
