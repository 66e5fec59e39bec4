package dev.longwave.server.net.helidon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class DirectWritesTest {

    private static final int THREADS = 4;
    private static final int WRITES = 5_000;

    private final DirectWrites writes = new DirectWrites();

    @Test
    void areDoneInTheirOrderByOneThread() throws InterruptedException {
        var blocked = new CountDownLatch(1);
        var done = new ArrayList<Integer>(); // by one thread at a time
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        var last = new CountDownLatch(1);

        writes.execute(() -> pass(blocked));
        for (int i = 0; i < 100; i++) {
            int number = i;
            writes.execute(() -> {
                done.add(number);
                threads.add(Thread.currentThread());
            });
        }
        writes.execute(last::countDown);
        assertThat(done).isEmpty();
        blocked.countDown();
        last.await();

        assertThat(done).isEqualTo(IntStream.range(0, 100).boxed().toList());
        assertThat(threads).hasSize(1).allMatch(Thread::isVirtual);
    }

    private static void pass(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void leaveNoThreadBehind() throws InterruptedException {
        for (int i = 0; i < 3; i++) {
            var thread = new Thread[1];
            var done = new CountDownLatch(1);
            writes.execute(() -> {
                thread[0] = Thread.currentThread();
                done.countDown();
            });
            done.await();

            thread[0].join();
        }
    }

    /** However often the thread ends while more is handed over. */
    @Test
    void areEachDoneOnceAndNeverTwoAtATime() throws InterruptedException {
        var done = new AtomicInteger();
        var busy = new AtomicBoolean();
        var overlaps = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            threads.add(
                    Thread.ofPlatform()
                            .start(() -> {
                                for (int write = 0; write < WRITES; write++) {
                                    writes.execute(() -> {
                                        if (busy.getAndSet(true)) {
                                            overlaps.incrementAndGet();
                                        }
                                        done.incrementAndGet();
                                        busy.set(false);
                                    });
                                }
                            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }

        await().until(() -> done.get() == THREADS * WRITES);
        assertThat(overlaps).hasValue(0);
    }
}
