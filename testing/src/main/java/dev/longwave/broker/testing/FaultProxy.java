package dev.longwave.broker.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A TCP proxy on loopback that injects faults between clients and a server.
 *
 * <p>Faults of the network concern all connections: {@link #cut()}, {@link #refuse()}, {@link
 * #blackhole()}, {@link #blackholeAnswers()}, until {@link #heal()}. Each of these methods returns
 * once the fault is in force: bytes sent afterwards do not get through. Besides, each new
 * connection gets a {@link Fate} of its own from {@link #fates}, by default to be passed on.
 *
 * <p>Safe for many threads.
 */
public final class FaultProxy implements AutoCloseable {
    /*
     * Two virtual threads for each connection, one in each direction: read, wait while bytes are held, write. Whether
     * they are held is checked after reading, so that bytes sent after a fault began are never written before it ends.
     * The bytes that a thread has already read are kept; all others wait where they would in a real network, in the
     * sockets' buffers.
     *
     * The lock is never held while anything blocks but the binding of the port, nor while a supplier of fates is called.
     */
    private static final int BACKLOG = 4096;
    private static final int CONNECT_MILLIS = 10_000;
    private static final long BIND_NANOS = 10_000_000_000L;
    private static final long RETRY_NANOS = 10_000_000L;
    private static final int BUFFER_BYTES = 16 * 1024;

    /** Small, so that the server notices a client that does not read, or reads slowly. */
    private static final int SLOW_RECEIVE_BYTES = 4096;

    private static final int SLICES_PER_SECOND = 50;

    private enum Mode {
        PASS,
        REFUSE,
        HOLD_ANSWERS,
        HOLD_ALL
    }

    private final int port = FreePort.find();
    private volatile int targetPort;
    private volatile Supplier<Fate> fates = Fate.Pass::new;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    // All guarded by lock.
    private final Set<Link> links = new HashSet<>();
    private Mode mode = Mode.PASS;
    private int heldPort; // of the connection whose answers are held alone, 0 for all
    private @Nullable ServerSocket listener;
    private int connections;
    private int cuts;
    private final Set<Long> cutAfter = new HashSet<>();
    private boolean closed;

    /** Starts a proxy to a port of loopback, where nothing needs to listen yet. */
    public FaultProxy(int targetPort) {
        this.targetPort = targetPort;
        locked(this::listen);
    }

    /** {@return the port to connect to} */
    public int port() {
        return port;
    }

    /** Connects new connections to another port. */
    public void target(int port) {
        targetPort = port;
    }

    /** Asks {@code supplier} for the fate of each new connection, in the order they arrive. */
    public void fates(Supplier<Fate> supplier) {
        fates = supplier;
    }

    /** Applies {@code fate} to the next connection, and passes on those after it. */
    public void fateOfNext(Fate fate) {
        var used = new AtomicBoolean();
        fates = () -> used.getAndSet(true) ? new Fate.Pass() : fate;
    }

    /** Resets all connections. New ones are treated as before. */
    public void cut() {
        cut(Ending.RST);
    }

    /** Ends all connections. New ones are treated as before. */
    public void cut(Ending ending) {
        locked(() -> cutAll(ending));
    }

    /** Resets all connections and refuses new ones, until the proxy is healed. */
    public void refuse() {
        locked(() -> {
            change(Mode.REFUSE);
            stopListening();
            cutAll(Ending.RST);
        });
    }

    /**
     * Holds everything sent in either direction until the proxy is healed, like a network that
     * drops packets: neither side is told. New connections are accepted, but nothing passes through
     * them. When the proxy is healed, all that was held arrives; after {@link #cut()} it is lost.
     */
    public void blackhole() {
        locked(() -> enter(Mode.HOLD_ALL));
    }

    /** Like {@link #blackhole()}, but what clients send arrives: only the answers are held. */
    public void blackholeAnswers() {
        locked(() -> enter(Mode.HOLD_ANSWERS));
    }

    /**
     * As {@link #blackholeAnswers()}, but for one connection alone.
     *
     * @param clientPort the connection's port as the server sees it, that of its client
     */
    public void blackholeAnswers(int clientPort) {
        locked(() -> {
            enter(Mode.HOLD_ANSWERS);
            heldPort = clientPort;
        });
    }

    /** Ends a fault of the network. Fates stay as they are. */
    public void heal() {
        locked(() -> enter(Mode.PASS));
    }

    /** {@return how many connections have been accepted in all} */
    public int connections() {
        lock.lock();
        try {
            return connections;
        } finally {
            lock.unlock();
        }
    }

    /** {@return how many connections are open now} */
    public int open() {
        lock.lock();
        try {
            return links.size();
        } finally {
            lock.unlock();
        }
    }

    /** {@return how many open connections the proxy cut, rather than one of the two sides} */
    public int cuts() {
        lock.lock();
        try {
            return cuts;
        } finally {
            lock.unlock();
        }
    }

    /**
     * {@return after how many bytes a {@link Fate.Cut} has come true so far} A connection that ends
     * before it has passed so many is not cut.
     */
    public Set<Long> cutAfter() {
        lock.lock();
        try {
            return Set.copyOf(cutAfter);
        } finally {
            lock.unlock();
        }
    }

    /** Stops listening, and resets all connections. */
    @Override
    public void close() {
        locked(() -> {
            closed = true;
            stopListening();
            cutAll(Ending.RST);
        });
    }

    private void locked(Runnable action) {
        lock.lock();
        try {
            action.run();
        } finally {
            lock.unlock();
        }
    }

    /** Enters a mode in which connections are accepted. */
    private void enter(Mode next) {
        if (closed) {
            throw new IllegalStateException("the proxy is closed");
        }
        listen();
        change(next);
    }

    private void change(Mode next) {
        mode = next;
        heldPort = 0;
        changed.signalAll();
    }

    private void listen() {
        if (listener != null) {
            return;
        }
        try {
            ServerSocket socket = bind();
            listener = socket;
            Thread.ofVirtual().name("fault proxy " + port).start(() -> accept(socket));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Binds the port. A process that this JVM is just starting inherits its sockets for a moment,
     * so that the port may still be in use although the former listener was closed.
     */
    private ServerSocket bind() throws IOException {
        long start = System.nanoTime();
        while (true) {
            try {
                return new ServerSocket(port, BACKLOG, InetAddress.getLoopbackAddress());
            } catch (BindException e) {
                if (System.nanoTime() - start > BIND_NANOS) {
                    throw e;
                }
                LockSupport.parkNanos(RETRY_NANOS);
            }
        }
    }

    private void stopListening() {
        if (listener != null) {
            try {
                listener.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            listener = null;
        }
    }

    private void accept(ServerSocket socket) {
        while (!socket.isClosed()) {
            try {
                var link = new Link(socket.accept());
                if (admit(link, socket)) {
                    Fate fate = fates.get();
                    Thread.ofVirtual()
                            .name("fault proxy requests " + port)
                            .start(() -> serve(link, fate));
                } else {
                    Ending.RST.end(link.client);
                }
            } catch (IOException _) {
                // Closed, or the client left before it was accepted.
            }
        }
    }

    /** Refuses a connection, too, that was accepted while the listener was being closed. */
    private boolean admit(Link link, ServerSocket socket) {
        lock.lock();
        try {
            if (socket.isClosed()) {
                return false;
            }
            connections++;
            links.add(link);
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void serve(Link link, Fate fate) {
        if (fate instanceof Fate.Refuse) {
            finish(link, Ending.RST);
            return;
        }
        try {
            link.client.setTcpNoDelay(true);
            if (fate instanceof Fate.Swallow) {
                link.client.getInputStream().transferTo(OutputStream.nullOutputStream());
                finish(link, Ending.FIN);
                return;
            }
            if (!awaitPassage(link, false)) {
                return;
            }
            if (fate instanceof Fate.Freeze || fate instanceof Fate.Throttle) {
                link.server.setReceiveBufferSize(SLOW_RECEIVE_BYTES);
            }
            link.server.setTcpNoDelay(true);
            link.server.connect(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), targetPort),
                    CONNECT_MILLIS);
        } catch (IOException _) {
            finish(link, Ending.RST);
            return;
        }
        Thread.ofVirtual()
                .name("fault proxy answers " + port)
                .start(() -> run(link, true, () -> passAnswers(link, fate)));
        run(link, false, () -> pass(link, false, Long.MAX_VALUE));
    }

    /** Passes one direction of a connection. Its end is held like the bytes before it. */
    private void run(Link link, boolean answers, Passing passing) {
        Ending ending;
        try {
            if (passing.pass()) {
                return;
            }
            ending = Ending.FIN;
        } catch (IOException _) {
            ending = Ending.RST;
        }
        awaitPassage(link, answers);
        finish(link, ending);
    }

    private boolean passAnswers(Link link, Fate fate) throws IOException {
        return switch (fate) {
            case Fate.Pass _ -> pass(link, true, Long.MAX_VALUE);
            case Fate.Cut(long afterBytes, Ending ending) -> {
                boolean passed = pass(link, true, afterBytes);
                if (passed) {
                    locked(() -> cut(link, afterBytes, ending));
                }
                yield passed;
            }
            case Fate.Freeze(long afterBytes) -> pass(link, true, afterBytes);
            case Fate.Throttle(int bytesPerSecond) -> {
                int slice = Math.max(1, bytesPerSecond / SLICES_PER_SECOND);
                while (pass(link, true, slice)) {
                    LockSupport.parkNanos(1_000_000_000L * slice / bytesPerSecond);
                }
                yield false;
            }
            case Fate.Refuse _, Fate.Swallow _ ->
                    throw new IllegalStateException("not connected to the server");
        };
    }

    /**
     * Passes {@code limit} bytes on. Returns false if the sender ended the connection before that,
     * or the connection was cut.
     */
    private boolean pass(Link link, boolean answers, long limit) throws IOException {
        InputStream in = (answers ? link.server : link.client).getInputStream();
        OutputStream out = (answers ? link.client : link.server).getOutputStream();
        var bytes = new byte[(int) Math.min(BUFFER_BYTES, Math.max(1, limit))];
        long left = limit;
        while (left > 0) {
            int count = in.read(bytes, 0, (int) Math.min(bytes.length, left));
            if (count < 0 || !awaitPassage(link, answers)) {
                return false;
            }
            out.write(bytes, 0, count);
            left -= count;
        }
        return true;
    }

    /** Waits while bytes are held. Returns false if the connection has ended. */
    private boolean awaitPassage(Link link, boolean answers) {
        lock.lock();
        try {
            while (links.contains(link) && holds(link, answers)) {
                changed.awaitUninterruptibly();
            }
            return links.contains(link);
        } finally {
            lock.unlock();
        }
    }

    private boolean holds(Link link, boolean answers) {
        return switch (mode) {
            case PASS, REFUSE -> false;
            case HOLD_ANSWERS ->
                    answers && (heldPort == 0 || heldPort == link.server.getLocalPort());
            case HOLD_ALL -> true;
        };
    }

    private void cutAll(Ending ending) {
        for (Link link : List.copyOf(links)) {
            var _ = cut(link, ending);
        }
    }

    private boolean cut(Link link, Ending ending) {
        boolean cut = end(link, ending);
        if (cut) {
            cuts++;
        }
        return cut;
    }

    private void cut(Link link, long afterBytes, Ending ending) {
        if (cut(link, ending)) {
            cutAfter.add(afterBytes);
        }
    }

    private void finish(Link link, Ending ending) {
        locked(() -> end(link, ending));
    }

    /** Ends a connection, and returns whether it was open: the first caller decides how it ends. */
    private boolean end(Link link, Ending ending) {
        if (!links.remove(link)) {
            return false;
        }
        changed.signalAll();
        ending.end(link.client);
        ending.end(link.server);
        return true;
    }

    private interface Passing {
        /** Returns false once the connection has to end, and true if it is not to be touched. */
        boolean pass() throws IOException;
    }

    private record Link(Socket client, Socket server) {
        Link(Socket client) {
            this(client, new Socket());
        }
    }
}
