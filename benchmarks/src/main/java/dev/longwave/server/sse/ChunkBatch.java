package dev.longwave.server.sse;

import dev.longwave.core.Batch;
import dev.longwave.core.Cursors;
import dev.longwave.core.Event;

/** A batch of an event stream as HTTP/1.1 sends it: what the core's benchmarks read into. */
public final class ChunkBatch implements Batch {

    private final SseBatch batch = new SseBatch(true, Heartbeats.COMMENTS, "");

    @Override
    public void add(Event event, Cursors cursors) {
        batch.add(event, cursors);
    }

    @Override
    public void addHeartbeat(Cursors cursors) {
        batch.addHeartbeat(cursors);
    }

    @Override
    public boolean isEmpty() {
        return batch.isEmpty();
    }

    @Override
    public boolean isFull() {
        return batch.isFull();
    }

    @Override
    public void clear() {
        batch.clear();
    }

    /** {@return how many bytes a socket would be given} Nothing may be added afterwards. */
    public int finish() {
        batch.finish();
        return batch.length();
    }
}
