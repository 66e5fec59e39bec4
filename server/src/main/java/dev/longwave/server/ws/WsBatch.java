package dev.longwave.server.ws;

import dev.longwave.core.Cursors;
import dev.longwave.core.Event;
import dev.longwave.server.session.GatheringBatch;
import org.jspecify.annotations.Nullable;

/**
 * One or more whole frames, to be written at once. A single frame is not copied: its shared array
 * is what is written.
 */
public final class WsBatch extends GatheringBatch {

    /** What the frames of a connection are. */
    public interface Framing {

        /** {@return the frame of {@code event} for a client that stands at {@code cursors}} */
        WsFrame frame(Event event, Cursors cursors);

        /** {@return what tells the client that the connection is alive; whole frames} */
        byte[] heartbeat(Cursors cursors);
    }

    private final Framing framing;
    private byte @Nullable [] single;

    public WsBatch(Framing framing) {
        super(0);
        this.framing = framing;
    }

    @Override
    public void add(Event event, Cursors cursors) {
        addBytes(framing.frame(event, cursors).bytes());
    }

    @Override
    public void addHeartbeat(Cursors cursors) {
        addBytes(framing.heartbeat(cursors));
    }

    /** Adds whole frames. */
    @Override
    public void addBytes(byte[] bytes) {
        if (isEmpty()) {
            single = bytes;
            return;
        }
        byte[] first = single;
        if (first != null) {
            single = null;
            append(first, 0, first.length);
        }
        append(bytes, 0, bytes.length);
    }

    @Override
    public boolean isEmpty() {
        return single == null && end == 0;
    }

    @Override
    public boolean isFull() {
        return length() >= FULL_BYTES;
    }

    @Override
    protected byte[] array() {
        return single != null ? single : buffer;
    }

    @Override
    protected int offset() {
        return 0;
    }

    @Override
    protected int length() {
        return single != null ? single.length : end;
    }

    @Override
    public void clear() {
        single = null;
        super.clear();
    }
}
