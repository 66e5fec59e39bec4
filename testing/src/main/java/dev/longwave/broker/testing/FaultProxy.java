package dev.longwave.broker.testing;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A way to a server that can be cut, closed and blocked: a TCP proxy on loopback.
 *
 * <p>Each method returns once what it does is in force: bytes sent afterwards do not get through.
 * Safe for many threads.
 */
public final class FaultProxy implements AutoCloseable {
    /*
     * Two virtual threads for each connection, one in each direction: read, wait while bytes are held, write. Whether
     * they are held is asked after reading, so that what was sent after a fault began is never written before it ends;
     * what a thread has in hand meanwhile is not lost, and the rest waits where it would in a real network, in the
     * sockets' buffers.
     *
     * The lock is never held while anything blocks.
     */
    private static final int BACKLOG = 1024;
    private static final int CONNECT_MILLIS = 10_000;
    private static final int BUFFER_BYTES = 16 * 1024;

    private enum Mode {
        PASS,
        REFUSE,
        HOLD_ANSWERS,
        HOLD_ALL
    }

    private final int port = FreePort.find();
    private final int targetPort;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    // All guarded by lock.
    private final Set<Link> links = new HashSet<>();
    private Mode mode = Mode.PASS;
    private int heldPort; // of the connection whose answers are held alone, 0 for all
    private @Nullable ServerSocket listener;
    private int connections;
    private boolean closed;

    /** Starts a proxy to a port of loopback, where nobody needs to listen yet. */
    public FaultProxy(int targetPort) {
        this.targetPort = targetPort;
        locked(this::listen);
    }

    /** {@return the port to connect to} */
    public int port() {
        return port;
    }

    /** Resets all connections. New ones are treated as before. */
    public void cut() {
        locked(this::resetAll);
    }

    /** Resets all connections and refuses new ones, until it is healed. */
    public void refuse() {
        locked(() -> {
            change(Mode.REFUSE);
            stopListening();
            resetAll();
        });
    }

    /**
     * Holds what is sent in both directions, until it is healed, as a network does that has lost
     * its way: nobody is told. New connections are accepted, and nothing comes of them. Healed, all
     * that was held arrives; after {@link #cut()} it is lost.
     */
    public void blackhole() {
        locked(() -> enter(Mode.HOLD_ALL));
    }

    /** As {@link #blackhole()}, but what clients send arrives: they only get no answer. */
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

    /** Passes on everything again. */
    public void heal() {
        locked(() -> enter(Mode.PASS));
    }

    /** {@return how many connections have come, over all} */
    public int connections() {
        lock.lock();
        try {
            return connections;
        } finally {
            lock.unlock();
        }
    }

    /** {@return how many connections there are now} */
    public int open() {
        lock.lock();
        try {
            return links.size();
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
            resetAll();
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
            var socket = new ServerSocket(port, BACKLOG, InetAddress.getLoopbackAddress());
            listener = socket;
            Thread.ofVirtual().name("fault proxy " + port).start(() -> accept(socket));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void stopListening() {
        if (listener != null) {
            close(listener);
            listener = null;
        }
    }

    private void resetAll() {
        List.copyOf(links).forEach(link -> end(link, true));
    }

    private void accept(ServerSocket socket) {
        while (!socket.isClosed()) {
            try {
                var link = new Link(socket.accept());
                if (admit(link, socket)) {
                    Thread.ofVirtual()
                            .name("fault proxy requests " + port)
                            .start(() -> serve(link));
                } else {
                    reset(link.client);
                }
            } catch (IOException _) {
                // Closed, or the client left before it was accepted.
            }
        }
    }

    /** One that was accepted while the listener was being closed is refused as well. */
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

    private void serve(Link link) {
        try {
            link.client.setTcpNoDelay(true);
            if (!awaitPassage(link, false)) {
                return;
            }
            link.server.setTcpNoDelay(true);
            link.server.connect(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), targetPort),
                    CONNECT_MILLIS);
        } catch (IOException _) {
            finish(link, true);
            return;
        }
        Thread.ofVirtual()
                .name("fault proxy answers " + port)
                .start(() -> pass(link, link.server, link.client, true));
        pass(link, link.client, link.server, false);
    }

    private void pass(Link link, Socket from, Socket to, boolean answers) {
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            var bytes = new byte[BUFFER_BYTES];
            int count = in.read(bytes);
            while (count >= 0 && awaitPassage(link, answers)) {
                out.write(bytes, 0, count);
                count = in.read(bytes);
            }
            // Its end is held like what comes before it.
            awaitPassage(link, answers);
            finish(link, false);
        } catch (IOException _) {
            awaitPassage(link, answers);
            finish(link, true);
        }
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

    private void finish(Link link, boolean byReset) {
        locked(() -> end(link, byReset));
    }

    /** The first to end it decides how: the others only see what that did. */
    private void end(Link link, boolean byReset) {
        if (!links.remove(link)) {
            return;
        }
        changed.signalAll();
        if (byReset) {
            reset(link.client);
            reset(link.server);
        } else {
            close(link.client);
            close(link.server);
        }
    }

    private static void reset(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
        } catch (IOException _) {
            // Closed already.
        }
        close(socket);
    }

    private static void close(Closeable socket) {
        try {
            socket.close();
        } catch (IOException _) {
            // Nothing is left to be done about it.
        }
    }

    private record Link(Socket client, Socket server) {
        Link(Socket client) {
            this(client, new Socket());
        }
    }
}
