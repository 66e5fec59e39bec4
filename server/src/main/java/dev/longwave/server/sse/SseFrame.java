package dev.longwave.server.sse;

import dev.longwave.core.Format;
import dev.longwave.core.Frame;

/**
 * A block of an event stream. The bytes are laid out so that every protocol finds what it needs in
 * one array:
 *
 * <pre>
 *   chunk header | id line | rest of the block | chunk trailer
 *   0            body      afterId             bodyEnd          bytes.length
 * </pre>
 *
 * HTTP/1.1 sends all of it, a chunk (RFC 9112, section 7.1). HTTP/2 and HTTP/1.0 send the body. A
 * stream of several topics sends an id line of its own, and what comes after it. A frame may have
 * no id line: {@code afterId} is then {@code body}.
 */
final class SseFrame extends Frame {
    final byte[] bytes;
    final int body;
    final int afterId;
    final int bodyEnd;

    SseFrame(Format<SseFrame> format, byte[] bytes, int body, int afterId, int bodyEnd) {
        super(format);
        this.bytes = bytes;
        this.body = body;
        this.afterId = afterId;
        this.bodyEnd = bodyEnd;
    }
}
