package dev.longwave.core;

import dev.longwave.broker.Position;
import dev.longwave.broker.Start;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
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

/** What it costs to subscribe, catch up, and leave: events of 256 bytes. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class SubscribeBenchmark {

    private static final String TOPIC = "news/today";
    private static final byte[] DATA = Payload.line(256);

    /** A topic in use. */
    @State(Scope.Thread)
    public static class Crowd {
        /**
         * The largest number fills the topic's shards, so that the next subscriber needs a new one.
         */
        @Param({"0", "10000", "10240"})
        public int others;

        private final Node node = Node.onMemory(HubOptions.defaults());
        private final Readers crowd = new Readers(node.hub());
        private final Readers visitor = new Readers(node.hub());

        @Setup(Level.Trial)
        public void gather() {
            for (int i = 0; i < others; i++) {
                crowd.add(TOPIC);
            }
        }

        @TearDown(Level.Trial)
        public void close() {
            crowd.close();
            node.close();
        }
    }

    /** A topic that has ended, and a reader that reconnects with a cursor before its end. */
    @State(Scope.Thread)
    public abstract static class Returning {
        @Param({"0", "100", "1000"})
        public int behind;

        private final Node node;
        private final Readers staying;
        private final Readers returning;
        private Start start = Start.earliest();

        Returning(int topicLogEvents) {
            HubOptions defaults = HubOptions.defaults();
            node =
                    Node.onMemory(
                            new HubOptions(
                                    topicLogEvents,
                                    defaults.topicLogBytes(),
                                    Duration.ofHours(1),
                                    defaults.pageEvents(),
                                    defaults.pageBytes(),
                                    defaults.fanOutThreads(),
                                    defaults.lagPolicies()));
            staying = new Readers(node.hub());
            returning = new Readers(node.hub());
        }

        @Setup(Level.Trial)
        public void publish() {
            staying.add(TOPIC); // so that the events pass the topic's log
            Position cursor = node.publish(TOPIC, DATA).position();
            for (int i = 1; i < behind; i++) {
                node.publish(TOPIC, DATA);
            }
            Position end = node.end(TOPIC, DATA).position();
            start = Start.after(behind == 0 ? end : cursor);
        }

        @TearDown(Level.Trial)
        public void close() {
            staying.close();
            node.close();
        }

        long resume() {
            returning.add(TOPIC, start);
            long bytes = returning.takeToEnd();
            returning.close();
            return bytes;
        }
    }

    /** The topic's log has everything that the reader missed, encoded. */
    public static class WithinLog extends Returning {
        public WithinLog() {
            super(1024);
        }
    }

    /** What the reader missed must be read from the broker's history, and encoded. */
    public static class BeyondLog extends Returning {
        public BeyondLog() {
            super(1);
        }
    }

    /** Live from now on, on a topic with that many others. */
    @Benchmark
    public void subscribeAndRelease(Crowd state) {
        state.visitor.add(TOPIC);
        state.visitor.close();
    }

    @Benchmark
    public long resumeFromLog(WithinLog state, Deliveries counters) {
        counters.deliveries += state.behind;
        return state.resume();
    }

    @Benchmark
    public long resumeFromHistory(BeyondLog state, Deliveries counters) {
        counters.deliveries += state.behind;
        return state.resume();
    }
}
