package dev.longwave.server.session;

import dev.longwave.server.net.Endpoint;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A sink that writes to an endpoint: what the sinks of all transports have in common.
 *
 * @param <B> what this transport writes
 */
public abstract class EndpointSink<B extends GatheringBatch> implements Sink<B> {

    /** Where it writes to. */
    protected final Endpoint endpoint;

    private final B batch;
    private @Nullable ByteBuffer remainder; // of a direct write; for the owner of the outbox

    /**
     * A sink that has written nothing.
     *
     * @param batch the connection's, empty
     */
    protected EndpointSink(Endpoint endpoint, B batch) {
        this.endpoint = endpoint;
        this.batch = batch;
    }

    @Override
    public final B batch() {
        return batch;
    }

    /**
     * Writes the head of a response and what follows it, at once: a client whose connection breaks
     * between the two would have a response, and not know where it stands.
     */
    protected final void begin(byte[] head, ByteBuffer first) {
        if (head.length + first.remaining() > 0) {
            endpoint.write(
                    ByteBuffer.allocate(head.length + first.remaining())
                            .put(head)
                            .put(first)
                            .flip());
        }
    }

    @Override
    public final void write(B events) {
        writeRemainder();
        if (!events.isEmpty()) {
            endpoint.write(events.bytes());
        }
    }

    /** Writes what the last {@link #tryWrite} has kept, if anything. */
    protected final void writeRemainder() {
        ByteBuffer before = remainder;
        if (before != null) {
            remainder = null;
            endpoint.write(before);
        }
    }

    @Override
    public final boolean tryWrite(B events) {
        events.finish();
        int written = endpoint.tryWrite(events.array(), events.offset(), events.length());
        if (written == events.length()) {
            return true;
        }
        ByteBuffer bytes = events.bytes();
        remainder = bytes.position(bytes.position() + written);
        return false;
    }

    @Override
    public final int prefetch() {
        return endpoint.prefetch() + (remainder == null ? 0 : 1) + (batch.isEmpty() ? 0 : 1);
    }
}
