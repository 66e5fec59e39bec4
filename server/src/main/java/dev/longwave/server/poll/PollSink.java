package dev.longwave.server.poll;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longwave.core.CloseReason;
import dev.longwave.core.Cursors;
import dev.longwave.core.Outbox;
import dev.longwave.server.net.LoggedRequest;
import dev.longwave.server.session.Sink;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Collects what there is for one response, and then ends the stream. */
final class PollSink implements Sink<PollBatch> {

    private final Outbox<PollBatch> outbox;
    private final PollBatch batch = new PollBatch();
    private List<ObjectNode> events = List.of();
    private String next = "";
    private CloseReason reason = CloseReason.FAILED;

    PollSink(Outbox<PollBatch> outbox) {
        this.outbox = outbox;
    }

    /** Nothing is written before the end, and so nobody else may write. */
    @Override
    public boolean open(Cursors cursors, Runnable onClosed) {
        return false;
    }

    @Override
    public PollBatch batch() {
        return batch;
    }

    @Override
    public boolean tryWrite(PollBatch written) {
        return false;
    }

    @Override
    public void write(PollBatch written) {
        if (!written.isEmpty()) {
            events = written.events();
            outbox.close(CloseReason.ENDED);
        }
    }

    @Override
    public String transport() {
        return POLL;
    }

    /** The response is logged like any other, and not as a stream. */
    @Override
    public @Nullable LoggedRequest request() {
        return null;
    }

    /** The response is written once the stream has ended. */
    @Override
    public long bytesWritten() {
        return 0;
    }

    @Override
    public void end(CloseReason why) {
        next = outbox.id();
        reason = why;
    }

    /** {@return the events, possibly none} */
    List<ObjectNode> events() {
        return events;
    }

    /** {@return the ID to go on after, empty if none is known} */
    String next() {
        return next;
    }

    /** {@return why it ended} */
    CloseReason reason() {
        return reason;
    }
}
