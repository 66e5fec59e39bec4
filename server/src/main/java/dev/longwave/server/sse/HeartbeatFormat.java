package dev.longwave.server.sse;

import dev.longwave.core.Event;
import dev.longwave.core.Format;
import dev.longwave.server.net.Chunks;
import java.nio.charset.StandardCharsets;

/**
 * The heartbeat with the ID of the event that a stream stands at. It is a frame of that event, and
 * so made once for all streams of a quiet topic. The heartbeat without an ID is the same for all.
 */
final class HeartbeatFormat implements Format<SseFrame> {

    static final HeartbeatFormat HEARTBEATS = new HeartbeatFormat();

    /** The comment line of a heartbeat. No blank line follows, so that it ends no block. */
    static final String COMMENT = ":\n";

    /** A heartbeat that is nothing but a comment. */
    static final SseFrame COMMENT_FRAME = HEARTBEATS.frame(COMMENT);

    private HeartbeatFormat() {}

    @Override
    public SseFrame encode(Event event) {
        return frame(COMMENT + "id: " + event.id() + "\n\n");
    }

    private SseFrame frame(String text) {
        byte[] block = text.getBytes(StandardCharsets.US_ASCII);
        int body = Chunks.headerLength(block.length);
        byte[] bytes = new byte[body + block.length + Chunks.TRAILER_LENGTH];
        Chunks.putHeader(bytes, block.length);
        System.arraycopy(block, 0, bytes, body, block.length);
        Chunks.putTrailer(bytes, body + block.length);
        return new SseFrame(this, bytes, body, body, body + block.length);
    }
}
