package dev.longwave.server.net.helidon;

/**
 * The head of a sound request, in the one form in which the engine sees it.
 *
 * @param hasContent false if what its body says means nothing: RFC 9110, sections 9.3.1 and 9.3.2
 * @param contentLength how long the client said that its body is; negative if it did not say
 * @param block the header block
 */
@SuppressWarnings("ArrayRecordComponent") // handed on, once
record Http2Head(boolean hasContent, long contentLength, byte[] block) {}
