package dev.longwave.server.net.helidon;

/**
 * The head of a sound request, in the one form in which the engine sees it.
 *
 * @param hasContent false if what its body says means nothing: RFC 9110, sections 9.3.1 and 9.3.2
 * @param toWebSocket whether it is a CONNECT that asks for WebSocket: the engine sees GET
 * @param contentLength how long the client said that its body is; negative if it did not say
 * @param block the header block
 */
@SuppressWarnings("ArrayRecordComponent") // handed on, once
record Http2Head(boolean hasContent, boolean toWebSocket, long contentLength, byte[] block) {

    /** The head of a request in place of another one. */
    static Http2Head inPlace(byte[] block) {
        return new Http2Head(false, false, -1, block);
    }
}
