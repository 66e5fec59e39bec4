package dev.longwave.server.net.helidon;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.socket.HelidonSocket;

/**
 * Writes what the engine answers on a connection of HTTP/1; of an answer to HEAD only its head.
 *
 * <p>Helidon 4.5.0 sends the body that a handler gives it, whatever the method: the client takes it
 * for the next answer. For the thread that serves the connection.
 */
final class AnswerWriter extends UnbufferedWriter {

    private static final byte[] HEAD_END = Ascii.bytes("\r\n\r\n");

    private final HelidonSocket socket;
    private boolean headOnly;
    private int ended; // how much of what ends the head was the last that was written

    AnswerWriter(HelidonSocket socket) {
        this.socket = socket;
    }

    /** What is written from now on answers the next request. */
    void begin(boolean toHead) {
        headOnly = toHead;
        ended = 0;
    }

    @Override
    public void writeNow(BufferData buffer) {
        if (!headOnly) {
            socket.write(buffer);
        } else if (ended < HEAD_END.length) {
            writeHead(buffer.readBytes());
        }
    }

    private void writeHead(byte[] bytes) {
        int length = 0;
        while (length < bytes.length && ended < HEAD_END.length) {
            byte b = bytes[length++];
            if (b == HEAD_END[ended]) {
                ended++;
            } else {
                ended = b == HEAD_END[0] ? 1 : 0;
            }
        }
        socket.write(BufferData.create(bytes, 0, length));
    }
}
