package dev.longwave.server.wire;

import io.helidon.common.concurrency.limits.FixedLimit;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.spi.ServerConnection;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One client's connection, from its first byte to its end, on a thread of its own. */
final class Connection {
    /*
     * run() is for the connection's thread; the other methods may be called by any. `engine` is null until
     * the protocol is known, and again once a stream of events has taken the connection over: neither the
     * engine nor the wire is to be held on to then.
     */
    private static final System.Logger LOGGER = System.getLogger(Connection.class.getName());

    /** A stream holds its permit for hours: streams are bounded by connections, not by this. */
    private static final Limit NO_LIMIT = FixedLimit.create();

    /** What serves the connection, and what it is served on. */
    private record Engine(ServerConnection protocol, Wire wire) {}

    private final ChannelSocket socket;
    private final long openedNanos = System.nanoTime();
    private volatile @Nullable Thread thread;
    private volatile @Nullable Engine engine;
    private volatile boolean taken;
    private volatile boolean closing;

    Connection(ChannelSocket socket) {
        this.socket = socket;
    }

    /** Serves the connection to its end. */
    void run(Protocols protocols, ConnectionLimits limits) {
        thread = Thread.currentThread();
        try (ConnectionLimits.Admission admission = limits.admit(socket)) {
            Runnable response = serve(protocols, admission);
            if (response != null) {
                response.run();
            }
        } catch (CloseConnectionException e) {
            LOGGER.log(System.Logger.Level.TRACE, "connection ended", e);
        } catch (InterruptedException _) {
            // Closed.
        } catch (RuntimeException e) {
            LOGGER.log(System.Logger.Level.WARNING, "connection failed", e);
        } finally {
            socket.close();
        }
    }

    /** Has the protocol's engine serve the connection; what is to be run next, if anything. */
    private @Nullable Runnable serve(Protocols protocols, ConnectionLimits.Admission admission)
            throws InterruptedException {
        Optional<Wire> identified = protocols.identify(socket);
        if (identified.isEmpty() || closing) {
            return null;
        }
        Wire wire = identified.get();
        if (admission.exceeded().isPresent()) {
            Refusal.send(wire, admission.exceeded().get());
            return null;
        }
        ServerConnection protocol = protocols.engine(wire);
        engine = new Engine(protocol, wire);
        try {
            protocol.handle(NO_LIMIT);
            return null;
        } catch (ConnectionTaken e) {
            taken = true;
            engine = null;
            return e.response();
        }
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
        Thread runner = thread;
        if (runner != null) {
            runner.interrupt();
        }
        socket.close();
    }
}
