package dev.longwave.server.hooks;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longwave.server.http.HttpFetch;
import dev.longwave.server.http.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Map;

/** Sends signed requests to the application: Standard Webhooks 1.0. Safe for many threads. */
final class HookClient implements AutoCloseable {

    private final URI url;
    private final HookSecret secret;
    private final HttpFetch fetch;
    private final InstantSource clock;

    HookClient(URI url, HookSecret secret, HttpFetch fetch, InstantSource clock) {
        this.url = url;
        this.secret = secret;
        this.fetch = fetch;
        this.clock = clock;
    }

    /** {@return the body of a request} */
    static byte[] body(HookEvent event, Instant time, ObjectNode data) {
        ObjectNode json =
                Json.object()
                        .put("type", event.word())
                        .put("timestamp", time.truncatedTo(ChronoUnit.MILLIS).toString());
        json.set("data", data);
        return Json.bytes(json);
    }

    /**
     * {@return the answer to a request} Blocks.
     *
     * @param id the same for each attempt to send the same; without dots
     * @throws IOException if there is none in time
     */
    HttpResponse<byte[]> post(String id, byte[] body) throws IOException {
        long now = clock.instant().getEpochSecond();
        return fetch.post(
                url,
                Map.of(
                        "webhook-id",
                        id,
                        "webhook-timestamp",
                        Long.toString(now),
                        "webhook-signature",
                        secret.signature(id, now, body)),
                body);
    }

    /** {@return where requests go, for the log} */
    String host() {
        return String.valueOf(url.getHost());
    }

    @Override
    public void close() {
        fetch.close();
    }
}
