package dev.longwave.load;

import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Subscribers that share one HTTP/2 connection, opened with prior knowledge (RFC 9113, 3.3). */
final class Http2Subscribers implements EventLoop.Handler {
    /*
     * As little of HTTP/2 as subscribing takes. Headers are sent as HPACK literals without indexing,
     * their names from the static table (RFC 7541, 6.2.2); of the answer's, only the status is looked
     * at, which as 200 is one byte. Flow control is opened as far as it goes, and topped up.
     */
    private static final byte[] PREFACE = Requests.bytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

    private static final int FRAME_HEADER = 9;
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int PING = 6;
    private static final int GOAWAY = 7;
    private static final int WINDOW_UPDATE = 8;
    private static final int ACK = 0x1;
    private static final int END_STREAM = 0x1;
    private static final int END_HEADERS = 0x4;
    private static final int PADDED = 0x8;
    private static final int PRIORITY = 0x20;
    private static final int SETTING_INITIAL_WINDOW_SIZE = 4;
    private static final byte METHOD_GET = (byte) 0x82;
    private static final byte SCHEME_HTTP = (byte) 0x86;
    private static final int AUTHORITY = 1; // numbers in the static table (RFC 7541, A)
    private static final int PATH = 4;
    private static final int ACCEPT = 19;
    private static final int FOUR_BITS = 0xF;
    private static final int STATUS_200 = 0x88;
    private static final int LARGEST_WINDOW = Integer.MAX_VALUE;
    private static final int DEFAULT_WINDOW = 65_535;
    private static final int TOP_UP = 1 << 28;
    private static final int CONTROL_BYTES = 64;
    private static final int MAX_SHORT_LITERAL = 126;

    private final EventLoop loop;
    private final SubscriberCounts counts;
    private final Requests requests;
    private final List<Subscription> subscriptions; // the stream's id is 2 * index + 1
    private final List<EventScanner> scanners;
    private final int[] unacknowledged;
    private final SocketChannel channel;
    private final Outgoing outgoing = new Outgoing(16 * 1024);
    private final ByteBuffer header = ByteBuffer.allocate(FRAME_HEADER);
    private final ByteBuffer control = ByteBuffer.allocate(CONTROL_BYTES);
    private int remaining; // of the frame's payload
    private int connectionUnacknowledged;
    private int answered;
    private int open;

    Http2Subscribers(
            EventLoop loop,
            Connector connector,
            SubscriberCounts counts,
            Requests requests,
            List<Subscription> subscriptions)
            throws IOException {
        this.loop = loop;
        this.counts = counts;
        this.requests = requests;
        this.subscriptions = subscriptions;
        scanners = subscriptions.stream().map(EventScanner::new).toList();
        unacknowledged = new int[subscriptions.size()];
        channel = connector.connect(this);
    }

    @Override
    public void ready(SelectionKey key) throws IOException {
        if (key.isConnectable()) {
            channel.finishConnect();
            greet();
        } else {
            if (key.isReadable()) {
                read(loop.read(channel));
            }
        }
        if (!outgoing.isEmpty()) {
            outgoing.write(key);
        }
    }

    private void greet() {
        outgoing.room(PREFACE.length).put(PREFACE);
        frame(6, SETTINGS, 0, 0)
                .putShort((short) SETTING_INITIAL_WINDOW_SIZE)
                .putInt(LARGEST_WINDOW);
        windowUpdate(0, LARGEST_WINDOW - DEFAULT_WINDOW);
        for (int i = 0; i < subscriptions.size(); i++) {
            ByteBuffer block = ByteBuffer.allocate(1024);
            block.put(METHOD_GET).put(SCHEME_HTTP);
            literal(block, AUTHORITY, requests.authority());
            literal(
                    block,
                    PATH,
                    requests.target().subscribePath(subscriptions.get(i).topic().name()));
            literal(block, ACCEPT, "text/event-stream");
            block.flip();
            frame(block.remaining(), HEADERS, END_STREAM | END_HEADERS, 2 * i + 1).put(block);
        }
    }

    private static void literal(ByteBuffer block, int name, String value) {
        byte[] bytes = Requests.bytes(value);
        if (bytes.length > MAX_SHORT_LITERAL) {
            throw new IllegalArgumentException("too long for a header here: " + value);
        }
        if (name < FOUR_BITS) {
            block.put((byte) name);
        } else {
            block.put((byte) FOUR_BITS).put((byte) (name - FOUR_BITS));
        }
        block.put((byte) bytes.length).put(bytes);
    }

