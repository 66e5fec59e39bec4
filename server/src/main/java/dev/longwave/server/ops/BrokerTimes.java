package dev.longwave.server.ops;

import dev.longwave.broker.Attributes;
import dev.longwave.broker.BrokerException;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Labels;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/** How long a broker takes, and how often it fails. Safe for many threads. */
final class BrokerTimes {

    private static final double NANOS_PER_SECOND = 1e9;
    private static final int TRACE_START = 3; // after the version: W3C Trace Context, section 3.2
    private static final int TRACE_END = 35;
    private static final int SPAN_START = 36;
    private static final int SPAN_END = 52;

    /** What a broker is asked to do. */
    enum Operation {
        PUBLISH,
        BROADCAST,
        SUBSCRIBE,
        HISTORY,
        CLAIM,
        DELETE;

        private final String word = name().toLowerCase(Locale.ROOT); // asked for at each publish

        String word() {
            return word;
        }
    }

    private final Map<Operation, Series> series = new EnumMap<>(Operation.class); // filled once

    private record Series(DistributionDataPoint seconds, CounterDataPoint failures) {}

    BrokerTimes(PrometheusRegistry registry) {
        Histogram seconds =
                Histogram.builder()
                        .name("longwave_broker_request_seconds")
                        .help("How long the broker takes to answer, by what it is asked to do.")
                        .labelNames("operation")
                        .classicOnly()
                        .classicUpperBounds(
                                0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
                        .register(registry);
        Counter failures =
                Counter.builder()
                        .name("longwave_broker_failures_total")
                        .help("What the broker refused, or did not answer in time.")
                        .labelNames("operation")
                        .register(registry);
        for (Operation operation : Operation.values()) {
            series.put(
                    operation,
                    new Series(
                            seconds.labelValues(operation.word()),
                            failures.labelValues(operation.word())));
        }
    }

    /** {@return what {@code asking} returns} The time that it takes is counted. */
    <T> T measure(Operation operation, Attributes attributes, Supplier<T> asking) {
        Series of = of(operation);
        long began = System.nanoTime();
        try {
            return asking.get();
        } catch (BrokerException e) {
            of.failures().inc();
            throw e;
        } finally {
            double seconds = (System.nanoTime() - began) / NANOS_PER_SECOND;
            String parent =
                    attributes.isEmpty() ? "" : attributes.get(Attributes.TRACEPARENT).orElse("");
            if (parent.length() >= SPAN_END) {
                of.seconds().observeWithExemplar(seconds, exemplar(parent));
            } else {
                of.seconds().observe(seconds);
            }
        }
    }

    /** Counts a request that has failed without an exception. */
    void failed(Operation operation) {
        of(operation).failures().inc();
    }

    private Series of(Operation operation) {
        Series of = series.get(operation);
        if (of == null) {
            throw new IllegalStateException("no series for an operation");
        }
        return of;
    }

    private static Labels exemplar(String parent) {
        return Labels.of(
                "span_id",
                parent.substring(SPAN_START, SPAN_END),
                "trace_id",
                parent.substring(TRACE_START, TRACE_END));
    }
}
