package dev.longwave.server.wire;

import io.helidon.webserver.Router;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http2.Http2Config;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Where clients come in: accepts connections, and serves each on a virtual thread of its own
 * through Helidon's protocol engines.
 */
public final class Door implements AutoCloseable {
    /*
     * In place of Helidon's listener, which gives each connection buffers that a stream of events never
     * needs again and no way to write without waiting: docs/adr/0009. The protocols themselves are
     * Helidon's, through its public interfaces.
     *
     * A connection is in `connections` from before its thread starts until that thread ends, so close()
     * reaches every one, whatever it is at.
     */
    private static final System.Logger LOGGER = System.getLogger(Door.class.getName());
    private static final int BACKLOG = 4096;

    /** What the kernel may hold for a slow client; a stream's own memory is bounded elsewhere. */
    private static final int SEND_BUFFER_BYTES = 32 << 10;

    /** Above the limit that answers with words: how many connections may be told so at a time. */
    private static final int REFUSED_AT_A_TIME = 256;

    /**
     * Longer than any client keeps a request: what is idle here is a connection, never a stream.
     */
    private static final Duration IDLE_TIMEOUT = Duration.ofMinutes(5);

    private static final Duration SWEEP_INTERVAL = Duration.ofSeconds(10);
    private static final Duration ACCEPT_RETRY = Duration.ofMillis(100);
    private static final Duration GRACE = Duration.ofMillis(500);
    private static final Duration CLOSE_POLL = Duration.ofMillis(5);

    private final ServerSocketChannel listener;
    private final Router router;
    private final Protocols protocols;
    private final ConnectionLimits limits;
    private final BusyThreads busyThreads;
    private final Semaphore places;
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private final ThreadFactory connectionThreads =
            Thread.ofVirtual().name("longwave-connection").factory();
    private final ExecutorService requestThreads =
            Executors.newThreadPerTaskExecutor(
                    Thread.ofVirtual().name("longwave-http2-stream").factory());
    private final ScheduledExecutorService sweeper =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("longwave-connection-sweeper").factory());
    private final Thread acceptor;

    /**
     * Opens it: from here on clients are served.
     *
     * @throws IOException if the port is taken, or the address is not of this machine
     */
    public static Door open(
            DoorSettings settings, BusyThreads busyThreads, HttpRouting.Builder routing)
            throws IOException {
        var listener = ServerSocketChannel.open();
        try {
            var _ = listener.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            var _ = listener.bind(new InetSocketAddress(settings.host(), settings.port()), BACKLOG);
            return new Door(listener, settings, busyThreads, routing);
        } catch (IOException | RuntimeException e) {
            listener.close();
            throw e;
        }
    }

    private Door(
            ServerSocketChannel listener,
            DoorSettings settings,
            BusyThreads busyThreads,
            HttpRouting.Builder routing) {
        this.busyThreads = busyThreads;
        this.listener = listener;
        this.router = Router.builder().addRouting(routing).build();
        this.limits =
                new ConnectionLimits(
                        settings.maxConnections(), settings.maxConnectionsPerAddress());
        this.places =
                new Semaphore(
                        (int)
                                Math.min(
                                        (long) settings.maxConnections() + REFUSED_AT_A_TIME,
                                        Integer.MAX_VALUE));
        this.protocols =
                new Protocols(
                        Http1Config.builder().sendKeepAliveHeader(false).build(),
                        Http2Config.builder()
                                .maxConcurrentStreams(settings.maxStreamsPerConnection())
                                .flowControlTimeout(settings.writeDeadline())
                                .build(),
                        ListenerServices.with(requestThreads),
                        router);
        router.beforeStart();
        long interval = SWEEP_INTERVAL.toMillis();
        var _ =
                sweeper.scheduleWithFixedDelay(
                        this::sweep, interval, interval, TimeUnit.MILLISECONDS);
        this.acceptor = Thread.ofPlatform().daemon(false).name("longwave-door").start(this::accept);
    }

    private void accept() {
        try {
            while (true) {
                places.acquire();
                try {
                    serve(listener.accept());
                } catch (ClosedChannelException _) {
                    return;
                } catch (IOException | RuntimeException | OutOfMemoryError e) {
                    // Out of file descriptors, most likely; or of threads. It may pass.
                    places.release();
                    LOGGER.log(System.Logger.Level.ERROR, "cannot accept a connection", e);
                    LockSupport.parkNanos(ACCEPT_RETRY.toNanos());
                }
            }
        } catch (InterruptedException _) {
            // Closed.
        }
    }

    private void serve(SocketChannel channel) {
        var connection = new Connection(new ChannelSocket(channel), this);
        try {
            var _ = channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            var _ = channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
            var _ = channel.setOption(StandardSocketOptions.SO_SNDBUF, SEND_BUFFER_BYTES);
        } catch (IOException _) {
            // It is gone already, which its thread will find out.
        }
        connections.add(connection);
        start(connection::serve);
    }

    /** Runs work of a connection on a thread of its own. */
    void start(Runnable work) {
        connectionThreads.newThread(work).start();
    }

    BusyThreads busyThreads() {
        return busyThreads;
    }

    Protocols protocols() {
        return protocols;
    }

    ConnectionLimits limits() {
        return limits;
    }

    /** A connection is at its end. Once for each. */
    void ended(Connection connection) {
        connections.remove(connection);
        places.release();
    }

    private void sweep() {
        try {
            for (Connection connection : connections) {
                if (connection.idleTime().compareTo(IDLE_TIMEOUT) > 0) {
                    connection.finish();
                }
            }
        } catch (RuntimeException e) {
            // The sweeper would not run again otherwise.
            LOGGER.log(System.Logger.Level.WARNING, "sweeping connections failed", e);
        }
    }

    /** {@return the port it listens on} */
    public int port() {
        return listener.socket().getLocalPort();
    }

    /** {@return how many connections there are} */
    public int connections() {
        return limits.total();
    }

    /**
     * Closes it: nobody comes in, connections end after the request that they are at, and are cut
     * where that takes long.
     */
    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            LOGGER.log(System.Logger.Level.WARNING, "closing the listener failed", e);
        }
        acceptor.interrupt();
        sweeper.shutdownNow();
        await(() -> !acceptor.isAlive());
        connections.forEach(Connection::finish);
        await(connections::isEmpty);
        connections.forEach(Connection::cut);
        await(connections::isEmpty);
        requestThreads.shutdownNow();
        router.afterStop();
    }

    private void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + GRACE.toNanos();
        while (!condition.getAsBoolean() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(CLOSE_POLL.toNanos());
        }
    }
}
