package dev.longwave.server.session;

import dev.longwave.server.net.Endpoint;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Writes batches to an endpoint, and keeps what a direct write has left over. For the thread that
 * owns the stream's outbox.
 */
public final class BatchWriter {

    private final Endpoint endpoint;
    private @Nullable ByteBuffer remainder;

    public BatchWriter(Endpoint endpoint) {
        this.endpoint = endpoint;
    }

    /** {@return where it writes to} */
    public Endpoint endpoint() {
        return endpoint;
    }

    /** Does what {@link Sink#write} says. */
    public void write(GatheringBatch batch) {
        writeRemainder();
        if (!batch.isEmpty()) {
            endpoint.write(batch.bytes());
        }
    }

    /** Writes what the last {@link #tryWrite} has kept, if anything. */
    public void writeRemainder() {
        ByteBuffer before = remainder;
        if (before != null) {
            remainder = null;
            endpoint.write(before);
        }
    }

    /** Does what {@link Sink#tryWrite} says. */
    public boolean tryWrite(GatheringBatch batch) {
        batch.finish();
        int written = endpoint.tryWrite(batch.array(), batch.offset(), batch.length());
        if (written == batch.length()) {
            return true;
        }
        ByteBuffer bytes = batch.bytes();
        remainder = bytes.position(bytes.position() + written);
        return false;
    }

    /** {@return a value that depends on everything that {@link #tryWrite} needs} */
    public int prefetch() {
        return endpoint.prefetch() + (remainder == null ? 0 : 1);
    }
}
