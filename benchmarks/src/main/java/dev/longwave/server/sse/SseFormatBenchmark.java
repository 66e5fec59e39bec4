package dev.longwave.server.sse;

import dev.longwave.core.Event;
import dev.longwave.core.Payload;
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

/** What it costs to encode one event, which happens once for all connections that receive it. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class SseFormatBenchmark {

    @Param({"16", "256", "4096", "65536"})
    public int bytes;

    private Event line = Payload.event(0, new byte[0]);
    private Event lines = line;

    @Setup
    public void prepare() {
        line = Payload.event(123_456, Payload.line(bytes));
        lines = Payload.event(123_456, Payload.lines(bytes));
    }

    @Benchmark
    public Object oneLine() {
        return SseFormat.EVENTS.encode(line);
    }

    @Benchmark
    public Object manyLines() {
        return SseFormat.EVENTS.encode(lines);
    }
}
