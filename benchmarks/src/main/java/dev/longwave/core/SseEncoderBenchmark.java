package dev.longwave.core;

import dev.longwave.broker.Entry;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What encoding one event costs, which happens once however many it goes to. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class SseEncoderBenchmark {

    @Param({"16", "256", "4096", "65536"})
    public int bytes;

    private final SseEncoder encoder = new SseEncoder("news/today");
    private Entry line = Payload.entry(0, new byte[0]);
    private Entry lines = line;

    @Setup
    public void prepare() {
        line = Payload.entry(123_456, Payload.line(bytes));
        lines = Payload.entry(123_456, Payload.lines(bytes));
    }

    @Benchmark
    public Object oneLine() {
        return encoder.message(1, line);
    }

    @Benchmark
    public Object manyLines() {
        return encoder.message(1, lines);
    }
}
