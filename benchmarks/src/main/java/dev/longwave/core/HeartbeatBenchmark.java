package dev.longwave.core;

import dev.longwave.server.sse.ChunkBatch;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
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
 * What a heartbeat of an idle stream costs in the core, without a socket: two visits, of which the
 * second writes. With {@code -prof gc}, {@code gc.alloc.rate.norm} shows that nothing is allocated.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class HeartbeatBenchmark {

    /** A stream whose thread waits, and whose client takes everything. */
    @State(Scope.Thread)
    public static class Idle implements DirectWriter<ChunkBatch> {
        private final Node node = Node.onMemory(HubOptions.defaults());
        private final Outbox<ChunkBatch> outbox =
                node.hub().subscribe(Map.of("quiet", Optional.empty()));
        private final ChunkBatch batch = new ChunkBatch();
        private final Thread thread = Thread.ofPlatform().unstarted(this::await);
        private long written;

        @Setup(Level.Trial)
        public void open() {
            outbox.writeDirectly(this);
            thread.start();
            while (thread.getState() != Thread.State.WAITING) {
                LockSupport.parkNanos(1_000);
            }
        }

        private void await() {
            if (outbox.take(batch)) {
                throw new IllegalStateException("a direct write was left to the stream's thread");
            }
        }

        @Override
        public ChunkBatch batch() {
            return batch;
        }

        @Override
        public boolean tryWrite(ChunkBatch heartbeat) {
            written += heartbeat.finish();
            return true;
        }

        long beat() {
            outbox.beat();
            outbox.beat();
            return written;
        }

        @TearDown(Level.Trial)
        public void close() throws InterruptedException {
            outbox.close(CloseReason.SHUTDOWN);
            thread.join();
            node.hub().release(outbox);
            node.close();
        }
    }

    @Benchmark
    public long beat(Idle state) {
        return state.beat();
    }
}
