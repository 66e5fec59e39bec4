package dev.longwave.server.session;

import dev.longwave.core.CloseReason;
import dev.longwave.server.net.Endpoint;
import dev.longwave.server.net.LoggedRequest;
import dev.longwave.server.net.ResponseStream;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
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
    private final @Nullable LoggedRequest request;
    private @Nullable ByteBuffer remainder; // of a direct write; for the owner of the outbox
    private long written; // by the owner of the outbox; others need no exact answer

    /**
     * A sink that has written nothing.
     *
     * @param batch the connection's, empty
     */
    protected EndpointSink(ResponseStream response, B batch) {
        this.endpoint = response.endpoint();
        this.request = response.request();
        this.batch = batch;
    }

    @Override
    public final @Nullable LoggedRequest request() {
        return request;
    }

    @Override
    public final long bytesWritten() {
        return written;
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
            send(ByteBuffer.allocate(head.length + first.remaining()).put(head).put(first).flip());
        }
    }

    @Override
    public final void write(B events) {
        writeRemainder();
        if (!events.isEmpty()) {
            send(events.bytes());
        }
    }

    /** Writes bytes beside a batch. Blocks while the client does not read. */
    protected final void send(ByteBuffer bytes) {
        written += bytes.remaining();
        endpoint.write(bytes);
    }

    /** Writes what the last {@link #tryWrite} has kept, if anything. */
    protected final void writeRemainder() {
        ByteBuffer before = remainder;
        if (before != null) {
            remainder = null;
            send(before);
        }
    }

    @Override
    public final @Nullable Executor executor() {
        return endpoint.directWriteExecutor();
    }

    @Override
    public final boolean tryWrite(B events) {
        events.finish();
        int now = endpoint.tryWrite(events.array(), events.offset(), events.length());
        written += now;
        if (now == events.length()) {
            return true;
        }
        ByteBuffer bytes = events.bytes();
        remainder = bytes.position(bytes.position() + now);
        return false;
    }

    @Override
    public final void end(CloseReason reason) {
        if (reason == CloseReason.SHUTDOWN || reason == CloseReason.MOVED) {
            endpoint.sendElsewhere(); // or the client would come back over the same connection
        }
        sayFarewell(reason);
    }

    /** Does what {@link #end} says. */
    protected abstract void sayFarewell(CloseReason reason);

    @Override
    public final int prefetch() {
        return endpoint.prefetch() + (remainder == null ? 0 : 1) + (batch.isEmpty() ? 0 : 1);
    }
}
