package dev.longwave.server.net.helidon;

/** Says that clients may ask for WebSocket by CONNECT: RFC 8441, section 3. */
final class ConnectProtocol {

    /** A SETTINGS frame, besides that of the engine. */
    static final byte[] SETTINGS = Frame.of(Frame.SETTINGS, 0, 0, new byte[] {0, 8, 0, 0, 0, 1});

    private ConnectProtocol() {}
}
