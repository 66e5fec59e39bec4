package dev.longwave.core;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What it costs to publish one event of 256 bytes through the memory broker to many outboxes and to
 * drain them, without sockets. The score is events per second for each connection.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class FanOutBenchmark {

    private static final String TOPIC = "news";
    private static final byte[] DATA = Payload.line(256);

    /** Outboxes of one thread, which drains all of them: the cost without any scheduling. */
    @State(Scope.Thread)
    public static class OneThread {
        @Param({"1", "10", "100", "1000", "10000"})
        public int outboxes;

        private final Node node = Node.onMemory(HubOptions.defaults());
        private final Readers readers = new Readers(node.hub());

        @Setup(Level.Trial)
        public void open() {
            for (int i = 0; i < outboxes; i++) {
                readers.add(TOPIC);
            }
        }

        @TearDown(Level.Trial)
        public void close() {
            readers.close();
            node.close();
        }

        long publishAndDrain() {
            node.publish(TOPIC, DATA);
            return readers.take();
        }
    }

    /** A virtual thread for each outbox, including the wake-ups. */
    @State(Scope.Benchmark)
    public static class VirtualThreads {
        @Param({"1", "10", "100", "1000", "10000"})
        public int outboxes;

        private final Node node = Node.onMemory(HubOptions.defaults());
        private final List<Thread> threads = new ArrayList<>();
        private final AtomicInteger missing = new AtomicInteger();
        private @Nullable Thread publisher; // published by `missing`

        @Setup(Level.Trial)
        public void open() throws InterruptedException {
            var subscribed = new CountDownLatch(outboxes);
            for (int i = 0; i < outboxes; i++) {
                threads.add(Thread.startVirtualThread(() -> drain(subscribed)));
            }
            subscribed.await();
        }

        private void drain(CountDownLatch subscribed) {
            try (var reader = new Readers(node.hub())) {
                reader.add(TOPIC);
                subscribed.countDown();
                while (reader.take() > 0) {
                    if (missing.decrementAndGet() == 0) {
                        LockSupport.unpark(publisher);
                    }
                }
            }
        }

        /** Publishes one event and waits until all have taken it. */
        void publishAndAwait() {
            publisher = Thread.currentThread();
            missing.set(outboxes);
            node.publish(TOPIC, DATA);
            while (missing.get() > 0) {
                LockSupport.park(this);
            }
        }

        @TearDown(Level.Trial)
        public void close() throws InterruptedException {
            threads.forEach(Thread::interrupt);
            for (Thread thread : threads) {
                thread.join();
            }
            node.close();
        }
    }

    @Benchmark
    public long drainedByOneThread(OneThread state, Deliveries counters) {
        long bytes = state.publishAndDrain();
        counters.deliveries += state.outboxes;
        return bytes;
    }

    @Benchmark
    public void drainedByVirtualThreads(VirtualThreads state, Deliveries counters) {
        state.publishAndAwait();
        counters.deliveries += state.outboxes;
    }
}
