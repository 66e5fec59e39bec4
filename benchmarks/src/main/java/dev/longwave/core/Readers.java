package dev.longwave.core;

import dev.longwave.broker.Start;
import dev.longwave.server.sse.ChunkBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Connections that one thread opens and reads one after the other, without sockets and threads of
 * their own. For one thread.
 */
final class Readers implements AutoCloseable {
    // The only class of the benchmarks that knows outboxes.

    private final Hub hub;
    private final List<Outbox<ChunkBatch>> open = new ArrayList<>();
    private final ChunkBatch batch = new ChunkBatch();

    Readers(Hub hub) {
        this.hub = hub;
    }

    /** Opens a connection that reads {@code topic} live from now on. */
    void add(String topic) {
        open.add(hub.subscribe(Map.of(topic, Optional.empty())));
    }

    /** Opens a connection that reads {@code topic} from {@code start}. */
    void add(String topic, Start start) {
        open.add(hub.subscribe(Map.of(topic, Optional.of(start))));
    }

    /**
     * Lets each connection take one batch, and waits where there is none yet.
     *
     * @return how many bytes it would write; 0 once all are closed, by an interrupt or the end of
     *     their topics
     */
    long take() {
        long bytes = 0;
        for (Outbox<ChunkBatch> outbox : open) {
            if (outbox.take(batch)) {
                bytes += batch.finish();
                batch.clear();
            }
        }
        return bytes;
    }

    /** Takes everything up to the end of the topics. Returns how many bytes it would write. */
    long takeToEnd() {
        long bytes = 0;
        for (long taken = take(); taken > 0; taken = take()) {
            bytes += taken;
        }
        return bytes;
    }

    /** Closes the connections; others may be opened afterwards. */
    @Override
    public void close() {
        open.forEach(hub::release);
        open.clear();
    }
}