    private ByteBuffer frame(int length, int type, int flags, int stream) {
        return outgoing.room(FRAME_HEADER + length)
                .put((byte) (length >> 16))
                .putShort((short) length)
                .put((byte) type)
                .put((byte) flags)
                .putInt(stream);
    }

    private void windowUpdate(int stream, int increment) {
        frame(Integer.BYTES, WINDOW_UPDATE, 0, stream).putInt(increment);
    }

    private void read(ByteBuffer buffer) throws IOException {
        int at = buffer.position();
        int to = buffer.limit();
        while (at < to) {
            if (header.hasRemaining()) {
                header.put(buffer.get(at++));
                if (!header.hasRemaining()) {
                    remaining = header.getInt(0) >>> 8;
                    control.clear();
                    if (remaining == 0) {
                        endFrame();
                    }
                }
            } else {
                int end = Math.min(to, at + remaining);
                payload(buffer, at, end);
                remaining -= end - at;
                at = end;
                if (remaining == 0) {
                    endFrame();
                }
            }
        }
    }

    private void payload(ByteBuffer buffer, int from, int to) throws IOException {
        if (type() == DATA) {
            if ((flags() & PADDED) != 0) {
                throw new ProtocolException("padding is not understood here");
            }
            data(buffer, from, to);
            return;
        }
        for (int i = from; i < to && control.hasRemaining(); i++) {
            control.put(buffer.get(i));
        }
    }

    private void data(ByteBuffer buffer, int from, int to) {
        int index = index();
        scanners.get(index).scan(buffer, from, to);
        unacknowledged[index] += to - from;
        if (unacknowledged[index] > TOP_UP) {
            windowUpdate(stream(), unacknowledged[index]);
            unacknowledged[index] = 0;
        }
        connectionUnacknowledged += to - from;
        if (connectionUnacknowledged > TOP_UP) {
            windowUpdate(0, connectionUnacknowledged);
            connectionUnacknowledged = 0;
        }
    }

    private void endFrame() throws IOException {
        control.flip();
        switch (type()) {
            case SETTINGS -> {
                if ((flags() & ACK) == 0) {
                    frame(0, SETTINGS, ACK, 0);
                }
            }
            case PING -> {
                if ((flags() & ACK) == 0) {
                    frame(control.remaining(), PING, ACK, 0).put(control);
                }
            }
            case HEADERS -> answered();
            case RST_STREAM -> streamEnded("the stream was reset");
            case GOAWAY -> throw new IOException("GOAWAY " + goAway());
            default -> {} // WINDOW_UPDATE and what else there is
        }
        if ((type() == DATA || type() == HEADERS) && (flags() & END_STREAM) != 0) {
            streamEnded("the stream ended");
        }
        header.clear();
    }

    /** {@return the error code, and what the server has to say about it (RFC 9113, 6.8)} */
    private String goAway() {
        String text =
                StandardCharsets.UTF_8.decode(control.slice(8, control.limit() - 8)).toString();
        return control.getInt(4) + " " + text;
    }

    private void answered() {
        answered++;
        int at = (flags() & PADDED) != 0 ? 1 : 0;
        at += (flags() & PRIORITY) != 0 ? 5 : 0;
        // A size update of the dynamic table may come first (RFC 7541, 6.3).
        while (at < control.limit() && (control.get(at) & 0xE0) == 0x20) {
            at++;
        }
        if (at < control.limit() && (control.get(at) & 0xFF) == STATUS_200) {
            open++;
            counts.opened();
        } else {
            counts.refused(1, "an HTTP/2 status that is not 200");
        }
    }

    private void streamEnded(String reason) {
        open--;
        counts.lost(1, reason);
    }

    private int type() {
        return header.get(3);
    }

    private int flags() {
        return header.get(4);
    }

    private int stream() {
        return header.getInt(5) & Integer.MAX_VALUE;
    }

    private int index() {
        return stream() / 2;
    }

    @Override
    public void failed(IOException reason) {
        String text = String.valueOf(reason.getMessage());
        counts.lost(open, text);
        counts.refused(subscriptions.size() - answered, text);
        open = 0;
    }
}
