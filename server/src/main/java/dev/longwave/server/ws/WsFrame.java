package dev.longwave.server.ws;

import dev.longwave.core.Format;
import dev.longwave.core.Frame;

/** An event as one WebSocket message: a whole frame, which all connections share. */
public final class WsFrame extends Frame {

    final byte[] bytes;
    final int payload;

    private WsFrame(Format<?> format, byte[] bytes, int payload) {
        super(format);
        this.bytes = bytes;
        this.payload = payload;
    }

    /** {@return a text message} */
    public static WsFrame text(Format<?> format, byte[] utf8) {
        return of(format, Opcode.TEXT, utf8);
    }

    /** {@return a binary message} */
    public static WsFrame binary(Format<?> format, byte[] data) {
        return of(format, Opcode.BINARY, data);
    }

    private static WsFrame of(Format<?> format, int opcode, byte[] payload) {
        return new WsFrame(
                format,
                ServerFrame.of(opcode, payload),
                ServerFrame.headerLength(payload.length));
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
