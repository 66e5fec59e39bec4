package dev.longwave.load;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.HdrHistogram.Histogram;

/** What was measured: named numbers, as text and as JSON. */
final class Report {
    private static final double NANOS_PER_MICRO = 1e3;
    private static final double NANOS_PER_SECOND = 1e9;

    private static final double TICKS_PER_SECOND = 100;

    private final Options options;
    private final Map<String, Object> values = new LinkedHashMap<>();

    Report(Options options) {
        this.options = options;
        put("target", Options.nameOf(options.target));
        put("transport", Options.nameOf(options.transport));
        put("connections", options.connections);
        put("streamsPerConnection", options.streamsPerConnection);
        put("topics", options.topics);
        put("rate", options.rate);
        put("window", options.window);
        put("size", options.size);
        put("publish", Options.nameOf(options.publish));
        put("publishers", options.publishers);
    }

    private void put(String name, Object value) {
        values.put(name, value);
    }

    void connected(double seconds) {
        put("connectSeconds", seconds);
    }

    void memory(Memory before, Memory connected) {
        put("rssBytesBefore", before.serverBytes());
        put("rssBytesConnected", connected.serverBytes());
        put("rssBytesPerConnection", perConnection(connected.serverBytes() - before.serverBytes()));
        put(
                "kernelBytesPerConnection",
                perConnection(connected.kernelBytes() - before.kernelBytes()));
        put("tcpBufferBytesPerConnection", perConnection(connected.tcpBytes() - before.tcpBytes()));
    }

    void memoryUnderLoad(Memory now) {
        put("rssBytesLoaded", now.serverBytes());
        put("tcpBufferBytesLoaded", now.tcpBytes());
    }

    private long perConnection(long bytes) {
        return Math.round((double) bytes / options.connections);
    }

    /**
     * @param delivered deliveries to those whose deliveries count
     * @param probed the probe's
     */
    void measured(
            double seconds,
            long delivered,
            long probed,
            CpuTime server,
            CpuTime own,
            long idleNanos) {
        double micros = server.nanos() / NANOS_PER_MICRO / Math.max(1, delivered + probed);
        put("seconds", seconds);
        put("deliveries", delivered);
        put("deliveriesPerSecond", delivered / seconds);
        put("cpuMicrosPerDelivery", micros);
        put("cpuMicrosUser", micros * server.userShare());
        put("cpuMicrosSystem", micros * (1 - server.userShare()));
        put("serverCpuShare", server.nanos() / NANOS_PER_SECOND / seconds);
        put("loadCpuShare", own.nanos() / NANOS_PER_SECOND / seconds);
        put("loadBusyShare", 1 - idleNanos / NANOS_PER_SECOND / seconds);
    }

    /**
     * @param count heartbeats of all subscribers
     */
    void heartbeats(double seconds, long count, CpuTime server, CpuTime own) {
        double micros = server.nanos() / NANOS_PER_MICRO / Math.max(1, count);
        put("seconds", seconds);
        put("heartbeats", count);
        put("cpuMicrosPerHeartbeat", micros);
        put("cpuMicrosUser", micros * server.userShare());
        put("cpuMicrosSystem", micros * (1 - server.userShare()));
        put("serverCpuShare", server.nanos() / NANOS_PER_SECOND / seconds);
        put("loadCpuShare", own.nanos() / NANOS_PER_SECOND / seconds);
    }

    /** To be called after {@link #measured} or {@link #heartbeats}. */
    void machine(MachineTime all) {
        double seconds = number("seconds");
        double ours = number("serverCpuShare") + number("loadCpuShare");
        put("otherCpuShare", Math.max(0, all.processTicks() / TICKS_PER_SECOND / seconds - ours));
        put("stolenCpuShare", all.stolenTicks() / TICKS_PER_SECOND / seconds);
    }

    private double number(String name) {
        return values.get(name) instanceof Number number ? number.doubleValue() : 0;
    }

    void flow(String prefix, Recorder recorder) {
        Histogram micros = recorder.micros();
        put(prefix + "published", recorder.measuredPublished());
        put(prefix + "p50Micros", micros.getValueAtPercentile(50));
        put(prefix + "p90Micros", micros.getValueAtPercentile(90));
        put(prefix + "p99Micros", micros.getValueAtPercentile(99));
        put(prefix + "p999Micros", micros.getValueAtPercentile(99.9));
        put(prefix + "maxMicros", micros.getMaxValue());
        put(prefix + "missing", recorder.missing());
        put(prefix + "repeated", recorder.repeatedDeliveries());
        put(prefix + "reordered", recorder.reorderedDeliveries());
        put(prefix + "otherDataLines", recorder.foreignLines());
    }

    void subscribers(SubscriberCounts counts, SubscriberCounts shortLived) {
        put("open", counts.open());
        put("refused", counts.refusedCount());
        put("lost", counts.lostCount());
        put("firstFailure", counts.firstFailure());
        if (options.churn > 0) {
            put("churn.open", shortLived.open());
            put("churn.refused", shortLived.refusedCount());
            put("churn.lost", shortLived.lostCount());
        }
    }

    void failures(Failures failures) {
        put("publishFailures", failures.count());
        put("firstPublishFailure", failures.first());
    }

    String text() {
        return values.entrySet().stream()
                .map(e -> String.format(Locale.ROOT, "%-30s %s%n", e.getKey(), plain(e.getValue())))
                .collect(Collectors.joining());
    }

    String json() {
        return values.entrySet().stream()
                .map(e -> "  \"" + e.getKey() + "\": " + literal(e.getValue()))
                .collect(Collectors.joining(",\n", "{\n", "\n}\n"));
    }

    private static String plain(Object value) {
        return value instanceof Double number
                ? String.format(Locale.ROOT, "%.3f", number)
                : value.toString();
    }

    private static String literal(Object value) {
        if (value instanceof Number) {
            return plain(value);
        }
        var quoted = new StringBuilder("\"");
        for (char c : value.toString().toCharArray()) {
            quoted.append(c == '"' || c == '\\' || c < ' ' ? ' ' : c);
        }
        return quoted.append('"').toString();
    }
}
