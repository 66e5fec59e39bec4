package dev.longwave.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;

/** The bytes that a connection has yet to write. Usually the socket takes all of them at once. */
final class Outgoing {
    private ByteBuffer bytes;

    Outgoing(int capacity) {
        bytes = ByteBuffer.allocateDirect(capacity);
    }

    /** {@return room to append {@code length} bytes to} */
    ByteBuffer room(int length) {
        if (bytes.remaining() < length) {
            var larger = ByteBuffer.allocateDirect((bytes.position() + length) * 2);
            bytes = larger.put(bytes.flip());
        }
        return bytes;
    }

    boolean isEmpty() {
        return bytes.position() == 0;
    }

    void clear() {
        bytes.clear();
    }

    /** Writes all of it, encrypted. */
    void write(TlsClient tls) throws IOException {
        tls.send(bytes.flip());
        bytes.clear();
    }

    /** Writes what the socket takes, and asks to be called again as long as something is left. */
    void write(SelectionKey key) throws IOException {
        ((SocketChannel) key.channel()).write(bytes.flip());
        bytes.compact();
        int wanted = SelectionKey.OP_READ | (isEmpty() ? 0 : SelectionKey.OP_WRITE);
        if (key.interestOps() != wanted) {
            key.interestOps(wanted);
        }
    }
}
