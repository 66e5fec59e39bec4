package dev.longwave.cli;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;

/** The settings that an HTTP/2 server announces first, which the JDK's client keeps to itself. */
final class Http2Settings {
    // RFC 9113, sections 3.4, 4.1, and 6.5.

    private static final byte[] PREFACE =
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int SETTINGS = 4;
    private static final int MAX_CONCURRENT_STREAMS = 3;
    private static final int MAX_FRAME = 16 << 10;
    private static final int MAX_FRAMES = 8;
    private static final byte[] NO_SETTINGS = {0, 0, 0, SETTINGS, 0, 0, 0, 0, 0};

    private Http2Settings() {}

    /**
     * {@return how many streams the server allows on a connection at a time, empty for no limit}
     *
     * @param connection a new one, whose ALPN has chosen h2
     * @throws IOException if the server does not say
     */
    static OptionalLong maxConcurrentStreams(Socket connection) throws IOException {
        OutputStream out = connection.getOutputStream();
        out.write(PREFACE);
        out.write(NO_SETTINGS);
        out.flush();
        var in = new DataInputStream(connection.getInputStream());
        for (int i = 0; i < MAX_FRAMES; i++) {
            int length = in.readUnsignedShort() << 8 | in.readUnsignedByte();
            int type = in.readUnsignedByte();
            int flags = in.readUnsignedByte();
            int _ = in.readInt(); // the stream
            if (length > MAX_FRAME) {
                throw new IOException("a frame is too long length=" + length);
            }
            byte[] payload = in.readNBytes(length);
            if (type == SETTINGS && flags == 0) {
                return maxConcurrentStreams(ByteBuffer.wrap(payload));
            }
        }
        throw new IOException("other frames came instead");
    }

    private static OptionalLong maxConcurrentStreams(ByteBuffer settings) {
        OptionalLong max = OptionalLong.empty();
        while (settings.remaining() >= Short.BYTES + Integer.BYTES) {
            int name = settings.getShort();
            long value = Integer.toUnsignedLong(settings.getInt());
            if (name == MAX_CONCURRENT_STREAMS) {
                max = OptionalLong.of(value);
            }
        }
        return max;
    }
}
