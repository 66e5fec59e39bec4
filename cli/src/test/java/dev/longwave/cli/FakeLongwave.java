package dev.longwave.cli;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A Longwave server of one topic on raw sockets, small enough to be obviously right, that fails on
 * request: each request takes the next fault of a list, and is served well once the list is empty.
 */
final class FakeLongwave implements AutoCloseable {

    /** Ids remembered, like the real server. */
    private static final int REMEMBERED = 1_000;

    /** What goes wrong with a request. */
    sealed interface Fault {

        /** Nothing. */
        record None() implements Fault {}

        /** The connection is reset after so many bytes of the request's body. */
        record CutRequest(int afterBytes) implements Fault {}

        /** The request is served, and the connection reset in place of an answer. */
        record CutAnswer() implements Fault {}

        /** The stream is cut after so many bytes. */
        record CutStream(int afterBytes) implements Fault {}

        /** The stream says nothing and stays open. */
        record Stall() implements Fault {}

        /** This is answered, whatever the request says. */
        record Answer(int status, String headers, String body) implements Fault {}
    }

    /** A request's head: the request line and the headers, whose names are in lower case. */
    record Head(String line, Map<String, String> headers) {}

    private final ServerSocket listener;
    private final Queue<Fault> faults = new ConcurrentLinkedQueue<>();
    private final BlockingQueue<Head> heads = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> arrivals = new LinkedBlockingQueue<>();
    private final List<Map<String, String>> log = new ArrayList<>();
    private final Set<String> ids = new LinkedHashSet<>();
    private String opening = ": welcome\nretry: 1\n\n";
    private boolean ended;

