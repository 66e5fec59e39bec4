package dev.longwave.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * A TCP proxy on loopback that treats each connection by its {@link Fate}. Where it leads to, and
 * the fate of connections to come, may change while it runs.
 */
public final class CuttingProxy implements AutoCloseable {

    private static final int BACKLOG = 4096;
    private static final int CONNECT_MILLIS = 10_000;

    /** Small, so that the server feels a reader that does not read. */
    private static final int SLOW_RECEIVE_BYTES = 4096;

    private static final int PACES_PER_SECOND = 50;

    private final ServerSocket server;
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger cuts = new AtomicInteger();
    private volatile int targetPort;
    private volatile Supplier<Fate> fates = Fate.Pass::new;

    /** Starts a proxy that passes everything on to a port on loopback. */
    public CuttingProxy(int targetPort) throws IOException {
        this.targetPort = targetPort;
        this.server = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().name("proxy").start(this::accept);
    }

    /** {@return the port to connect to} */
    public int port() {
        return server.getLocalPort();
    }

    /** Leads connections to come to another port. */
    public void target(int port) {
        targetPort = port;
    }

    /** Gives connections to come the fates that {@code supplier} gives, which is asked in turn. */
    public void fates(Supplier<Fate> supplier) {
        fates = supplier;
    }

    /** Gives the next connection a fate of its own, and passes on those after it. */
    public void cutNext(Fate fate) {
        var first = new AtomicInteger();
        fates = () -> first.getAndIncrement() == 0 ? fate : new Fate.Pass();
    }

    /** Ends all connections that there are now. */
    public void cutAll(Ending ending) {
        links.forEach(link -> {
            cuts.incrementAndGet();
            link.end(ending);
        });
    }

    /** {@return how many connections have come} */
    public int connections() {
        return connections.get();
    }

    /** {@return how many connections there are now} */
    public int open() {
        return links.size();
    }

    /** {@return how many connections were cut here, rather than ended by one of the sides} */
    public int cuts() {
        return cuts.get();
    }

    /** Stops listening, and resets all connections. */
    @Override
    public void close() throws IOException {
        server.close();
        links.forEach(link -> link.end(Ending.RST));
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                connections.incrementAndGet();
                Fate fate = fates.get();
                Thread.ofVirtual().name("proxy link").start(() -> serve(client, fate));
            } catch (IOException _) {
                // Closed, or the client left before it was accepted.
            }
        }
    }

    private void serve(Socket client, Fate fate) {
        if (fate instanceof Fate.Refuse) {
            Ending.RST.end(client);
            return;
        }
        var link = new Link(client, new Socket());
        links.add(link);
        try {
            if (server.isClosed()) {
                throw new IOException("the proxy was closed");
            }
            client.setTcpNoDelay(true);
            if (fate instanceof Fate.Swallow) {
                client.getInputStream().transferTo(OutputStream.nullOutputStream());
                link.end(Ending.FIN);
                return;
            }
            if (fate instanceof Fate.Freeze || fate instanceof Fate.Throttle) {
                link.server.setReceiveBufferSize(SLOW_RECEIVE_BYTES);
            }
            link.server.setTcpNoDelay(true);
            link.server.connect(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), targetPort),
                    CONNECT_MILLIS);
            Thread.ofVirtual().name("proxy answers").start(() -> passAnswers(link, fate));
            client.getInputStream().transferTo(link.server.getOutputStream());
            link.end(Ending.FIN);
        } catch (IOException _) {
            link.end(Ending.RST);
        }
    }

    private void passAnswers(Link link, Fate fate) {
        try {
            switch (fate) {
                case Fate.Pass _ -> {
                    pass(link, Long.MAX_VALUE);
                    link.end(Ending.FIN);
                }
                case Fate.Cut(long afterBytes, Ending ending) -> {
                    if (pass(link, afterBytes)) {
                        cuts.incrementAndGet();
                        link.end(ending);
                    } else {
                        link.end(Ending.FIN);
                    }
                }
                case Fate.Freeze(long afterBytes) -> {
                    if (!pass(link, afterBytes)) {
                        link.end(Ending.FIN);
                    }
                }
                case Fate.Throttle(int bytesPerSecond) -> {
                    int pace = Math.max(1, bytesPerSecond / PACES_PER_SECOND);
                    while (pass(link, pace)) {
                        LockSupport.parkNanos(1_000_000_000L * pace / bytesPerSecond);
                    }
                    link.end(Ending.FIN);
                }
                case Fate.Refuse _, Fate.Swallow _ ->
                        throw new IllegalStateException("not connected to the server");
            }
        } catch (IOException _) {
            link.end(Ending.RST);
        }
    }

    /** Passes {@code limit} bytes on. Returns false if the server ended the connection before. */
    private static boolean pass(Link link, long limit) throws IOException {
        InputStream in = link.server.getInputStream();
        OutputStream out = link.client.getOutputStream();
        var bytes = new byte[16 * 1024];
        long left = limit;
        while (left > 0) {
            int count = in.read(bytes, 0, (int) Math.min(bytes.length, left));
            if (count < 0) {
                return false;
            }
            out.write(bytes, 0, count);
            left -= count;
        }
        return true;
    }

    private final class Link {
        private final Socket client;
        private final Socket server;

        Link(Socket client, Socket server) {
            this.client = client;
            this.server = server;
        }

        void end(Ending ending) {
            // Whoever comes first decides how it ends: the other thread only sees what that did.
            if (links.remove(this)) {
                ending.end(client);
                ending.end(server);
            }
        }
    }
}
