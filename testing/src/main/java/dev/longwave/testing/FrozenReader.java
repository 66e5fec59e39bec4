package dev.longwave.testing;

import dev.longwave.broker.testing.Ending;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;

/**
 * A client on HTTP/1.1 that reads the header of the answer and then nothing more. On HTTP/2 an
 * {@link Http2Stream} that is not read is the same.
 */
public final class FrozenReader implements Closeable {

    private static final int RECEIVE_BUFFER_BYTES = 4096;
    private static final int TIMEOUT_MILLIS = 300_000;

    private final Socket socket = new Socket();
    private final ResponseHead head;

    /** Connects, and waits for the header of the answer. */
    public FrozenReader(URI uri) throws IOException {
        try {
            // Before connecting: it decides how much the server's side may send ahead.
            socket.setReceiveBufferSize(RECEIVE_BUFFER_BYTES);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.connect(new InetSocketAddress(uri.getHost(), uri.getPort()), TIMEOUT_MILLIS);
            socket.getOutputStream()
                    .write(ResponseHead.request(uri, Map.of("Accept", "text/event-stream")));
            head = ResponseHead.read(socket.getInputStream());
        } catch (IOException e) {
            Ending.RST.end(socket);
            throw e;
        }
    }

    public ResponseHead head() {
        return head;
    }

    /**
     * Thaws: reads all that was sent, up to the end of the connection, in order or by reset.
     *
     * @return how many bytes there were
     * @throws SocketTimeoutException if the server keeps the connection open, and sent nothing for
     *     {@code silence}
     */
    public long drain(Duration silence) throws IOException {
        socket.setSoTimeout(Math.toIntExact(silence.toMillis()));
        InputStream in = socket.getInputStream();
        var bytes = new byte[16 * 1024];
        long total = 0;
        try {
            for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
                total += count;
            }
        } catch (SocketException _) {
            // By reset.
        }
        return total;
    }

    @Override
    public void close() {
        Ending.RST.end(socket);
    }
}
