package dev.longwave.server.wire;

import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.task.InterruptableTask;
import io.helidon.webserver.spi.ServerConnection;
import java.time.Duration;

/** A connection that counts against the limits, and is not idle while it has an open stream. */
final class WireConnection implements ServerConnection, InterruptableTask<Void> {

    private final Wire wire;
    private final ServerConnection delegate;
    private final ConnectionLimits limits;

    WireConnection(Wire wire, ServerConnection delegate, ConnectionLimits limits) {
        this.wire = wire;
        this.delegate = delegate;
        this.limits = limits;
    }

    @Override
    public void handle(Limit limit) throws InterruptedException {
        try (ConnectionLimits.Admission admission = limits.admit(wire)) {
            if (admission.exceeded().isPresent()) {
                Refusal.send(wire, admission.exceeded().get());
            } else {
                delegate.handle(limit);
            }
        }
    }

    @Override
    public Duration idleTime() {
        return wire.hasOpenStreams() ? Duration.ZERO : delegate.idleTime();
    }

    @Override
    public void close(boolean interrupt) {
        delegate.close(interrupt);
    }

    @Override
    public boolean canInterrupt() {
        return delegate instanceof InterruptableTask<?> task && task.canInterrupt();
    }

    @Override
    public void run() {
        throw new UnsupportedOperationException("a connection is handled, not run");
    }
}
