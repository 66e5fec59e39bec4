package dev.longwave.server.ws;

import dev.longwave.broker.Settings;

/**
 * Settings of WebSockets.
 *
 * @param maxMessageBytes the maximum size of a message of a client
 * @param compression whether clients may compress messages, and get them compressed
 */
public record WsSettings(int maxMessageBytes, boolean compression) {

    /** Reads the section {@code ws}. */
    public static WsSettings read(Settings settings) {
        Settings ws = settings.section("ws");
        return new WsSettings(
                (int)
                        ws.size(
                                "max-message",
                                128 << 10,
                                1 << 10,
                                32 << 20,
                                "The maximum size of a WebSocket message from a client. The data of"
                                        + " an event in it is bounded by limits.data, too."),
                ws.flag(
                        "compression",
                        false,
                        "Whether WebSocket clients that ask for it get permessage-deflate. It saves"
                                + " bytes, and costs processor time and memory on both sides."));
    }
}
