package dev.longwave.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class FanOutTest {
    private static final int SHARDS = 10;

    private final FanOut fanOut = new FanOut(1);
    private final AtomicInteger signalled = new AtomicInteger();

    @AfterEach
    void close() {
        fanOut.close();
    }

    @Test
    void doesNotHoldUpATopicBehindABroadcast() throws InterruptedException {
        var begun = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        Subscribers crowd = crowd(SHARDS * Subscribers.SHARD_SLOTS, begun, goOn);
        var signalledBefore = new AtomicInteger(-1);
        var few = new Subscribers();
        for (int i = 0; i <= FanOut.INLINE_SUBSCRIBERS; i++) {
            few.join(does(() -> signalledBefore.compareAndSet(-1, signalled.get())));
        }

        fanOut.signal(crowd);
        assertThat(begun.await(5, TimeUnit.MINUTES)).isTrue();
        fanOut.signal(few);
        goOn.countDown();

        await().until(() -> signalled.get() == SHARDS * Subscribers.SHARD_SLOTS);
        assertThat(signalledBefore.get()).isBetween(1, 2 * Subscribers.SHARD_SLOTS);
    }

    @Test
    void signalsAgainForEventsThatComeMeanwhile() throws InterruptedException {
        var begun = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        Subscribers crowd = crowd(2 * Subscribers.SHARD_SLOTS, begun, goOn);

        fanOut.signal(crowd);
        assertThat(begun.await(5, TimeUnit.MINUTES)).isTrue();
        fanOut.signal(crowd);
        goOn.countDown();

        // The shard that was begun is signalled again, the other once for both.
        await().until(() -> signalled.get() == 3 * Subscribers.SHARD_SLOTS);
    }

    @Test
    void signalsTheNextEventAfterItsQueueWasEmpty() {
        Subscribers crowd = crowd(FanOut.INLINE_SUBSCRIBERS + 1);

        for (int round = 1; round <= 3; round++) {
            fanOut.signal(crowd);
            int expected = round * (FanOut.INLINE_SUBSCRIBERS + 1);
            await().until(() -> signalled.get() == expected);
        }
    }

    @Test
    void goesOnAfterASubscriberThatFails() {
        Subscribers failing = crowd(FanOut.INLINE_SUBSCRIBERS);
        failing.join(
                does(() -> {
                    throw new AssertionError("as the test wants it");
                }));
        Subscribers crowd = crowd(FanOut.INLINE_SUBSCRIBERS + 1);

        fanOut.signal(failing);
        await().until(() -> signalled.get() == FanOut.INLINE_SUBSCRIBERS);
        fanOut.signal(crowd);

        await().until(() -> signalled.get() == 2 * FanOut.INLINE_SUBSCRIBERS + 1);
    }

    @Test
    void signalsAFewByTheCallingThread() {
        var threads = new ArrayList<Thread>();
        var few = new Subscribers();
        for (int i = 0; i < FanOut.INLINE_SUBSCRIBERS; i++) {
            few.join(does(() -> threads.add(Thread.currentThread())));
        }

        fanOut.signal(few);

        assertThat(threads).hasSize(FanOut.INLINE_SUBSCRIBERS).containsOnly(Thread.currentThread());
    }

    private static Signal does(Runnable what) {
        return () -> {
            what.run();
            return false;
        };
    }

    private Subscribers crowd(int size) {
        var crowd = new Subscribers();
        for (int i = 0; i < size; i++) {
            crowd.join(does(signalled::incrementAndGet));
        }
        return crowd;
    }

    /** The first of them to be signalled tells so, and waits. */
    private Subscribers crowd(int size, CountDownLatch begun, CountDownLatch goOn) {
        var crowd = new Subscribers();
        List<Signal> all = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            all.add(
                    does(() -> {
                        if (begun.getCount() > 0) {
                            begun.countDown();
                            Latches.await(goOn);
                        }
                        signalled.incrementAndGet();
                    }));
        }
        all.forEach(crowd::join);
        return crowd;
    }
}
