package dev.longwave.load;

/** How subscribers get their events. */
enum Transport {
    /** Server-sent events. */
    SSE,
    /** WebSocket, in the server's own way. */
    WS,
    /** WebSocket, with Centrifuge's JSON protocol. */
    CENTRIFUGE
}
