package dev.longwave.server.ops;

import dev.longwave.server.http.Fields;
import dev.longwave.server.http.Responses;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * {@code GET /metrics}: the metrics of the node, in the text format of Prometheus, or in
 * OpenMetrics for a client that accepts it.
 */
public final class MetricsHandler implements Handler {

    private static final int INITIAL_BYTES = 32 << 10;

    private final Metrics metrics;

    public MetricsHandler(Metrics metrics) {
        this.metrics = metrics;
    }

    @Override
    public void handle(ServerRequest request, ServerResponse response) {
        List<String> accepted = Fields.values(request, HeaderNames.ACCEPT);
        ExpositionFormatWriter format =
                metrics.format(accepted.isEmpty() ? null : String.join(",", accepted));
        var bytes = new ByteArrayOutputStream(INITIAL_BYTES);
        try {
            metrics.write(format, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        response.header(HeaderValues.create(HeaderNames.CONTENT_TYPE, format.getContentType()))
                .header(HeaderValues.create(HeaderNames.CACHE_CONTROL, "no-store"));
        Responses.send(request, response, bytes.toByteArray(), bytes.size());
    }
}
