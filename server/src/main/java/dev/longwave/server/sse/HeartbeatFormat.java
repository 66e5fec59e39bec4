package dev.longwave.server.sse;

import dev.longwave.core.Event;
import dev.longwave.core.Format;
import java.nio.charset.StandardCharsets;

/**
 * The heartbeat of streams that stand at an event: a comment, and the event's ID. It is a frame of
 * that event, and so made once for all streams of a quiet topic.
 */
final class HeartbeatFormat implements Format<SseFrame> {

    static final HeartbeatFormat HEARTBEATS = new HeartbeatFormat();

    private HeartbeatFormat() {}

    /** The comment line of a heartbeat; an ID must follow within the same block. */
    static final String COMMENT = ":\n";

    @Override
    public SseFrame encode(Event event) {
        byte[] block = (COMMENT + "id: " + event.id() + "\n\n").getBytes(StandardCharsets.US_ASCII);
        int body = Chunks.headerLength(block.length);
        byte[] bytes = new byte[body + block.length + Chunks.TRAILER_LENGTH];
        Chunks.putHeader(bytes, block.length);
        System.arraycopy(block, 0, bytes, body, block.length);
        Chunks.putTrailer(bytes, body + block.length);
        return new SseFrame(this, bytes, body, body, body + block.length);
    }
}
