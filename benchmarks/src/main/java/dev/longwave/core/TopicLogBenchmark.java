package dev.longwave.core;

import dev.longwave.server.sse.ChunkBatch;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Group;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/** What the shared log of a topic costs, without encoding: events of 256 bytes. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class TopicLogBenchmark {

    private static final int CAPACITY = 256;

    /** A stream of one topic, whose frames are sent as they are. */
    private static final Cursors ONE_TOPIC =
            new Cursors() {
                @Override
                public int count() {
                    return 1;
                }

                @Override
                public String id() {
                    return "";
                }

                @Override
                public @Nullable Event last() {
                    return null;
                }
            };

    /** A log that is full, so that each event takes the place of the oldest. */
    @State(Scope.Thread)
    public static class Full {
        final TopicLog log = new TopicLog(CAPACITY, 1 << 20);
        private final Event event = Payload.event(123_456, Payload.line(256));

        @Setup
        public void fill() {
            log.origin(event.at(0));
            for (int i = 0; i < CAPACITY; i++) {
                append();
            }
        }

        Event append() {
            Event appended = event.at(log.nextSequence());
            log.append(appended);
            return appended;
        }
    }

    /** A full log that the threads of a group share. */
    @State(Scope.Group)
    public static class SharedFull extends Full {}

    /** How many events a reader has not read yet. */
    @State(Scope.Thread)
    public static class Backlog {
        @Param({"1", "16", "256"})
        public int events;

        private final ChunkBatch batch = new ChunkBatch();
    }

    /** Readers that are all up to date. */
    @State(Scope.Thread)
    public static class UpToDate {
        @Param({"1", "10", "100", "1000", "10000"})
        public int readers;

        private long[] next = {};

        @Setup
        public void start(Full full) {
            next = new long[readers];
            Arrays.fill(next, full.log.latest() + 1);
        }
    }

    /** A reader next to a thread that appends without a pause. */
    @State(Scope.Thread)
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    public static class Racing {
        /** How many events it read. */
        public long read;

        /** How often it was overtaken and started again at the tail. */
        public long lapped;

        private long next;

        @Nullable Event readFrom(TopicLog log) {
            long latest = log.latest();
            if (next > latest) {
                return null;
            }
            Event event = log.read(next);
            if (event == null) {
                lapped++;
                next = latest;
            } else {
                read++;
                next++;
            }
            return event;
        }
    }

    @Benchmark
    public Object append(Full full) {
        return full.append();
    }

    @Benchmark
    public void read(Full full, Backlog backlog, Deliveries counters, Blackhole blackhole) {
        long latest = full.log.latest();
        for (long sequence = latest - backlog.events + 1; sequence <= latest; sequence++) {
            blackhole.consume(full.log.read(sequence));
        }
        counters.deliveries += backlog.events;
    }

    /** Reads as an outbox does: into batches of what a socket takes at once. */
    @Benchmark
    public long drain(Full full, Backlog backlog, Deliveries counters) {
        ChunkBatch batch = backlog.batch;
        long latest = full.log.latest();
        long next = latest - backlog.events + 1;
        long bytes = 0;
        while (next <= latest) {
            while (next <= latest && !batch.isFull()) {
                Event event = full.log.read(next++);
                if (event == null) {
                    throw new IllegalStateException("the log lost an event before " + next);
                }
                batch.add(event, ONE_TOPIC);
            }
            bytes += batch.finish();
            batch.clear();
        }
        counters.deliveries += backlog.events;
        return bytes;
    }

    /** One event to each of the readers, all on one thread. */
    @Benchmark
    public void appendAndRead(
            Full full, UpToDate upToDate, Deliveries counters, Blackhole blackhole) {
        full.append();
        long[] next = upToDate.next;
        for (int i = 0; i < next.length; i++) {
            blackhole.consume(full.log.read(next[i]++));
        }
        counters.deliveries += next.length;
    }

    /** With {@link #racingRead}: what a reader at the tail costs the thread that appends. */
    @Benchmark
    @BenchmarkMode(Mode.Throughput)
    @OutputTimeUnit(TimeUnit.SECONDS)
    @Group("racing")
    public Object racingAppend(SharedFull full) {
        return full.append();
    }

    @Benchmark
    @BenchmarkMode(Mode.Throughput)
    @OutputTimeUnit(TimeUnit.SECONDS)
    @Group("racing")
    public @Nullable Object racingRead(SharedFull full, Racing reader) {
        return reader.readFrom(full.log);
    }
}