    FakeLongwave() throws IOException {
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + listener.getLocalPort());
    }

    FakeLongwave fail(Fault... next) {
        faults.addAll(List.of(next));
        return this;
    }

    /** {@return the next request's head} */
    Head head() throws InterruptedException {
        Head head = heads.poll(5, TimeUnit.MINUTES);
        if (head == null) {
            throw new AssertionError("no request came");
        }
        return head;
    }

    int requests() {
        return heads.size();
    }

    /** {@return the data of the next event published} */
    String arrival() throws InterruptedException {
        String data = arrivals.poll(5, TimeUnit.MINUTES);
        if (data == null) {
            throw new AssertionError("nothing arrived");
        }
        return data;
    }

    /** {@return the events published so far, each as the members of its JSON object} */
    List<Map<String, String>> log() {
        synchronized (log) {
            return List.copyOf(log);
        }
    }

    List<String> data() {
        return log().stream().map(event -> event.getOrDefault("data", "")).toList();
    }

    /** Publishes an event, unless its id is known. */
    boolean publish(Map<String, String> event) {
        synchronized (log) {
            String id = event.getOrDefault("id", "");
            if (!id.isEmpty() && !ids.add(id)) {
                return false;
            }
            if (ids.size() > REMEMBERED) {
                ids.remove(ids.iterator().next());
            }
            log.add(event);
            log.notifyAll();
        }
        arrivals.add(event.getOrDefault("data", ""));
        return true;
    }

    void end() {
        synchronized (log) {
            ended = true;
            log.notifyAll();
        }
    }

    /** Sets what streams start with. */
    void open(String with) {
        opening = with;
    }

    @Override
    public void close() throws IOException {
        listener.close();
        end();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listener.accept();
                Thread.ofVirtual().start(() -> serve(socket));
            }
        } catch (IOException _) {
            // Closed: the test is over.
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            var in = new BufferedInputStream(socket.getInputStream());
            boolean more = true;
            while (more) {
                Optional<Head> head = readHead(in);
                if (head.isEmpty()) {
                    return;
                }
                Fault fault = Optional.ofNullable(faults.poll()).orElseGet(Fault.None::new);
                heads.add(head.get());
                more = serve(socket, in, head.get(), fault);
            }
        } catch (IOException | InterruptedException _) {
            // The client is gone.
        }
    }

    /** Serves a request, and says whether the connection can take another. */
    private boolean serve(Socket socket, InputStream in, Head head, Fault fault)
            throws IOException, InterruptedException {
        OutputStream out = socket.getOutputStream();
        if (fault instanceof Fault.Answer(int status, String headers, String body)) {
            // To close a connection with bytes unread would reset it, and the answer may be lost.
            new Body(in, head, -1).readAllBytes();
            answer(out, status, headers + "Connection: close\r\n", body);
            return false;
        }
        if (head.line().startsWith("GET")) {
            stream(out, head, fault);
            return false;
        }
        var body = new Body(in, head, fault instanceof Fault.CutRequest(int n) ? n : -1);
        try {
            String answer =
                    head.headers().getOrDefault("content-type", "").equals("application/x-ndjson")
                            ? publishLines(body)
                            : publishOne(head, body);
            if (!(fault instanceof Fault.CutAnswer)) {
                answer(out, 200, "Content-Type: application/json\r\n", answer);
                return true;
            }
        } catch (EOFException _) {
            // The fault: cut below.
        }
        socket.setSoLinger(true, 0);
        return false;
    }

    private String publishLines(Body body) throws IOException {
        var lines = new LineInput(body);
        int published = 0;
        int duplicates = 0;
        Optional<byte[]> line = lines.next();
        while (line.isPresent()) {
            Map<String, String> event =
                    Json.members(new String(line.get(), StandardCharsets.UTF_8)).orElseThrow();
            if (publish(event)) {
                published++;
            } else {
                duplicates++;
            }
            line = lines.next();
        }
        return "{\"published\":%d,\"duplicates\":%d,\"lastId\":\"x\"}"
                .formatted(published, duplicates);
    }

    private String publishOne(Head head, Body body) throws IOException {
        var event = new HashMap<String, String>();
        @Nullable String query = URI.create(head.line().split(" ", 3)[1]).getQuery();
        if (query != null) {
            for (String pair : query.split("&", -1)) {
                String[] parts = pair.split("=", 2);
                event.put(parts[0], parts[1]);
            }
        }
        event.put("data", new String(body.readAllBytes(), StandardCharsets.UTF_8));
        boolean duplicate = !publish(event);
        return "{\"id\":\"e.%d\",\"topic\":\"t\",\"durability\":\"memory\",\"duplicate\":%s}"
                .formatted(log().size(), duplicate);
    }

    private void stream(OutputStream out, Head head, Fault fault)
            throws IOException, InterruptedException {
        int next = Integer.parseInt(head.headers().getOrDefault("last-event-id", "0"));
        synchronized (log) {
            if (ended && next == log.size()) {
                out.write("HTTP/1.1 204 No Content\r\n\r\n".getBytes(StandardCharsets.UTF_8));
                return;
            }
        }
        out.write(
                "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
                        .getBytes(StandardCharsets.UTF_8));
        if (fault instanceof Fault.Stall) {
            synchronized (log) {
                while (!ended) {
                    log.wait();
                }
            }
            return;
        }
        int left = fault instanceof Fault.CutStream(int n) ? n : Integer.MAX_VALUE;
        byte[] bytes = opening.getBytes(StandardCharsets.UTF_8);
        while (true) {
            int step = Math.min(left, bytes.length);
            out.write(bytes, 0, step);
            left -= step;
            if (left == 0) {
                return;
            }
            synchronized (log) {
                while (next == log.size()) {
                    if (ended) {
                        return;
                    }
                    log.wait();
                }
                bytes = encoded(log.get(next), ++next).getBytes(StandardCharsets.UTF_8);
            }
        }
    }

    private static String encoded(Map<String, String> event, int id) {
        var text = new StringBuilder("id: " + id + '\n');
        String type = event.getOrDefault("type", "");
        if (!type.isEmpty()) {
            text.append("event: ").append(type).append('\n');
        }
        event.getOrDefault("data", "")
                .lines()
                .forEach(line -> text.append("data: ").append(line).append('\n'));
        return text.append('\n').toString();
    }

    private static void answer(OutputStream out, int status, String headers, String body)
            throws IOException {
        int length = body.getBytes(StandardCharsets.UTF_8).length;
        String answer =
                "HTTP/1.1 %d X\r\n%sContent-Length: %d\r\n\r\n%s"
                        .formatted(status, headers, length, body);
        out.write(answer.getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    private static Optional<Head> readHead(InputStream in) throws IOException {
        String line = readLine(in);
        if (line.isEmpty()) {
            return Optional.empty();
        }
        var headers = new HashMap<String, String>();
        String header = readLine(in);
        while (!header.isEmpty()) {
            String[] parts = header.split(":", 2);
            headers.put(parts[0].toLowerCase(Locale.ROOT), parts[1].strip());
            header = readLine(in);
        }
        return Optional.of(new Head(line, headers));
    }

    private static String readLine(InputStream in) throws IOException {
        var line = new ByteArrayOutputStream();
        int next = in.read();
        while (next >= 0 && next != '\n') {
            line.write(next);
            next = in.read();
        }
        return line.toString(StandardCharsets.UTF_8).strip();
    }

    /** A request's body, whichever way it is framed, up to a cut. */
    private static final class Body extends InputStream {
        private final InputStream in;
        private final boolean chunked;
        private int left;
        private int beforeCut;
        private boolean ended;

        /**
         * @param beforeCut how many bytes come before the end of the connection, -1 for no cut
         */
        Body(InputStream in, Head head, int beforeCut) {
            this.in = in;
            this.chunked = head.headers().containsKey("transfer-encoding");
            this.left = Integer.parseInt(head.headers().getOrDefault("content-length", "0"));
            this.beforeCut = beforeCut;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            if (ended) {
                return -1;
            }
            if (left == 0 && chunked) {
                left = Integer.parseInt(readLine(in), 16);
            }
            if (left == 0) {
                ended = true;
                if (chunked && !readLine(in).isEmpty()) {
                    throw new UncheckedIOException(new IOException("a trailer"));
                }
                return -1;
            }
            if (beforeCut == 0) {
                throw new EOFException();
            }
            int most = beforeCut < 0 ? left : Math.min(left, beforeCut);
            int read = in.read(target, offset, Math.min(length, most));
            if (read < 0) {
                throw new EOFException();
            }
            left -= read;
            beforeCut -= beforeCut < 0 ? 0 : read;
            if (left == 0 && chunked) {
                readLine(in);
            }
            return read;
        }
    }
}
