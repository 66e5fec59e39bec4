package dev.longwave.core;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * How long it takes from a publish until a waiting virtual thread has the event: two threads
 * publish to each other, so one operation is two publishes and two wake-ups.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = WakeUpBenchmark.MEASURED_ON_VIRTUAL_THREADS)
public class WakeUpBenchmark {

    static final String MEASURED_ON_VIRTUAL_THREADS = "-Djmh.executor=VIRTUAL";

    private static final String THERE = "there";
    private static final String BACK = "back";
    private static final byte[] DATA = Payload.line(256);

    private final Node node = Node.onMemory(HubOptions.defaults());
    private final Readers reader = new Readers(node.hub());
    private Thread other = Thread.currentThread();

    // For each iteration: JMH makes a new virtual thread for each.
    @Setup(Level.Iteration)
    public void open() throws InterruptedException {
        reader.add(BACK);
        var subscribed = new CountDownLatch(1);
        other = Thread.startVirtualThread(() -> answer(subscribed));
        subscribed.await();
    }

    private void answer(CountDownLatch subscribed) {
        try (var answering = new Readers(node.hub())) {
            answering.add(THERE);
            subscribed.countDown();
            while (answering.take() > 0) {
                node.publish(BACK, DATA);
            }
        }
    }

    @TearDown(Level.Iteration)
    public void close() throws InterruptedException {
        other.interrupt();
        other.join();
        reader.close();
    }

    @TearDown(Level.Trial)
    public void stop() {
        node.close();
    }

    /** With as many carriers as processors; a carrier may have to be woken first. */
    @Benchmark
    public long roundTrip() {
        node.publish(THERE, DATA);
        return reader.take();
    }

    /** With one carrier, which never sleeps: the cost of switching alone. */
    @Benchmark
    @Fork(
            value = 1,
            jvmArgsAppend = {
                MEASURED_ON_VIRTUAL_THREADS,
                "-Djdk.virtualThreadScheduler.parallelism=1"
            })
    public long roundTripOnOneCarrier() {
        node.publish(THERE, DATA);
        return reader.take();
    }
}
