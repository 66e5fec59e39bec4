package dev.longwave.testing;

import dev.longwave.broker.testing.Ending;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A server that sends exactly the bytes that a test's script sends. */
public final class ScriptedServer implements AutoCloseable {

    /** What to do with a connection. It is closed when this returns. */
    public interface Script {
        void play(Visit visit) throws IOException;
    }

    /** The head of a streamed answer of which the body ends with the connection. */
    public static final String STREAM = head("200 OK", "Content-Type: text/event-stream");

    private final ServerSocket server;
    private final Script script;
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

    public ScriptedServer(Script script) throws IOException {
        this.script = script;
        this.server = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    /** The header of an answer. */
    public static String head(String status, String... fields) {
        var head = new StringBuilder("HTTP/1.1 ").append(status).append("\r\n");
        for (String field : fields) {
            head.append(field).append("\r\n");
        }
        return head.append("\r\n").toString();
    }

    public int port() {
        return server.getLocalPort();
    }

    public URI uri() {
        return URI.create("http://127.0.0.1:" + port() + "/events/t");
    }

    public List<String> requests() {
        return List.copyOf(requests);
    }

    @Override
    public void close() throws IOException {
        server.close();
        sockets.forEach(Ending.RST::end);
    }

    /**
     * A connection.
     *
     * @param number from 1
     */
    public record Visit(int number, String request, Socket socket) {
        public void send(String text) throws IOException {
            send(text.getBytes(StandardCharsets.UTF_8));
        }

        public void send(byte[] bytes) throws IOException {
            socket.getOutputStream().write(bytes);
        }

        /** Waits until the client leaves. */
        public void hold() throws IOException {
            socket.getInputStream().transferTo(OutputStream.nullOutputStream());
        }
    }

    private void accept() {
        for (int number = 1; !server.isClosed(); number++) {
            try {
                Socket socket = server.accept();
                sockets.add(socket);
                int visit = number;
                Thread.ofVirtual().start(() -> serve(visit, socket));
            } catch (IOException _) {
                // Closed.
            }
        }
    }

    private void serve(int number, Socket socket) {
        try (socket) {
            socket.setSoTimeout(300_000);
            var request = new StringBuilder();
            for (String line = ResponseHead.line(socket.getInputStream());
                    !line.isEmpty();
                    line = ResponseHead.line(socket.getInputStream())) {
                request.append(line).append('\n');
            }
            requests.add(request.toString());
            script.play(new Visit(number, request.toString(), socket));
        } catch (IOException _) {
            // The client left, as many tests want it to.
        } finally {
            sockets.remove(socket);
        }
    }
}
