package dev.longwave.server.http;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Sends requests to other services, which are trusted to be right and not to be well: a response
 * has a deadline as a whole and a largest size, and a redirect is not followed. Safe for many
 * threads.
 */
public final class HttpFetch implements AutoCloseable {

    private final HttpClient client =
            HttpClient.newBuilder()
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .connectTimeout(Duration.ofSeconds(5))
                    .build();
    private final Duration timeout;
    private final int maxBytes;

    /**
     * @param timeout how long a response may take, from the first byte sent to the last received
     * @param maxBytes how long a body may be
     */
    public HttpFetch(Duration timeout, int maxBytes) {
        this.timeout = timeout;
        this.maxBytes = maxBytes;
    }

    /**
     * {@return the response to {@code GET}} Blocks.
     *
     * @throws IOException if there is none in time, or it is too large
     */
    public HttpResponse<byte[]> get(URI uri, Map<String, String> headers) throws IOException {
        return send(request(uri), headers);
    }

    /**
     * {@return the response to {@code POST}} Blocks.
     *
     * @param body JSON
     * @throws IOException if there is none in time, or it is too large
     */
    public HttpResponse<byte[]> post(URI uri, Map<String, String> headers, byte[] body)
            throws IOException {
        return send(
                request(uri)
                        .setHeader("Content-Type", "application/json")
                        .POST(BodyPublishers.ofByteArray(body)),
                headers);
    }

    /**
     * Without TLS, a request for HTTP/2 begins as one to upgrade the connection. Servers that hand
     * such requests to their code for WebSockets, such as Next.js, never answer it.
     */
    private static HttpRequest.Builder request(URI uri) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri);
        return "https".equalsIgnoreCase(uri.getScheme())
                ? request
                : request.version(HttpClient.Version.HTTP_1_1);
    }

    private HttpResponse<byte[]> send(HttpRequest.Builder request, Map<String, String> headers)
            throws IOException {
        request.timeout(timeout).setHeader("Accept", "application/json");
        headers.forEach(request::setHeader);
        CompletableFuture<HttpResponse<byte[]>> response =
                client.sendAsync(
                        request.build(),
                        BodyHandlers.limiting(BodyHandlers.ofByteArray(), maxBytes));
        try {
            return response.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new IOException("no whole response in time timeout=" + timeout, e);
        } catch (ExecutionException e) {
            throw new IOException("the request failed", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            response.cancel(true);
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
