package dev.longwave.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A WebSocket that gets events, and may send some. */
final class WebSocketStream implements EventStream, FrameReader.Sink, MessageScanner.Sink {
    private static final int SWITCHING_PROTOCOLS = 101;

    private final Dialect dialect;
    private final Subscription subscription;
    private final Failures failures;
    private final byte[] request;
    private final HttpResponse handshake = new HttpResponse((_, _, _) -> {});
    private final FrameReader frames = new FrameReader(this);
    private final MessageScanner scanner;
    private Output output = _ -> {}; // of the read under way
    private boolean greeted;
    private boolean open;

    WebSocketStream(
            Dialect dialect, Requests requests, Subscription subscription, Failures failures) {
        this.dialect = dialect;
        this.subscription = subscription;
        this.failures = failures;
        String topic = subscription.topic().name();
        request = requests.upgrade(dialect.path(requests.target(), topic));
        scanner = new MessageScanner(this, dialect.marker(), dialect.hasLines());
    }

    @Override
    public byte[] request() {
        return request;
    }

    @Override
    public void read(ByteBuffer bytes, Output answers) throws IOException {
        output = answers;
        if (!greeted) {
            handshake.read(bytes);
            if (!handshake.hasHead()) {
                return;
            }
            greet();
        }
        frames.read(bytes);
    }

    private void greet() throws IOException {
        if (handshake.status() != SWITCHING_PROTOCOLS) {
            throw new IOException("status " + handshake.status());
        }
        greeted = true;
        String greeting = dialect.greeting(subscription.topic().name());
        if (greeting.isEmpty()) {
            open = dialect.opens("");
        } else {
            say(greeting);
        }
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    /** {@return a frame that publishes an event} */
    ByteBuffer publishing(EventData data, long sequence, long dueAt) {
        byte[] begins = dialect.publishBegins(subscription.topic().name());
        byte[] ends = dialect.publishEnds();
        int length = begins.length + data.bytes() + ends.length;
        var frame = ByteBuffer.allocate(Frame.MAX_HEADER_BYTES + length);
        Frame.header(frame, Frame.TEXT, length);
        int start = frame.position();
        frame.put(begins);
        data.put(frame, sequence, dueAt);
        Frame.mask(frame.put(ends), start);
        return frame.flip();
    }

    @Override
    public void piece(ByteBuffer buffer, int from, int to) throws IOException {
        scanner.scan(buffer, from, to);
    }

    @Override
    public void endOfMessage() throws IOException {
        scanner.end();
    }

    @Override
    public void ping(byte[] payload) throws IOException {
        subscription.comment();
        output.send(Frame.of(Frame.PONG, payload));
    }

    @Override
    public void event(long sequence, long dueAt) {
        subscription.event(sequence, dueAt);
    }

    @Override
    public void other(String message) throws IOException {
        if (dialect.isPing(message)) {
            subscription.comment();
            say(dialect.pong());
        } else if (!open) {
            open = dialect.opens(message);
        } else if (dialect.refuses(message)) {
            failures.note(message);
        } else if (!dialect.accepts(message)) {
            subscription.foreign();
        }
    }

    private void say(String message) throws IOException {
        output.send(Frame.of(Frame.TEXT, message.getBytes(StandardCharsets.UTF_8)));
    }
}
