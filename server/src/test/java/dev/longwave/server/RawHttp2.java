package dev.longwave.server;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The client's side of an HTTP/2 connection that does nothing by itself: it reads only when asked
 * to, and never opens a window. RFC 9113, and RFC 7541 without compression.
 */
final class RawHttp2 implements AutoCloseable {

    static final int LARGEST_WINDOW = Integer.MAX_VALUE;
    static final int DATA = 0;
    static final int RST_STREAM = 3;
    static final int GOAWAY = 7;

    private static final int HEADERS = 1;
    private static final int SETTINGS = 4;
    private static final int WINDOW_UPDATE = 8;
    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;
    private static final int INITIAL_WINDOW_SIZE = 4;
    private static final int DEFAULT_WINDOW = 65_535;
    private static final int CANCEL = 8;

    // Fields of the static table: RFC 7541, appendix A.
    private static final int AUTHORITY = 1;
    private static final int NAME_METHOD = 2;
    private static final int PATH = 4;
    private static final int METHOD_NAME = 2;
    private static final int METHOD_GET = 0x82;
    private static final int METHOD_POST = 0x83;
    private static final int SCHEME_HTTP = 0x86;

    private final Socket socket = new Socket();
    private DataInputStream in;
    private int nextStream = 1;

    /** A frame from the server. */
    @SuppressWarnings("ArrayRecordComponent") // read once
    record Frame(int type, int flags, int stream, byte[] payload) {

        boolean endsStream() {
            return type <= HEADERS && (flags & END_STREAM) != 0;
        }
    }

    /**
     * Connects.
     *
     * @param receiveBuffer how much the kernel takes in for a client that does not read
     * @param window how much the server may send on each stream
     */
    RawHttp2(int port, int receiveBuffer, int window) throws IOException {
        socket.setReceiveBufferSize(receiveBuffer);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        in = new DataInputStream(socket.getInputStream());
        send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        initialWindow(window);
        if (window > DEFAULT_WINDOW) {
            allow(0, window - DEFAULT_WINDOW);
        }
    }

    /** Says how much the server may send on each stream before it is allowed more. */
    void initialWindow(int bytes) throws IOException {
        send(
                SETTINGS,
                0,
                0,
                ByteBuffer.allocate(6).putShort((short) INITIAL_WINDOW_SIZE).putInt(bytes).array());
    }

    /** Lets the server send more on {@code stream}, or with 0 on all of them together. */
    void allow(int stream, int bytes) throws IOException {
        send(WINDOW_UPDATE, 0, stream, int32(bytes));
    }

    /** Has all that is read from now on come through {@code slower}. */
    void readThrough(UnaryOperator<InputStream> slower) throws IOException {
        in = new DataInputStream(slower.apply(socket.getInputStream()));
    }

    /** Requests {@code path}, and returns the stream's ID. */
    int get(String path) throws IOException {
        return request(METHOD_GET, path, END_STREAM, new ByteArrayOutputStream());
    }

    /** Begins to post a body of {@code type}. */
    int post(String path, String type) throws IOException {
        var contentType = new ByteArrayOutputStream();
        contentType.write(0);
        string(contentType, "content-type");
        string(contentType, type);
        return request(METHOD_POST, path, 0, contentType);
    }

    /** Begins to post a body, with headers that are named and valued in turn. */
    int postWith(String path, String... headers) throws IOException {
        var more = new ByteArrayOutputStream();
        for (int i = 0; i < headers.length; i++) {
            if (i % 2 == 0) {
                more.write(0);
            }
            string(more, headers[i]);
        }
        return request(METHOD_POST, path, 0, more);
    }

    /** Sends a part of the body of a {@link #postWith}. */
    void data(int stream, byte[] bytes, boolean end) throws IOException {
        send(DATA, end ? END_STREAM : 0, stream, bytes);
    }

    /** Requests {@code path} without a body, under a name, with headers as for a post. */
    int request(String method, String path, String authority, String... headers)
            throws IOException {
        var block = new ByteArrayOutputStream();
        block.write(METHOD_NAME);
        string(block, method);
        block.write(SCHEME_HTTP);
        block.write(PATH);
        string(block, path);
        block.write(AUTHORITY);
        string(block, authority);
        for (int i = 0; i < headers.length; i++) {
            if (i % 2 == 0) {
                block.write(0);
            }
            string(block, headers[i]);
        }
        int stream = nextStream;
        nextStream += 2;
        send(HEADERS, END_STREAM | END_HEADERS, stream, block.toByteArray());
        return stream;
    }

