package dev.longwave.broker.nats;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A TCP proxy in front of a NATS server that can lose messages on their way to the client.
 *
 * <p>Core NATS delivers at most once: a server drops what a slow client does not take. Here a test
 * chooses which messages are lost, by their subject. Everything else passes unchanged.
 */
final class MessageLossProxy implements AutoCloseable {

    private static final int CONNECT_MILLIS = 10_000;
    private static final int BUFFER_BYTES = 16 * 1024;
    private static final String NOTHING = "\n"; // no subject begins with it

    private final int serverPort;
    private final ServerSocket acceptor;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private volatile String lostPrefix = NOTHING;

    /** Starts a proxy on loopback to the server at {@code serverPort} of loopback. */
    MessageLossProxy(int serverPort) {
        this.serverPort = serverPort;
        try {
            acceptor = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().name("message loss proxy").start(this::accept);
    }

    int port() {
        return acceptor.getLocalPort();
    }

    String uri() {
        return "nats://127.0.0.1:" + port();
    }

    /** From now on, loses all messages whose subject begins with {@code prefix}. */
    void lose(String prefix) {
        lostPrefix = prefix;
    }

    /** Passes on all messages again. */
    void heal() {
        lostPrefix = NOTHING;
    }

    private void accept() {
        while (!acceptor.isClosed()) {
            try {
                Socket client = acceptor.accept();
                sockets.add(client);
                Thread.ofVirtual().name("message loss proxy: client").start(() -> serve(client));
            } catch (IOException _) {
                // Closed, or the client left before it was accepted.
            }
        }
    }

    private void serve(Socket client) {
        try (client;
                var server = new Socket()) {
            sockets.add(server);
            client.setTcpNoDelay(true);
            server.setTcpNoDelay(true);
            server.connect(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), serverPort),
                    CONNECT_MILLIS);
            Thread.ofVirtual()
                    .name("message loss proxy: server")
                    .start(() -> passMessages(server, client));
            client.getInputStream().transferTo(server.getOutputStream());
        } catch (IOException _) {
            // One of the two has left: so does the other, by the end of this block.
        } finally {
            sockets.remove(client);
        }
    }

    /** Passes on what the server sends: lines, of which MSG and HMSG are followed by a payload. */
    private void passMessages(Socket server, Socket client) {
        try (server;
                client) {
            InputStream in = new BufferedInputStream(server.getInputStream(), BUFFER_BYTES);
            OutputStream out = new BufferedOutputStream(client.getOutputStream(), BUFFER_BYTES);
            String line = line(in);
            while (!line.isEmpty()) {
                String[] words = line.strip().split("\\s+", -1);
                boolean isMessage = words[0].equals("MSG") || words[0].equals("HMSG");
                byte[] payload =
                        isMessage
                                ? in.readNBytes(Integer.parseInt(words[words.length - 1]) + 2)
                                : new byte[0];
                if (!isMessage || !words[1].startsWith(lostPrefix)) {
                    out.write(line.getBytes(StandardCharsets.ISO_8859_1));
                    out.write(payload);
                }
                if (in.available() == 0) {
                    out.flush();
                }
                line = line(in);
            }
        } catch (IOException _) {
            // One of the two has left: so does the other, by the end of this block.
        } finally {
            sockets.remove(server);
        }
    }

    /** {@return the next line with its end, or what there is of it before the end of the stream} */
    private static String line(InputStream in) throws IOException {
        var line = new StringBuilder();
        for (int b = in.read(); b >= 0; b = in.read()) {
            line.append((char) b);
            if (b == '\n') {
                break;
            }
        }
        return line.toString();
    }

    @Override
    public void close() {
        close(acceptor);
        sockets.forEach(MessageLossProxy::close);
    }

    private static void close(Closeable socket) {
        try {
            socket.close();
        } catch (IOException _) {
            // Nothing is left to be done about it.
        }
    }
}
