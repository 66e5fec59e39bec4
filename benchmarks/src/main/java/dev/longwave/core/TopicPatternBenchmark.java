package dev.longwave.core;

import dev.longwave.broker.TopicPattern;
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

/** What it costs to match a topic against a pattern. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class TopicPatternBenchmark {

    /** All match except the last two, which fail at the first and at the last segment. */
    @Param({"**", "users/**", "users/*/inbox", "users/4711/inbox", "jobs/*/log", "users/*/outbox"})
    public String pattern = "**";

    private String topic = "";

    private TopicPattern parsed = TopicPattern.parse("**");

    @Setup
    public void parse() {
        topic = "users/4711/inbox";
        parsed = TopicPattern.parse(pattern);
    }

    @Benchmark
    public boolean matches() {
        return parsed.matches(topic);
    }
}
