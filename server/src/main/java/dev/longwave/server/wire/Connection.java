package dev.longwave.server.wire;

import io.helidon.common.concurrency.limits.FixedLimit;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.spi.ServerConnection;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One client's connection, from its first byte to its end. */
final class Connection {
    /*
     * One thread at a time works for it, and the other methods may be called by any: serve() by the first,
     * and, if a handler takes the connection over, respond() by a second. That one's stack has never been
     * deep, and the JVM keeps what a parked stack has once needed: about 1.5 KB for each open stream.
     *
     * `engine` is null until the protocol is known, and again once the connection was taken over: neither
     * the engine nor the wire is to be held on to then.
     */
    private static final System.Logger LOGGER = System.getLogger(Connection.class.getName());

    /** A stream holds its permit for hours: streams are bounded by connections, not by this. */
    private static final Limit NO_LIMIT = FixedLimit.create();

    /** What serves the connection, and what it is served on. */
    private record Engine(ServerConnection protocol, Wire wire) {}

    private interface Work {
        void run() throws InterruptedException;
    }

    private final ChannelSocket socket;
    private final Door door;
    private final long openedNanos = System.nanoTime();
    private ConnectionLimits.@Nullable Admission admission;
    private volatile @Nullable Thread thread;
    private volatile @Nullable Engine engine;
    private volatile boolean taken;
    private volatile boolean closing;

    Connection(ChannelSocket socket, Door door) {
        this.socket = socket;
        this.door = door;
    }

    /** Serves the connection to its end, or until a handler takes it over. */
    void serve() {
        if (!attempt(this::serveProtocol) || !taken) {
            end();
        }
    }

    /** Writes the response of the handler that took the connection over, to its end. */
    private void respond(Runnable response) {
        attempt(response::run);
        end();
    }

    private void serveProtocol() throws InterruptedException {
        ConnectionLimits.Admission admitted = door.limits().admit(socket);
        admission = admitted;
        Optional<Wire> identified = door.protocols().identify(socket);
        if (identified.isEmpty() || closing) {
            return;
        }
        Wire wire = identified.get();
        if (admitted.exceeded().isPresent()) {
            Refusal.send(wire, admitted.exceeded().get());
            return;
        }
        ServerConnection protocol = door.protocols().engine(wire);
        engine = new Engine(protocol, wire);
        try {
            protocol.handle(NO_LIMIT);
        } catch (ConnectionTaken e) {
            taken = true;
            engine = null;
            Runnable response = e.response();
            door.start(() -> respond(response));
        }
    }

    /** Whether it came to its end by itself. */
    private boolean attempt(Work work) {
        thread = Thread.currentThread();
        try {
            work.run();
            return true;
        } catch (CloseConnectionException e) {
            LOGGER.log(System.Logger.Level.TRACE, "connection ended", e);
        } catch (InterruptedException _) {
            // Closed.
        } catch (RuntimeException e) {
            LOGGER.log(System.Logger.Level.WARNING, "connection failed", e);
        }
        return false;
    }

    private void end() {
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
