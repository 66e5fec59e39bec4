package dev.longwave.server.ops;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longwave.server.http.Json;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A node's figures at one moment.
 *
 * @param number counts the samples of a sampler from 1
 * @param time when it was taken
 * @param figures the figures
 * @param rates the rates since an earlier sample, or null if there is none that is recent enough
 */
record FiguresSample(long number, Instant time, NodeFigures figures, @Nullable Rates rates) {

    /** Events, deliveries, and gaps per second. */
    record Rates(double events, double deliveries, double gaps) {

        static Rates between(NodeFigures before, NodeFigures after, Duration span) {
            double seconds = span.toNanos() / 1e9;
            return new Rates(
                    difference(before.events(), after.events()) / seconds,
                    difference(before.deliveries(), after.deliveries()) / seconds,
                    difference(before.gaps(), after.gaps()) / seconds);
        }

        /** Totals are sums over threads and streams: a sum taken at a bad moment can be too low. */
        private static double difference(long before, long after) {
            return Math.max(0, after - before);
        }
    }

    /** {@return the document that clients receive} */
    ObjectNode json(BrokerHealth broker) {
        ObjectNode document =
                Json.object()
                        .put("time", time.truncatedTo(ChronoUnit.MILLIS).toString())
                        .put("streams", figures.streams())
                        .<ObjectNode>set("byTransport", byTransport())
                        .put("connections", figures.connections())
                        .put("topics", figures.topics())
                        .put("subscriptions", figures.subscriptions());
        if (rates == null) {
            document.putNull("perSecond");
        } else {
            document.putObject("perSecond")
                    .put("events", rounded(rates.events()))
                    .put("deliveries", rounded(rates.deliveries()))
                    .put("gaps", rounded(rates.gaps()));
        }
        document.putObject("totals")
                .put("events", figures.events())
                .put("deliveries", figures.deliveries())
                .put("gaps", figures.gaps());
        document.set("broker", broker.json(broker.condition()));
        document.set("process", ProcessFigures.json());
        return document;
    }

    private ObjectNode byTransport() {
        ObjectNode json = Json.object();
        new TreeMap<>(figures.byTransport()).forEach(json::put);
        return json;
    }

    private static double rounded(double rate) {
        return Math.round(rate * 10) / 10.0;
    }
}
