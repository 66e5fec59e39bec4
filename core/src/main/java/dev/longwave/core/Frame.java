package dev.longwave.core;

/**
 * An encoded block of an event stream, shared by all connections it goes to and never changed.
 *
 * <p>The bytes are laid out so that every protocol finds what it needs in one array:
 *
 * <pre>
 *   chunk header | id line | rest of the block | chunk trailer
 *   0            body      rest                bodyEnd          bytes.length
 * </pre>
 *
 * HTTP/1.1 sends all of it, a chunk (RFC 9112, section 7.1). HTTP/2 and HTTP/1.0 send the body. A
 * stream of several topics sends an id line of its own, and the rest.
 */
final class Frame {
    final byte[] bytes;
    final int body;
    final int rest;
    final int bodyEnd;

    Frame(byte[] bytes, int body, int rest, int bodyEnd) {
        this.bytes = bytes;
        this.body = body;
        this.rest = rest;
        this.bodyEnd = bodyEnd;
    }
}
