package dev.longwave.server.toy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longwave.broker.Start;
import dev.longwave.core.Batch;
import dev.longwave.core.CloseReason;
import dev.longwave.core.Cursors;
import dev.longwave.core.Event;
import dev.longwave.core.EventId;
import dev.longwave.core.Format;
import dev.longwave.core.Frame;
import dev.longwave.core.Hub;
import dev.longwave.core.Outbox;
import dev.longwave.server.http.Json;
import dev.longwave.server.net.LoggedRequest;
import dev.longwave.server.session.Credential;
import dev.longwave.server.session.Sessions;
import dev.longwave.server.session.Sink;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Serves a stream to each client that sends a line with a topic, its last ID, and its name. */
final class JsonLines implements AutoCloseable {

    private static final Lines LINES = new Lines();

    private final Hub hub;
    private final Sessions sessions;
    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());

    JsonLines(Hub hub, Sessions sessions) throws IOException {
        this.hub = hub;
        this.sessions = sessions;
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                Thread.ofVirtual().start(() -> serve(client));
            }
        } catch (IOException _) {
            // Closed.
        }
    }

    private void serve(Socket client) {
        try (client;
                var in =
                        new BufferedReader(
                                new InputStreamReader(
                                        client.getInputStream(), StandardCharsets.UTF_8))) {
            byte[] line = in.readLine().getBytes(StandardCharsets.UTF_8);
            JsonNode request = Json.parse(line, 0, line.length);
            String topic = request.get("topic").textValue();
            Optional<Start> start =
                    Optional.ofNullable(request.get("after"))
                            .flatMap(id -> EventId.parse(id.textValue(), 1).position(topic))
                            .map(Start::after);
            Outbox<LineBatch> outbox = hub.subscribe(Map.of(topic, start));
            try {
                var sink = new LineSink(client.getOutputStream(), new LineBatch());
                var credential = Credential.of(request.path("name").textValue());
                var _ = sessions.serve(outbox, sink, credential, () -> true);
            } finally {
                hub.release(outbox);
            }
        } catch (IOException _) {
            // The client is gone.
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }

    /** An event as a line, except for the ID, which depends on the stream. */
    private static final class Lines implements Format<Line> {
        @Override
        public Line encode(Event event) {
            ObjectNode line = Json.object().put("topic", event.subscribed());
            if (event.entry() != null) {
                line.put(
                        "data", new String(event.entry().message().data(), StandardCharsets.UTF_8));
            } else if (event.gap() != null) {
                line.put("gap", event.gap().reason().word());
            }
            return new Line(this, new String(Json.bytes(line), StandardCharsets.UTF_8));
        }
    }

    private static final class Line extends Frame {
        private final byte[] rest;

        Line(Format<?> format, String json) {
            super(format);
            this.rest = utf8(',' + json.substring(1) + '\n');
        }
    }

    private static final class LineBatch implements Batch {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        @Override
        public void add(Event event, Cursors cursors) {
            bytes.writeBytes(utf8("{\"id\":\"" + cursors.id() + '"'));
            bytes.writeBytes(event.frame(LINES).rest);
        }

        @Override
        public void addHeartbeat(Cursors cursors) {
            bytes.writeBytes(utf8("{\"id\":\"" + cursors.id() + "\",\"heartbeat\":true}\n"));
        }

        @Override
        public boolean isEmpty() {
            return bytes.size() == 0;
        }

        @Override
        public boolean isFull() {
            return bytes.size() >= 16 << 10;
        }

        @Override
        public void clear() {
            bytes.reset();
        }
    }

    private record LineSink(OutputStream out, LineBatch batch) implements Sink<LineBatch> {
        @Override
        public boolean open(Cursors cursors, Runnable onClosed) {
            write(utf8("{\"id\":\"" + cursors.id() + "\"}\n"));
            return false; // a plain socket has no write that does not wait
        }

        @Override
        public void write(LineBatch batch) {
            write(batch.bytes.toByteArray());
        }

        @Override
        public boolean tryWrite(LineBatch batch) {
            throw new UnsupportedOperationException("see open()");
        }

        @Override
        public void end(CloseReason reason) {
            write(utf8("{\"end\":\"" + reason.word() + "\"}\n"));
        }

        @Override
        public String transport() {
            return "json-lines";
        }

        @Override
        public @Nullable LoggedRequest request() {
            return null;
        }

        @Override
        public long bytesWritten() {
            return 0; // nobody asks
        }

        private void write(byte[] bytes) {
            try {
                out.write(bytes);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
