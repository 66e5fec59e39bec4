package dev.longwave.server.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Accepts connections, and has each served on a virtual thread of its own. */
public final class Listener implements AutoCloseable {
    /*
     * In place of Helidon's listener, which gives each connection buffers that an event stream never needs
     * again, and has no write that does not wait: docs/adr/0009.
     *
     * A connection is in `connections` from before its thread starts until that thread ends, so close()
     * reaches every one, whatever it is at.
     */
    private static final System.Logger LOGGER = System.getLogger(Listener.class.getName());
    private static final int BACKLOG = 4096;

    /** What the kernel may hold for a slow client; a stream's own memory is bounded elsewhere. */
    private static final int SEND_BUFFER_BYTES = 32 << 10;

    /** How many connections beyond the limit may be told so at a time. */
    private static final int REFUSED_AT_A_TIME = 256;

    private static final Duration ACCEPT_RETRY = Duration.ofMillis(100);
    private static final Duration COMPLAIN_EVERY = Duration.ofMinutes(1);
    private static final Duration GRACE = Duration.ofMillis(500);
    private static final Duration CLOSE_POLL = Duration.ofMillis(5);

    private final ServerSocketChannel channel;
    private final @Nullable Tls tls;
    private final Engines engines;
    private final Deadlines deadlines;
    private final ConnectionLimits limits;
    private final AddressRanges proxiesWithHeader;
    private final PlatformThreads platformThreads;
    private final ClientFaults faults;
    private final Readiness readiness = new Readiness();
    private final Semaphore refusals = new Semaphore(REFUSED_AT_A_TIME);
    private final ConnectionCounts counts = new ConnectionCounts();
    private final AtomicLong nextComplaint = new AtomicLong(System.nanoTime());
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private final ThreadFactory connectionThreads =
            Thread.ofVirtual().name("longwave-connection").factory();
    private final Thread acceptor;

    /**
     * Opens it: from now on clients are served.
     *
     * @param tls with which all clients must speak TLS; null for none. Not closed with the listener
     * @param deadlines end what makes no progress; not closed with the listener
     * @param engines speak the protocols; closed with the listener
     * @param faults is told what clients do wrong
     * @throws IOException if the port is taken, or the address is not of this machine
     */
    public static Listener open(
            ListenerSettings settings,
            @Nullable Tls tls,
            Deadlines deadlines,
            PlatformThreads platformThreads,
            Engines engines,
            ClientFaults faults)
            throws IOException {
        var channel = ServerSocketChannel.open();
        try {
            var _ = channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            var _ = channel.bind(new InetSocketAddress(settings.host(), settings.port()), BACKLOG);
            return new Listener(
                    channel, settings, tls, deadlines, platformThreads, engines, faults);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private Listener(
            ServerSocketChannel channel,
            ListenerSettings settings,
            @Nullable Tls tls,
            Deadlines deadlines,
            PlatformThreads platformThreads,
            Engines engines,
            ClientFaults faults) {
        this.channel = channel;
        this.tls = tls;
        this.platformThreads = platformThreads;
        this.engines = engines;
        this.faults = faults;
        this.deadlines = deadlines;
        this.limits =
                new ConnectionLimits(
                        settings.maxConnections(),
                        settings.maxConnectionsPerAddress(),
                        settings.trustedProxies());
        this.proxiesWithHeader =
                settings.proxyProtocol() ? settings.trustedProxies() : AddressRanges.of(List.of());
        // A client that has vanished takes nothing, either.
        if (!UserTimeout.set(port(), deadlines.limits().write())) {
            LOGGER.log(
                    System.Logger.Level.INFO,
                    "clients that vanish without a word are noticed by the system's own TCP"
                            + " time-out only");
        }
        this.acceptor =
                Thread.ofPlatform().daemon(false).name("longwave-listener").start(this::accept);
    }

    private void accept() {
        while (true) {
            try {
                serve(channel.accept());
            } catch (ClosedChannelException _) {
                return;
            } catch (IOException | RuntimeException | OutOfMemoryError e) {
                // Out of file descriptors, most likely, or of threads. It may pass.
                complain(e);
                LockSupport.parkNanos(ACCEPT_RETRY.toNanos());
            }
        }
    }

    private void complain(Throwable e) {
        long now = System.nanoTime();
        long due = nextComplaint.get();
        if (now - due >= 0 && nextComplaint.compareAndSet(due, now + COMPLAIN_EVERY.toNanos())) {
            LOGGER.log(
                    System.Logger.Level.ERROR,
                    "cannot accept connections; said once a minute as long as it lasts: {0}",
                    e.toString());
        }
    }

    private void serve(SocketChannel channel) {
        counts.accept();
        InetSocketAddress client;
        try {
            client = (InetSocketAddress) channel.getRemoteAddress();
            var _ = channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            var _ = channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
            var _ = channel.setOption(StandardSocketOptions.SO_SNDBUF, SEND_BUFFER_BYTES);
        } catch (IOException _) { // it is gone already
            close(channel);
            return;
        }
        InetAddress address = client.getAddress();
        Optional<ConnectionLimits.Exceeded> exceeded = limits.admit(address);
        Semaphore refusing = exceeded.isPresent() ? refusals : null;
        if (refusing != null) {
            faults.note(ClientFaults.Kind.REFUSED_CONNECTION, client, exceeded.get().words());
            if (!refusing.tryAcquire()) {
                close(channel);
                return;
            }
        }
        var connection =
                new Connection(
                        new TcpEndpoint(channel, deadlines, readiness),
                        client,
                        this,
                        refusing == null ? () -> limits.release(address) : refusing::release);
        connections.add(connection);
        start(() -> exceeded.ifPresentOrElse(connection::refuse, connection::serve));
    }

    private static void close(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException _) {
            // It is closed nevertheless.
        }
    }

    /** Runs work of a connection on a thread of its own. */
    void start(Runnable work) {
        connectionThreads.newThread(work).start();
    }

    @Nullable Tls tls() {
        return tls;
    }

    ConnectionLimits limits() {
        return limits;
    }

    /** Of which a connection beyond a limit holds one while its client is told so. */
    Semaphore refusals() {
        return refusals;
    }

    /** Whether connections from {@code address} begin with what a proxy says of its client. */
    boolean expectsProxyHeader(InetAddress address) {
        return proxiesWithHeader.contain(address);
    }

    PlatformThreads platformThreads() {
        return platformThreads;
    }

    Engines engines() {
        return engines;
    }

    Deadlines deadlines() {
        return deadlines;
    }

    ClientFaults faults() {
        return faults;
    }

    /** A connection is at its end. Once for each. */
    void ended(Connection connection) {
        connections.remove(connection);
    }

    /** {@return the port it listens on} */
    public int port() {
        return channel.socket().getLocalPort();
    }

    /** {@return the connections by what is spoken on them} */
    public ConnectionCounts counts() {
        return counts;
    }

    /** {@return how many connections there are} */
    public int connections() {
        return limits.total();
    }

    /**
     * Closes it: no client is accepted any more, and connections end after the request that they
     * are at, or are cut if that takes too long.
     */
    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            LOGGER.log(System.Logger.Level.WARNING, "closing the listener failed", e);
        }
        await(() -> !acceptor.isAlive());
        connections.forEach(Connection::finish);
        await(connections::isEmpty);
        connections.forEach(Connection::cut);
        await(connections::isEmpty);
        engines.close();
        readiness.close();
    }

    private void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + GRACE.toNanos();
        while (!condition.getAsBoolean() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(CLOSE_POLL.toNanos());
        }
    }
}
