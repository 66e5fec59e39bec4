package dev.longwave.server.net.helidon;

import dev.longwave.server.net.DeadlineExceededException;
import dev.longwave.server.net.Deadlines;
import dev.longwave.server.net.Engine;
import dev.longwave.server.net.Input;
import dev.longwave.server.net.PlatformThreads;
import dev.longwave.server.net.Protocol;
import io.helidon.common.concurrency.limits.FixedLimit;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ServerConnectionException;
import io.helidon.webserver.spi.ServerConnection;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One of Helidon's protocol engines at one connection. */
final class HelidonEngine implements Engine {
    /*
     * What the engine reads comes through read(), which is where a busy client is moved to a platform thread:
     * the exception unwinds the engine while it awaits a request, and a new one serves the connection.
     */
    private static final System.Logger LOGGER = System.getLogger(HelidonEngine.class.getName());

    /** A stream holds its permit for hours: streams are bounded by connections, not by this. */
    private static final Limit NO_LIMIT = FixedLimit.create();

    /** From this many requests on, a client is taken for one that goes on sending. */
    private static final int BUSY_REQUESTS = 32;

    private static final Duration FOR_EVER = Duration.ofNanos(Long.MAX_VALUE);

    private final Input input;
    private final PlatformThreads platformThreads;
    private final Function<EngineContext, ServerConnection> connections;
    private @Nullable EngineContext context; // from start() on
    private volatile @Nullable ServerConnection connection;
    private int requests; // for the serving thread

    /** Thrown where the next request is awaited: it is to be awaited on another thread. */
    private static final class Busy extends CloseConnectionException {
        private static final long serialVersionUID = 1;

        Busy() {
            super("the connection goes on on another thread");
        }
    }

    HelidonEngine(
            Input input,
            PlatformThreads platformThreads,
            Function<EngineContext, ServerConnection> connections) {
        this.input = input;
        this.platformThreads = platformThreads;
        this.connections = connections;
    }

    /** Sets what it serves, which reads by {@link #read}. Once, before anything else. */
    HelidonEngine serving(EngineContext newContext) {
        context = newContext;
        return this;
    }

    private EngineContext context() {
        EngineContext present = context;
        if (present == null) {
            throw new IllegalStateException("the engine has no connection yet");
        }
        return present;
    }

    @Override
    public Outcome serve() throws InterruptedException {
        ServerConnection serving = connections.apply(context());
        connection = serving;
        boolean goesOn = false;
        try {
            serving.handle(NO_LIMIT);
        } catch (Busy _) {
            goesOn = true;
            return new Outcome.Busy();
        } catch (Handover e) {
            connection = null;
            return new Outcome.HandedOver(e.response());
        } catch (CloseConnectionException | DeadlineExceededException e) {
            LOGGER.log(System.Logger.Level.TRACE, "connection ended", e);
        } finally {
            if (!goesOn) {
                context().present().end();
            }
        }
        drain(context().present());
        return new Outcome.Ended();
    }

    private static void drain(EngineContext ended) {
        RequestReader requests = ended.requests();
        if (requests != null) {
            requests.drain();
        } else {
            ended.shared().drain();
        }
    }

    /** Waits for bytes, in the words that engines understand. */
    byte @Nullable [] read() {
        if (awaitsRequest() && Thread.currentThread().isVirtual()) {
            requests++;
            if (requests > BUSY_REQUESTS && platformThreads.available()) {
                requests = 0;
                throw new Busy();
            }
        }
        try {
            return context().present().protocol() == Protocol.HTTP_2 ? readFrames() : input.read();
        } catch (DeadlineExceededException e) {
            throw e; // which a client of HTTP/1 is told
        } catch (UncheckedIOException e) {
            throw new ServerConnectionException("cannot read from the client", e);
        }
    }

    /** A frame or a header block must arrive; between them, a client may wait as it likes. */
    private byte @Nullable [] readFrames() {
        if (!context().present().shared().awaitsRest()) {
            input.progress();
        }
        byte[] bytes = input.read();
        if (bytes != null) {
            input.progress(bytes.length);
        }
        return bytes;
    }

    /** Whether an HTTP/1 client has not begun its next request. */
    private boolean awaitsRequest() {
        RequestReader requests = context().present().requests();
        return requests != null && requests.awaited() == RequestReader.Awaited.REQUEST;
    }

    @Override
    public boolean isIdle() {
        EngineContext present = context().present();
        return present.protocol() == Protocol.HTTP_2 ? present.shared().isIdle() : awaitsRequest();
    }

    @Override
    public Duration readLimit(Deadlines.Limits limits) {
        EngineContext present = context().present();
        if (isIdle()) {
            return limits.idle();
        }
        if (present.protocol() != Protocol.HTTP_2) {
            return present.pausesAllowed() ? limits.idle() : limits.read();
        }
        // Each body has a deadline of its own, and a client that is being answered need send
        // nothing.
        return present.shared().awaitsRest() ? limits.read() : FOR_EVER;
    }

    @Override
    public void finish() {
        RequestReader requests = context().present().requests();
        if (requests != null) {
            requests.finish();
        } else {
            context().present().shared().goAway();
        }
        ServerConnection serving = connection;
        if (serving != null) {
            serving.close(false);
        }
    }

    @Override
    public void awaitWritten() {
        context().present().awaitWritten();
    }
}
