package dev.longwave.server.ws;

import dev.longwave.core.Format;
import dev.longwave.core.Frame;

/** An event as one WebSocket message: a whole frame, which all connections share. */
public final class WsFrame extends Frame {

    final byte[] bytes;
    final int payload;
    final int tail; // where in the message that begins which is not the same for all streams

    private WsFrame(Format<?> format, byte[] bytes, int payload, int tail) {
        super(format);
        this.bytes = bytes;
        this.payload = payload;
        this.tail = tail;
    }

    /** {@return a text message} */
    public static WsFrame text(Format<?> format, byte[] utf8) {
        return text(format, utf8, utf8.length);
    }

    static WsFrame text(Format<?> format, byte[] utf8, int tail) {
        return of(format, Opcode.TEXT, utf8, tail);
    }

    /** {@return a binary message} */
    public static WsFrame binary(Format<?> format, byte[] data) {
        return of(format, Opcode.BINARY, data, data.length);
    }

    /** {@return a frame that is not there} */
    public static WsFrame nothing(Format<?> format) {
        return new WsFrame(format, new byte[0], 0, 0);
    }

    private static WsFrame of(Format<?> format, int opcode, byte[] payload, int tail) {
        return new WsFrame(
                format,
                ServerFrame.of(opcode, payload),
                ServerFrame.headerLength(payload.length),
                tail);
    }

    /**
     * {@return the same message, compressed by itself if that makes it shorter: RFC 7692}
     *
     * @param format that of the compressed frames
     */
    WsFrame deflated(Format<?> format) {
        byte[] compressed = Deflation.deflate(bytes, payload, bytes.length);
        if (compressed.length >= bytes.length - payload) {
            return new WsFrame(format, bytes, payload, tail);
        }
        int header = ServerFrame.headerLength(compressed.length);
        byte[] frame = new byte[header + compressed.length];
        ServerFrame.putHeader(frame, bytes[0] | ServerFrame.RSV1, 0, compressed.length);
        System.arraycopy(compressed, 0, frame, header, compressed.length);
        return new WsFrame(format, frame, header, compressed.length);
    }

    /** {@return the whole frame; not to be changed} */
    public byte[] bytes() {
        return bytes;
    }

    /** {@return where the message begins in {@link #bytes()}, up to whose end it goes} */
    public int payload() {
        return payload;
    }
}
