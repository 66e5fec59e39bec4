package dev.longwave.cli;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLContext;

/** The requests of {@code longwave doctor}, each with what the client presents. */
final class DoctorClient implements AutoCloseable {

    /** How long any answer may take. */
    static final Duration DEADLINE = Duration.ofSeconds(10);

    private final Map<String, String> credentials;
    private final HttpClient http;

    /**
     * A client.
     *
     * @param encrypted whether the target is, so that HTTP/2 is possible: as in browsers
     * @param token what to present as bearer, empty for nothing
     * @param cookie what to present as {@code Cookie}, empty for nothing
     */
    DoctorClient(SSLContext tls, boolean encrypted, String token, String cookie) {
        this.credentials = new LinkedHashMap<>();
        if (!token.isEmpty()) {
            credentials.put("Authorization", "Bearer " + token);
        }
        if (!cookie.isEmpty()) {
            credentials.put("Cookie", cookie);
        }
        this.http =
                HttpClient.newBuilder()
                        .version(
                                encrypted ? HttpClient.Version.HTTP_2 : HttpClient.Version.HTTP_1_1)
                        .followRedirects(HttpClient.Redirect.NEVER)
                        .connectTimeout(DEADLINE)
                        .sslContext(tls)
                        .build();
    }

    /** {@return whether it presents a cookie} */
    boolean sendsCookie() {
        return credentials.containsKey("Cookie");
    }

    /**
     * Asks for a stream, and returns as soon as the head of the answer is there.
     *
     * @throws IOException if none comes
     */
    DoctorStream open(URI uri, Map<String, String> headers)
            throws IOException, InterruptedException {
        HttpRequest request = request(uri, headers).header("Accept", "text/event-stream").build();
        long now = System.nanoTime();
        HttpResponse<StreamBody> response =
                LongwaveClient.send(http, request, _ -> new StreamBody(), DEADLINE);
        return new DoctorStream(response, now, headers.getOrDefault("Last-Event-ID", ""));
    }

    /** Sends a preflight request, without a credential, as browsers do. */
    HttpResponse<Void> preflight(URI uri, Map<String, String> headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(uri).method("OPTIONS", HttpRequest.BodyPublishers.noBody());
        headers.forEach(request::header);
        return LongwaveClient.send(http, request.build(), BodyHandlers.discarding(), DEADLINE);
    }

    /** Opens a WebSocket. */
    CompletableFuture<WebSocket> webSocket(
            URI uri, Map<String, String> headers, WebSocket.Listener listener) {
        WebSocket.Builder builder = http.newWebSocketBuilder().connectTimeout(DEADLINE);
        credentials.forEach(builder::header);
        headers.forEach(builder::header);
        return builder.buildAsync(uri, listener);
    }

    @Override
    public void close() {
        http.shutdownNow();
    }

    private HttpRequest.Builder request(URI uri, Map<String, String> headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri);
        credentials.forEach(request::header);
        headers.forEach(request::header);
        return request;
    }
}
