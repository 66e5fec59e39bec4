package dev.longwave.server.wire;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.function.Supplier;

/**
 * Operating system threads for the few clients that send something all the time, which are
 * publishers.
 *
 * <p>To wake a virtual thread takes the JDK's poller, and then its scheduler: two context switches.
 * To wake one of these takes one, which for a small event is worth more than all else that is done
 * for it. What finds none left runs on its virtual thread, as everything else does.
 */
public final class BusyThreads {

    private static final int MAX_THREADS = 64;

    private final Semaphore places = new Semaphore(MAX_THREADS);
    private final ThreadFactory threads =
            Thread.ofPlatform().daemon().name("longwave-publisher-", 1).factory();

    /** Whether {@code work} runs now; on a thread of its own. */
    boolean start(Runnable work) {
        if (!places.tryAcquire()) {
            return false;
        }
        threads.newThread(
                        () -> {
                            try {
                                work.run();
                            } finally {
                                places.release();
                            }
                        })
                .start();
        return true;
    }

    boolean hasPlace() {
        return places.availablePermits() > 0;
    }

    /**
     * {@return what {@code work} returns, after waiting for it; or throws what it throws}
     *
     * <p>It is waited for as long as it takes: {@code work} serves the caller's connection, whose
     * own deadlines end it.
     */
    public <T> T call(Supplier<T> work) {
        var result = new CompletableFuture<T>();
        boolean started =
                Thread.currentThread().isVirtual()
                        && start(() -> {
                            try {
                                result.complete(work.get());
                            } catch (RuntimeException | Error e) {
                                result.completeExceptionally(e);
                            }
                        });
        if (!started) {
            return work.get();
        }
        try {
            return result.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }
}
