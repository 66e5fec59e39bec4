package dev.longwave.server.ops;

import dev.longwave.broker.Broker;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Info;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.instrumentation.jvm.JvmBufferPoolMetrics;
import io.prometheus.metrics.instrumentation.jvm.JvmGarbageCollectorMetrics;
import io.prometheus.metrics.instrumentation.jvm.JvmMemoryMetrics;
import io.prometheus.metrics.instrumentation.jvm.JvmThreadsMetrics;
import io.prometheus.metrics.instrumentation.jvm.ProcessMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What a node tells Prometheus. Safe for many threads once all metrics are added. */
public final class Metrics {
    /*
     * Only the broker's response times are recorded here. All other values are kept elsewhere in any case, and are read
     * when Prometheus asks for them, so a metric costs nothing between two scrapes.
     */
    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final ExpositionFormats formats = ExpositionFormats.init();
    private final BrokerTimes brokerTimes = new BrokerTimes(registry);
    private final List<Runnable> preparations = new ArrayList<>();

    /** Without metrics but those of the JVM, of the process, and of the broker. */
    public Metrics() {
        JvmMemoryMetrics.builder().register(registry);
        JvmBufferPoolMetrics.builder().register(registry);
        JvmGarbageCollectorMetrics.builder().register(registry);
        JvmThreadsMetrics.builder().register(registry);
        ProcessMetrics.builder().register(registry);
    }

    /**
     * {@return {@code broker}, with what it takes measured, and recorded in {@code spans}} Closing
     * it closes {@code broker}.
     */
    public Broker measured(Broker broker, BrokerSpans spans) {
        return new MeasuredBroker(broker, brokerTimes, spans);
    }

    /** Runs {@code preparation} before the values are read; one thread at a time. */
    public Metrics prepare(Runnable preparation) {
        preparations.add(preparation);
        return this;
    }

    /** Adds a sum that only grows. */
    public Metrics counter(String name, String help, LongSupplier value) {
        CounterWithCallback.builder()
                .name(name)
                .help(help)
                .callback(sample -> sample.call((double) value.getAsLong()))
                .register(registry);
        return this;
    }

    /** Adds sums that only grow, by the value of {@code label}, of which there are few. */
    public Metrics counters(
            String name, String help, String label, Supplier<? extends Map<String, Long>> values) {
        CounterWithCallback.builder()
                .name(name)
                .help(help)
                .labelNames(label)
                .callback(sample -> values.get().forEach((word, value) -> sample.call(value, word)))
                .register(registry);
        return this;
    }

    /** Adds a value that comes and goes. */
    public Metrics gauge(String name, String help, DoubleSupplier value) {
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .callback(sample -> sample.call(value.getAsDouble()))
                .register(registry);
        return this;
    }

    /** Adds values that come and go, by the value of {@code label}, of which there are few. */
    public Metrics gauges(
            String name,
            String help,
            String label,
            Supplier<? extends Map<String, ? extends Number>> values) {
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .labelNames(label)
                .callback(sample ->
                        values.get()
                                .forEach((word, value) -> sample.call(value.doubleValue(), word)))
                .register(registry);
        return this;
    }

    /** Adds the value 1, with what is known of the node. */
    public Metrics info(String name, String help, Map<String, String> labels) {
        Info.builder()
                .name(name)
                .help(help)
                .labelNames(labels.keySet().toArray(String[]::new))
                .register(registry)
                .setLabelValues(labels.values().toArray(String[]::new));
        return this;
    }

    /** {@return the format for a client that accepts {@code accept}, a header; null for any} */
    ExpositionFormatWriter format(@Nullable String accept) {
        return formats.findWriter(accept);
    }

    /** Reads all values, and writes them to {@code out}. */
    synchronized void write(ExpositionFormatWriter format, OutputStream out) throws IOException {
        preparations.forEach(Runnable::run);
        format.write(out, registry.scrape());
    }
}
