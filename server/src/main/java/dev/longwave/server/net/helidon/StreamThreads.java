package dev.longwave.server.net.helidon;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Runs the requests of one HTTP/2 connection, and says when the engine is done with each: only its
 * executor can know. The engine submits them in the order in which it is handed them, as it reads.
 */
final class StreamThreads extends AbstractExecutorService {

    private final ExecutorService threads;
    private final GuardedStreams streams;
    private final StreamGuard guard;

    StreamThreads(ExecutorService threads, GuardedStreams streams, StreamGuard guard) {
        this.threads = threads;
        this.streams = streams;
        this.guard = guard;
    }

    @Override
    public void execute(Runnable request) {
        Optional<GuardedStream> stream = streams.nextBegun();
        threads.execute(() -> {
            try {
                request.run();
            } finally {
                stream.ifPresent(guard::handled);
            }
        });
    }

    @Override
    public void shutdown() {
        threads.shutdown();
    }

    @Override
    public List<Runnable> shutdownNow() {
        return threads.shutdownNow();
    }

    @Override
    public boolean isShutdown() {
        return threads.isShutdown();
    }

    @Override
    public boolean isTerminated() {
        return threads.isTerminated();
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
        return threads.awaitTermination(timeout, unit);
    }
}
