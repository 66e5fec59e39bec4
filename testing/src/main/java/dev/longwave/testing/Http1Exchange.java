package dev.longwave.testing;

import dev.longwave.broker.testing.Ending;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** HTTP/1.1 over a connection of its own. */
final class Http1Exchange implements Transport.Exchange {

    private final Socket socket;
    private final InputStream in;
    private @Nullable ResponseHead head; // confined to the reading thread

    private Http1Exchange(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream());
    }

    static Http1Exchange get(URI uri, Map<String, String> headers) throws IOException {
        Socket socket = Protocol.connect(uri);
        try {
            socket.getOutputStream().write(ResponseHead.request(uri, headers));
            return new Http1Exchange(socket);
        } catch (IOException e) {
            Ending.FIN.end(socket);
            throw e;
        }
    }

    @Override
    public ResponseHead head() throws IOException {
        if (head == null) {
            head = ResponseHead.read(in);
        }
        return head;
    }

    @Override
    public InputStream body() throws IOException {
        ResponseHead answer = head();
        if (answer.header("transfer-encoding").equalsIgnoreCase("chunked")) {
            return new ChunkedInputStream(in);
        }
        String length = answer.header("content-length");
        if (length.isEmpty()) {
            return in;
        }
        // It is no stream, and short: it can be read at once.
        byte[] whole = in.readNBytes(Integer.parseInt(length));
        if (whole.length < Integer.parseInt(length)) {
            throw new EOFException("the connection ended in the middle of the answer");
        }
        return new ByteArrayInputStream(whole);
    }

    @Override
    public void close() {
        Ending.FIN.end(socket);
    }
}