    /** Asks for another protocol on a stream: RFC 8441, section 4. Returns the stream's ID. */
    int connect(String path, String protocol, String... headers) throws IOException {
        var block = new ByteArrayOutputStream();
        block.write(METHOD_NAME);
        string(block, "CONNECT");
        block.write(0);
        string(block, ":protocol");
        string(block, protocol);
        block.write(SCHEME_HTTP);
        block.write(PATH);
        string(block, path);
        block.write(AUTHORITY);
        string(block, "localhost");
        for (int i = 0; i < headers.length; i++) {
            if (i % 2 == 0) {
                block.write(0);
            }
            string(block, headers[i]);
        }
        int stream = nextStream;
        nextStream += 2;
        send(HEADERS, END_HEADERS, stream, block.toByteArray());
        return stream;
    }

    /** Reads up to the end of {@code stream}, and returns the body of its response. */
    byte[] body(int stream) throws IOException {
        var body = new ByteArrayOutputStream();
        while (true) {
            Frame frame = next();
            if (frame == null) {
                throw new EOFException("the connection ended within a response");
            }
            if (frame.stream() == stream && frame.type() == DATA) {
                body.writeBytes(frame.payload());
            }
            if (frame.stream() == stream && frame.endsStream()) {
                return body.toByteArray();
            }
        }
    }

    /** Reads from the body of {@code stream} until it contains {@code last}, and returns that. */
    String dataUntil(int stream, String last) throws IOException {
        var data = new StringBuilder();
        while (data.indexOf(last) < 0) {
            Frame frame = next();
            if (frame == null) {
                throw new EOFException("cut after: " + data);
            }
            if (frame.stream() == stream && frame.type() == DATA) {
                data.append(new String(frame.payload(), StandardCharsets.UTF_8));
            }
        }
        return data.toString();
    }

    /** Sends a part of the body of a {@link #post}. */
    void data(int stream, String text, boolean end) throws IOException {
        send(DATA, end ? END_STREAM : 0, stream, text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Requests {@code path} with any method and headers.
     *
     * @param end whether the request has no body
     * @param headers names and values by turns
     */
    int request(String method, String path, boolean end, String... headers) throws IOException {
        var block = new ByteArrayOutputStream();
        block.write(NAME_METHOD);
        string(block, method);
        block.write(SCHEME_HTTP);
        block.write(PATH);
        string(block, path);
        block.write(AUTHORITY);
        string(block, "localhost");
        for (int i = 0; i < headers.length; i += 2) {
            block.write(0);
            string(block, headers[i]);
            string(block, headers[i + 1]);
        }
        return headers(block.toByteArray(), end);
    }

    /** Opens a stream with a header block. */
    int headers(byte[] block, boolean end) throws IOException {
        int stream = nextStream;
        nextStream += 2;
        send(HEADERS, END_HEADERS | (end ? END_STREAM : 0), stream, block);
        return stream;
    }

    /** Gives a stream up. */
    void reset(int stream) throws IOException {
        send(RST_STREAM, 0, stream, int32(CANCEL));
    }

    private int request(int method, String path, int flags, ByteArrayOutputStream more)
            throws IOException {
        var block = new ByteArrayOutputStream();
        block.write(method);
        block.write(SCHEME_HTTP);
        block.write(PATH);
        string(block, path);
        block.write(AUTHORITY);
        string(block, "localhost");
        more.writeTo(block);
        int stream = nextStream;
        nextStream += 2;
        send(HEADERS, flags | END_HEADERS, stream, block.toByteArray());
        return stream;
    }

    /** RFC 7541, section 5.2. */
    private static void string(ByteArrayOutputStream block, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int rest = bytes.length - 127;
        block.write(Math.min(bytes.length, 127));
        if (rest >= 0) {
            for (; rest >= 128; rest /= 128) {
                block.write(rest % 128 + 128);
            }
            block.write(rest);
        }
        block.writeBytes(bytes);
    }

    private static byte[] int32(int value) {
        return ByteBuffer.allocate(4).putInt(value).array();
    }

    private void send(int type, int flags, int stream, byte[] payload) throws IOException {
        send(
                ByteBuffer.allocate(9 + payload.length)
                        .putInt(payload.length << 8 | type)
                        .put((byte) flags)
                        .putInt(stream)
                        .put(payload)
                        .array());
    }

    /** Sends bytes that need not be a whole frame. */
    void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    /** Waits for a frame; null at the end of the connection. */
    @Nullable Frame next() throws IOException {
        try {
            int lengthAndType = in.readInt();
            int flags = in.readUnsignedByte();
            int stream = in.readInt();
            var payload = new byte[lengthAndType >>> 8];
            in.readFully(payload);
            return new Frame(lengthAndType & 0xff, flags, stream, payload);
        } catch (EOFException _) {
            return null;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
