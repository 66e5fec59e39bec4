package dev.longwave.core;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerContext;
import dev.longwave.broker.BrokerProvider;
import dev.longwave.broker.Message;
import dev.longwave.broker.Settings;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.AuxCounters;
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
 * What it costs to publish one event to many outboxes that are drained, sockets left out: 256 bytes
 * through the memory broker. The counter {@code deliveries} is events taken from outboxes.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class FanOutBenchmark {

    private static final String TOPIC = "news";
    private static final byte[] DATA = Payload.line(256);

    /** Counts what arrives. */
    @State(Scope.Thread)
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    public static class Delivered {
        public long deliveries;
    }

    /** A hub on the memory broker. */
    private static final class Node implements AutoCloseable {
        private final Broker broker;
        private final Hub hub;

        Node() {
            BrokerProvider provider =
                    ServiceLoader.load(BrokerProvider.class).findFirst().orElseThrow();
            broker =
                    provider.create(
                            new BrokerContext(
                                    "node",
                                    new Settings(Map.of()),
                                    InstantSource.system(),
                                    _ -> {}));
            hub = new Hub(broker, HubOptions.defaults());
        }

        Outbox subscribe() {
            return hub.subscribe(Map.of(TOPIC, Optional.empty()));
        }

        void publish() {
            hub.publish(TOPIC, Message.of(DATA));
        }

        @Override
        public void close() {
            hub.close();
            broker.close();
        }
    }

    /** Outboxes of one thread, which drains them all itself: the cost without any scheduling. */
    @State(Scope.Thread)
    public static class OneThread {
        @Param({"1", "10", "100", "1000", "10000"})
        public int outboxes;

        private final SseBatch batch = new SseBatch(SseBatch.Framing.CHUNKED);
        private final List<Outbox> open = new ArrayList<>();
        private @Nullable Node node;

        @Setup(Level.Trial)
        public void open() {
            node = new Node();
            for (int i = 0; i < outboxes; i++) {
                open.add(node.subscribe());
            }
        }

        @TearDown(Level.Trial)
        public void close() {
            if (node != null) {
                open.forEach(node.hub::release);
                open.clear();
                node.close();
            }
        }

        int publishAndDrain() {
            if (node != null) {
                node.publish();
            }
            int bytes = 0;
            for (Outbox outbox : open) {
                outbox.take(batch);
                batch.finish();
                bytes += batch.length();
                batch.clear();
            }
            return bytes;
        }
    }

    /** A virtual thread for each outbox, as in the server: wake-ups included. */
    @State(Scope.Benchmark)
    public static class VirtualThreads {
        @Param({"1", "10", "100", "1000", "10000"})
        public int outboxes;

        private final LongAdder taken = new LongAdder();
        private final List<Thread> threads = new ArrayList<>();
        private @Nullable Node node;
        private long published;

        @Setup(Level.Trial)
        public void open() throws InterruptedException {
            Node fresh = new Node();
            node = fresh;
            var subscribed = new CountDownLatch(outboxes);
            for (int i = 0; i < outboxes; i++) {
                threads.add(Thread.startVirtualThread(() -> drain(fresh, subscribed)));
            }
            subscribed.await();
        }

        private void drain(Node fresh, CountDownLatch subscribed) {
            Outbox outbox = fresh.subscribe();
            subscribed.countDown();
            var batch = new SseBatch(SseBatch.Framing.CHUNKED);
            while (outbox.take(batch) == Outbox.Taken.EVENTS) {
                batch.finish();
                taken.increment();
                batch.clear();
            }
            fresh.hub.release(outbox);
        }

        /** Publishes one event, and waits until all have taken it. */
        void publishAndAwait() {
            if (node != null) {
                node.publish();
            }
            published++;
            while (taken.sum() < published * outboxes) {
                LockSupport.parkNanos(1_000);
            }
        }

        @TearDown(Level.Trial)
        public void close() throws InterruptedException {
            for (Thread thread : threads) {
                thread.interrupt();
                thread.join();
            }
            if (node != null) {
                node.close();
            }
        }
    }

    @Benchmark
    public int drainedByOneThread(OneThread state, Delivered delivered) {
        int bytes = state.publishAndDrain();
        delivered.deliveries += state.outboxes;
        return bytes;
    }

    @Benchmark
    public void drainedByVirtualThreads(VirtualThreads state, Delivered delivered) {
        state.publishAndAwait();
        delivered.deliveries += state.outboxes;
    }
}
