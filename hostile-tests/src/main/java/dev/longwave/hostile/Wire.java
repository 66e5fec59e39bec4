package dev.longwave.hostile;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * A TCP connection over which a client sends any bytes, and reads only when it is told to. One
 * thread sends and one reads; any may close.
 */
final class Wire implements Closeable {

    private static final int CONNECT_MILLIS = 60_000;

    /** Another address of loopback than that of the healthy clients. */
    private static final InetAddress STRANGER = address("127.0.0.2");

    private static final InetAddress SERVER = address("127.0.0.1");
    private static final int ANY_SIZE = 0;

    /** How the other side ended a connection. */
    enum End {
        /** In order, or by reset. */
        CLOSED,
        /** Not at all, in the time that there was. */
        OPEN
    }

    private final Socket socket = new Socket();
    private final InputStream in;

    private Wire(InetAddress from, int port, int receiveBuffer) throws IOException {
        try {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(Math.toIntExact(Target.TIMEOUT.toMillis()));
            if (receiveBuffer != ANY_SIZE) {
                // Before connecting: it decides how much the server's side may send ahead.
                socket.setReceiveBufferSize(receiveBuffer);
            }
            socket.bind(new InetSocketAddress(from, 0));
            socket.connect(new InetSocketAddress(SERVER, port), CONNECT_MILLIS);
            in = new BufferedInputStream(socket.getInputStream());
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /** Connects as an attacker. */
    static Wire to(int port) throws IOException {
        return new Wire(STRANGER, port, ANY_SIZE);
    }

    /** Connects as an attacker whose kernel takes in little, so that the server has to keep it. */
    static Wire tight(int port) throws IOException {
        return new Wire(STRANGER, port, 4096);
    }

    /** Connects as an attacker from an address of his choice. */
    static Wire from(String address, int port) throws IOException {
        return new Wire(address(address), port, ANY_SIZE);
    }

    /** Connects from the address of the healthy clients. */
    static Wire asNeighbour(int port) throws IOException {
        return new Wire(SERVER, port, ANY_SIZE);
    }

    private static InetAddress address(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    InputStream in() {
        return in;
    }

    void send(String latin1) throws IOException {
        send(latin1.getBytes(StandardCharsets.ISO_8859_1));
    }

    void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    /** Sends, and returns false if the server has ended the connection. */
    boolean trySend(byte[] bytes) {
        try {
            send(bytes);
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    /** Says that nothing more will be sent. */
    void endSending() throws IOException {
        socket.shutdownOutput();
    }

    /** Waits for the final response to a request. */
    Reply reply() throws IOException {
        return Reply.read(in, false);
    }

    /** Takes all that comes, until the server ends the connection or {@code timeout} is over. */
    End awaitEnd(Duration timeout) throws IOException {
        long deadline = System.nanoTime() + timeout.toNanos();
        var bytes = new byte[16 * 1024];
        while (true) {
            long left = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
            if (left <= 0) {
                return End.OPEN;
            }
            socket.setSoTimeout(Math.toIntExact(left));
            try {
                if (in.read(bytes) < 0) {
                    return End.CLOSED;
                }
            } catch (SocketTimeoutException _) {
                return End.OPEN;
            } catch (IOException _) {
                return End.CLOSED;
            }
        }
    }

    /** Has reads fail that wait longer than this. */
    void timeout(Duration timeout) throws IOException {
        socket.setSoTimeout(Math.toIntExact(Math.max(1, timeout.toMillis())));
    }

    /** Reads exactly so many bytes. */
    byte[] read(int count) throws IOException {
        byte[] bytes = in.readNBytes(count);
        if (bytes.length < count) {
            throw new EOFException("the server closed the connection");
        }
        return bytes;
    }

    /** Closes it, with a reset if there is something that was not read. */
    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException _) {
            // It is closed nevertheless.
        }
    }
}
