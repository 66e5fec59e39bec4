package dev.longwave.testing;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The client's side of a WebSocket (RFC 6455), frame by frame: it sends what it is told, right or
 * wrong, and answers nothing by itself. One thread may send while another reads.
 */
public final class WebSocketClient implements Closeable {

    public static final int CONTINUATION = 0;
    public static final int TEXT = 1;
    public static final int BINARY = 2;
    public static final int CLOSE = 8;
    public static final int PING = 9;
    public static final int PONG = 10;

    /** Bits of the first byte of a frame. */
    public static final int FIN = 0x80;

    public static final int RSV1 = 0x40;

    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final int MASK = 0x80;
    private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";
    private static final String ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

    private final Socket socket;
    private final DataInputStream in;
    private @Nullable ResponseHead head; // for the reading thread

    private WebSocketClient(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    }

    /** A frame of the server. */
    public static final class Frame {
        private final int first;
        private final byte[] payload;

        private Frame(int first, byte[] payload) {
            this.first = first;
            this.payload = payload;
        }

        /** {@return whether it ends a message} */
        public boolean fin() {
            return (first & FIN) != 0;
        }

        /** {@return whether it is compressed} */
        public boolean compressed() {
            return (first & RSV1) != 0;
        }

        public int opcode() {
            return first & 0xf;
        }

        public byte[] payload() {
            return payload;
        }

        /** {@return the payload as text} */
        public String text() {
            return new String(payload, StandardCharsets.UTF_8);
        }

        /** {@return the status code of a close frame; 1005 if it has none} */
        public int code() {
            return payload.length < 2 ? 1005 : ByteBuffer.wrap(payload).getShort() & 0xffff;
        }

        /** {@return the reason in a close frame} */
        public String reason() {
            return payload.length <= 2
                    ? ""
                    : new String(payload, 2, payload.length - 2, StandardCharsets.UTF_8);
        }

        @Override
        public String toString() {
            return opcode() == CLOSE
                    ? "close %d %s".formatted(code(), reason())
                    : "opcode=%d length=%d".formatted(opcode(), payload.length);
        }
    }

    /**
     * {@return a connection whose handshake was answered, by whatever}
     *
     * @param url begins with {@code http:}
     * @param fields header fields besides, as {@code Name: value}
     */
    public static WebSocketClient open(URI url, String... fields) throws IOException {
        var socket = new Socket();
        socket.connect(
                new InetSocketAddress(url.getHost(), url.getPort()), (int) DEADLINE.toMillis());
        return open(socket, url, fields);
    }

    private static WebSocketClient open(Socket socket, URI url, String... fields)
            throws IOException {
        try {
            socket.setSoTimeout((int) DEADLINE.toMillis());
            WebSocketClient client = ask(socket, url, fields);
            var _ = client.head();
            return client;
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    /** Asks for a WebSocket, and does not wait for the answer. */
    static WebSocketClient ask(Socket socket, URI url, String... fields) throws IOException {
        try {
            socket.setTcpNoDelay(true);
            String query = url.getRawQuery() == null ? "" : "?" + url.getRawQuery();
            var request =
                    new StringBuilder("GET %s%s HTTP/1.1\r\n".formatted(url.getRawPath(), query))
                            .append("Host: %s\r\n".formatted(url.getAuthority()))
                            .append("Upgrade: websocket\r\nConnection: Upgrade\r\n")
                            .append("Sec-WebSocket-Version: 13\r\n")
                            .append("Sec-WebSocket-Key: %s\r\n".formatted(KEY));
            for (String field : fields) {
                request.append(field).append("\r\n");
            }
            socket.getOutputStream()
                    .write(request.append("\r\n").toString().getBytes(StandardCharsets.UTF_8));
            return new WebSocketClient(socket);
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    /** {@return a connection whose handshake was sent, and is answered next} */
    public static WebSocketClient read(Socket socket) throws IOException {
        socket.setSoTimeout((int) DEADLINE.toMillis());
        var client = new WebSocketClient(socket);
        var _ = client.head();
        return client;
    }

    /**
     * {@return an open connection}
     *
     * @throws IOException if the handshake fails
     */
    public static WebSocketClient connect(URI url, String... fields) throws IOException {
        WebSocketClient client = open(url, fields);
        ResponseHead answer = client.head();
        if (answer.status() != 101 || !answer.header("sec-websocket-accept").equals(ACCEPT)) {
            client.close();
            throw new IOException("no WebSocket: " + answer);
        }
        return client;
    }

    /** {@return what the server has answered} */
    public ResponseHead head() throws IOException {
        ResponseHead known = head;
        if (known == null) {
            known = ResponseHead.read(in);
            head = known;
        }
        return known;
    }

    /** {@return what follows the head of an answer that is no WebSocket} */
    public String body() throws IOException {
        int length = Integer.parseInt(head().header("content-length"));
        return new String(in.readNBytes(length), StandardCharsets.UTF_8);
    }

    public void text(String text) throws IOException {
        send(FIN | TEXT, text.getBytes(StandardCharsets.UTF_8));
    }

    public void binary(byte[] data) throws IOException {
        send(FIN | BINARY, data);
    }

    public void ping(byte[] payload) throws IOException {
        send(FIN | PING, payload);
    }

    /** Sends a close frame. */
    public void closing(int code) throws IOException {
        send(FIN | CLOSE, ByteBuffer.allocate(2).putShort((short) code).array());
    }

    /** Sends a frame with this first byte, masked as it must be. */
    public void send(int first, byte[] payload) throws IOException {
        bytes(frame(first, payload));
    }

    /** Sends bytes as they are. */
    public void bytes(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    /** {@return a frame with this first byte, masked as it must be} */
    public static byte[] frame(int first, byte[] payload) {
        var frame = new ByteArrayOutputStream();
        frame.write(first);
        int length = payload.length;
        if (length <= 125) {
            frame.write(MASK | length);
        } else if (length <= 0xffff) {
            frame.write(MASK | 126);
            frame.write(length >>> 8);
            frame.write(length);
        } else {
            frame.write(MASK | 127);
            frame.writeBytes(ByteBuffer.allocate(8).putLong(length).array());
        }
        byte[] mask = new byte[4];
        ThreadLocalRandom.current().nextBytes(mask);
        frame.writeBytes(mask);
        for (int i = 0; i < length; i++) {
            frame.write(payload[i] ^ mask[i & 3]);
        }
        return frame.toByteArray();
    }

    /**
     * {@return the next frame}
     *
     * @throws EOFException at the end of the connection
     */
    public Frame read() throws IOException {
        int first = in.readUnsignedByte();
        int length = in.readUnsignedByte();
        long bytes =
                switch (length) {
                    case 126 -> in.readUnsignedShort();
                    case 127 -> in.readLong();
                    default -> length;
                };
        byte[] payload = in.readNBytes((int) bytes);
        if (payload.length < bytes) {
            throw new EOFException("the connection ended within a frame");
        }
        return new Frame(first, payload);
    }

    /** {@return the next frame that is no ping} */
    public Frame readData() throws IOException {
        Frame frame = read();
        while (frame.opcode() == PING) {
            frame = read();
        }
        return frame;
    }

    /** {@return whether the server has closed the connection} Waits for the end. */
    public boolean isEnded() throws IOException {
        try {
            return in.read() < 0;
        } catch (IOException e) {
            if (e instanceof SocketTimeoutException) {
                throw e;
            }
            return true; // reset
        }
    }

    /** {@return the socket, to be cut} */
    public Socket socket() {
        return socket;
    }

    /** {@return what the server sends, byte by byte} */
    public InputStream input() {
        return in;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
