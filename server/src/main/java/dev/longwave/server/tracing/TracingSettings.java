package dev.longwave.server.tracing;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.Settings;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * Where spans go.
 *
 * @param endpoint of a collector, for OTLP over HTTP; null to record nothing
 * @param samplePercent how many of a hundred traces that begin here are recorded
 */
public record TracingSettings(@Nullable URI endpoint, int samplePercent) {

    /** Reads the section {@code tracing}. */
    public static TracingSettings read(Settings settings) {
        Settings tracing = settings.section("tracing");
        return new TracingSettings(
                tracing.text(
                                "otlp-endpoint",
                                "The URL of an OpenTelemetry collector that takes traces with OTLP"
                                        + " over HTTP, such as http://127.0.0.1:4318/v1/traces. By"
                                        + " default, nothing is recorded.")
                        .map(TracingSettings::endpoint)
                        .orElse(null),
                (int)
                        tracing.number(
                                "sample-percent",
                                100,
                                0,
                                100,
                                "How many of a hundred requests that belong to no trace begin one."
                                        + " For the others, the traceparent header decides."));
    }

    private static URI endpoint(String text) {
        try {
            URI url = URI.create(text);
            boolean web = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
            // A user or password in it would not be sent, and would be logged.
            if (web && url.getHost() != null && url.getUserInfo() == null) {
                return url;
            }
        } catch (IllegalArgumentException _) {
            // Said below.
        }
        throw new BrokerConfigurationException(
                "setting tracing.otlp-endpoint must be a URL that begins with http:// or https://,"
                        + " without a user and password");
    }
}
