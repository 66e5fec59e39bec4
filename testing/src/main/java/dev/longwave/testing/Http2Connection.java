package dev.longwave.testing;

import dev.longwave.broker.testing.Ending;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The client's side of an HTTP/2 connection without TLS (RFC 9113), as small as GET requests allow.
 * Any number of streams, from any thread.
 */
public final class Http2Connection implements Closeable {
    /*
     * A virtual thread reads frames and gives their content to the streams; of a DATA frame piece by piece, as
     * the bytes come, so that a cut inside a frame loses no byte before it. Writers take turns by the lock.
     *
     * Flow control: the connection's window is opened again as soon as data arrive, that of a
     * stream when they are read. So a stream that is not read stops itself and no other.
     */
    private static final byte[] PREFACE =
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] SETTINGS = {0, 2, 0, 0, 0, 0}; // ENABLE_PUSH = 0

    private static final int TYPE_DATA = 0;
    private static final int TYPE_HEADERS = 1;
    private static final int TYPE_RST_STREAM = 3;
    private static final int TYPE_SETTINGS = 4;
    private static final int TYPE_PING = 6;
    private static final int TYPE_GOAWAY = 7;
    private static final int TYPE_WINDOW_UPDATE = 8;
    private static final int TYPE_CONTINUATION = 9;

    private static final int FLAG_ACK = 1;
    private static final int FLAG_END_STREAM = 1;
    private static final int FLAG_END_HEADERS = 4;
    private static final int FLAG_PADDED = 8;
    private static final int FLAG_PRIORITY = 32;

    private static final int CANCEL = 8;

    // How a header field begins, none entered into the dynamic table: RFC 7541, section 6.
    private static final int STATIC_METHOD_GET = 0x82;
    private static final int STATIC_SCHEME_HTTP = 0x86;
    private static final int STATIC_NAME_AUTHORITY = 1;
    private static final int STATIC_NAME_PATH = 4;
    private static final int LITERAL_NAME = 0;

    private final Socket socket;
    private final DataInputStream in;
    private final DataOutputStream out; // guarded by the lock
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Integer, Http2Stream> streams = new ConcurrentHashMap<>();

    private final HeaderDecoder decoder = new HeaderDecoder(); // the reading thread's

    private int nextId = 1; // guarded by the lock
    private volatile @Nullable IOException gone; // why there can be no new stream

    private Http2Connection(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 32 * 1024));
        this.out = new DataOutputStream(socket.getOutputStream());
    }

    /** Connects with prior knowledge. */
    public static Http2Connection open(URI uri) throws IOException {
        var connection = new Http2Connection(Protocol.connect(uri));
        try {
            connection.greet();
        } catch (IOException e) {
            connection.close();
            throw e;
        }
        connection.start("h2 reader", connection::readFrames);
        return connection;
    }

    /** Connects by upgrade, and gives the stream that the request which asked for it became. */
    public static Http2Stream upgrade(URI uri, Map<String, String> headers) throws IOException {
        var connection = new Http2Connection(Protocol.connect(uri));
        var all = new LinkedHashMap<>(headers);
        all.put("Connection", "Upgrade, HTTP2-Settings");
        all.put("Upgrade", "h2c");
        all.put("HTTP2-Settings", Base64.getUrlEncoder().withoutPadding().encodeToString(SETTINGS));
        Http2Stream stream = connection.newStream();
        try {
            connection.out.write(ResponseHead.request(uri, all));
        } catch (IOException e) {
            connection.close();
            throw e;
        }
        connection.start(
                "h2c reader",
                () -> {
                    ResponseHead answer = ResponseHead.read(connection.in);
                    if (answer.status() != 101) {
                        throw new ProtocolException("not upgraded status=" + answer.status());
                    }
                    connection.greet();
                    connection.readFrames();
                });
        return stream;
    }

    /**
     * Opens a stream with a GET request.
     *
     * @throws IOException if the connection takes no more streams, or broke
     */
    public Http2Stream get(URI uri, Map<String, String> headers) throws IOException {
        var block = new ByteArrayOutputStream();
        // Pseudo-header names come from the static table, as in browsers. Helidon takes no others.
        block.write(STATIC_METHOD_GET);
        block.write(STATIC_SCHEME_HTTP);
        block.write(STATIC_NAME_AUTHORITY);
        string(block, uri.getAuthority());
        block.write(STATIC_NAME_PATH);
        string(block, Protocol.target(uri));
        headers.forEach((name, value) -> {
            block.write(LITERAL_NAME);
            string(block, name.toLowerCase(Locale.ROOT));
            string(block, value);
        });
        lock.lock();
        try {
            Http2Stream stream = newStream();
            IOException reason = gone;
            if (reason != null) {
                streams.remove(stream.id());
                throw new IOException(reason);
            }
            frame(
                    TYPE_HEADERS,
                    FLAG_END_STREAM | FLAG_END_HEADERS,
                    stream.id(),
                    block.toByteArray());
            return stream;
        } finally {
            lock.unlock();
        }
    }

    /** {@return whether the connection is of no more use: closed by either side, or going away} */
    public boolean isGone() {
        return gone != null;
    }

    @Override
    public String toString() {
        return "Http2Connection streams=%d gone=%s".formatted(streams.size(), gone);
    }

    /** Closes the connection and, with it, all its streams. */
    @Override
    public void close() {
        fail(new IOException("the connection was closed here"));
        Ending.FIN.end(socket);
    }

    void consumed(int streamId, int count) throws IOException {
        windowUpdate(streamId, count);
    }

    void reset(Http2Stream stream) {
        streams.remove(stream.id());
        try {
            frame(TYPE_RST_STREAM, 0, stream.id(), int32(CANCEL));
        } catch (IOException _) {
            // The connection is gone, and the stream with it.
        }
    }

    private Http2Stream newStream() {
        lock.lock();
        try {
            var stream = new Http2Stream(this, nextId);
            nextId += 2;
            streams.put(stream.id(), stream);
            return stream;
        } finally {
            lock.unlock();
        }
    }

    private interface Reading {
        void run() throws IOException;
    }

    private void start(String name, Reading reading) {
        Thread.ofVirtual()
                .name(name)
                .start(() -> {
                    try {
                        reading.run();
                    } catch (IOException e) {
                        fail(e);
                    } catch (RuntimeException e) {
                        fail(new IOException(e));
                    } finally {
                        Ending.FIN.end(socket);
                    }
                });
    }

    private void fail(IOException cause) {
        if (gone == null) {
            gone = cause;
        }
        streams.values().forEach(stream -> stream.fail(cause));
        streams.clear();
    }

    private void greet() throws IOException {
        lock.lock();
        try {
            out.write(PREFACE);
            frame(TYPE_SETTINGS, 0, 0, SETTINGS);
        } finally {
            lock.unlock();
        }
    }

    private void frame(int type, int flags, int streamId, byte[] payload) throws IOException {
        var bytes = new ByteArrayOutputStream(9 + payload.length);
        var frame = new DataOutputStream(bytes);
        frame.writeByte(payload.length >> 16);
        frame.writeShort(payload.length);
        frame.writeByte(type);
        frame.writeByte(flags);
        frame.writeInt(streamId);
        frame.write(payload);
        lock.lock();
        try {
            out.write(bytes.toByteArray());
        } finally {
            lock.unlock();
        }
    }

    private void windowUpdate(int streamId, int count) throws IOException {
        frame(TYPE_WINDOW_UPDATE, 0, streamId, int32(count));
    }

    private void readFrames() throws IOException {
        while (true) {
            int first = in.read();
            if (first < 0) {
                throw new EOFException("the server closed the connection");
            }
            int length = (first << 16) | in.readUnsignedShort();
            int type = in.readUnsignedByte();
            int flags = in.readUnsignedByte();
            int streamId = in.readInt() & Integer.MAX_VALUE;
            switch (type) {
                case TYPE_DATA -> data(streamId, flags, length);
                case TYPE_HEADERS -> headers(streamId, flags, read(length));
                case TYPE_RST_STREAM -> {
                    int code = in.readInt();
                    Http2Stream stream = streams.remove(streamId);
                    if (stream != null) {
                        stream.fail(new IOException("the server reset the stream code=" + code));
                    }
                }
                case TYPE_SETTINGS -> {
                    in.skipNBytes(length);
                    if ((flags & FLAG_ACK) == 0) {
                        frame(TYPE_SETTINGS, FLAG_ACK, 0, new byte[0]);
                    }
                }
                case TYPE_PING -> {
                    byte[] payload = read(length);
                    if ((flags & FLAG_ACK) == 0) {
                        frame(TYPE_PING, FLAG_ACK, 0, payload);
                    }
                }
                case TYPE_GOAWAY -> goAway(in.readInt() & Integer.MAX_VALUE, in.readInt(), length);
                default -> in.skipNBytes(length); // Others are of no interest to GET requests.
            }
        }
    }

    private void data(int streamId, int flags, int length) throws IOException {
        refuse(flags, FLAG_PADDED, "padded DATA");
        Http2Stream stream = streams.get(streamId);
        int left = length;
        while (left > 0) {
            var piece = new byte[Math.min(left, Math.max(1, in.available()))];
            int count = in.read(piece);
            if (count < 0) {
                throw new EOFException("the connection ended in the middle of a frame");
            }
            left -= count;
            if (stream != null) {
                stream.arrived(count == piece.length ? piece : Arrays.copyOf(piece, count));
            }
        }
        if (length > 0) {
            windowUpdate(0, length);
        }
        endIfFlagged(streamId, flags);
    }

    private void headers(int streamId, int flags, byte[] fragment) throws IOException {
        refuse(flags, FLAG_PADDED | FLAG_PRIORITY, "padded or weighted HEADERS");
        var block = new ByteArrayOutputStream();
        block.write(fragment);
        int last = flags;
        while ((last & FLAG_END_HEADERS) == 0) {
            int length = (in.readUnsignedByte() << 16) | in.readUnsignedShort();
            int type = in.readUnsignedByte();
            last = in.readUnsignedByte();
            in.readInt();
            if (type != TYPE_CONTINUATION) {
                throw new ProtocolException("expected CONTINUATION type=" + type);
            }
            block.write(read(length));
        }
        Map<String, String> fields = decoder.decode(block.toByteArray());
        Http2Stream stream = streams.get(streamId);
        String status = fields.remove(":status");
        // Without a status they are trailers.
        if (stream != null && status != null) {
            stream.headed(
                    new ResponseHead(Integer.parseInt(status), fields),
                    (flags & FLAG_END_STREAM) != 0);
        }
        endIfFlagged(streamId, flags);
    }

    private void endIfFlagged(int streamId, int flags) {
        if ((flags & FLAG_END_STREAM) != 0) {
            Http2Stream stream = streams.remove(streamId);
            if (stream != null) {
                stream.ended();
            }
        }
    }

    private void goAway(int lastStreamId, int code, int length) throws IOException {
        var debug = new String(read(length - 8), StandardCharsets.UTF_8);
        var cause = new IOException("the server is going away code=" + code + " " + debug);
        gone = cause;
        streams.values().stream()
                .filter(stream -> stream.id() > lastStreamId)
                .forEach(stream -> stream.fail(cause));
        streams.keySet().removeIf(id -> id > lastStreamId);
    }

    private byte[] read(int length) throws IOException {
        var bytes = new byte[length];
        in.readFully(bytes);
        return bytes;
    }

    private static void refuse(int flags, int unsupported, String what) throws IOException {
        if ((flags & unsupported) != 0) {
            throw new ProtocolException("not supported here: " + what);
        }
    }

    /** A string without Huffman coding: RFC 7541, section 5.2. */
    private static void string(ByteArrayOutputStream block, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        // An integer with a prefix of 7 bits: RFC 7541, section 5.1.
        int rest = bytes.length - 127;
        if (rest < 0) {
            block.write(bytes.length);
        } else {
            block.write(127);
            for (; rest >= 128; rest >>>= 7) {
                block.write((rest & 127) | 128);
            }
            block.write(rest);
        }
        block.writeBytes(bytes);
    }

    private static byte[] int32(int value) {
        return new byte[] {
            (byte) (value >>> 24), (byte) (value >>> 16), (byte) (value >>> 8), (byte) value
        };
    }
}
