package dev.longwave.server.net;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.function.Supplier;

/**
 * Platform threads for the few clients that send something all the time, which are publishers.
 *
 * <p>Waking a virtual thread takes the JDK's poller and then its scheduler: two context switches.
 * Waking a platform thread takes one, which for a small event saves more than everything else costs
 * that is done for it. When all platform threads are in use, a connection stays on its virtual
 * thread and only forgoes the speed-up.
 */
public final class PlatformThreads {

    private static final int MAX_THREADS = 64;

    private final Semaphore free = new Semaphore(MAX_THREADS);
    private final ThreadFactory threads =
            Thread.ofPlatform().daemon().name("longwave-publisher-", 1).factory();

    /** Whether {@code work} runs now, on a platform thread. */
    boolean start(Runnable work) {
        if (!free.tryAcquire()) {
            return false;
        }
        threads.newThread(
                        () -> {
                            try {
                                work.run();
                            } finally {
                                free.release();
                            }
                        })
                .start();
        return true;
    }

    /** {@return whether {@link #start} would find a thread at this moment} */
    public boolean available() {
        return free.availablePermits() > 0;
    }

    /**
     * {@return what {@code work} returns, after waiting for it; or throws what it throws}
     *
     * <p>The wait has no deadline of its own: {@code work} serves the caller's connection, whose
     * deadlines end it.
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
