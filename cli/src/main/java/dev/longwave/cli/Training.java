package dev.longwave.cli;

import dev.longwave.broker.Settings;
import dev.longwave.server.LongwaveServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * A server and its clients in one process, which use it in all the usual ways: what the JVM learns
 * from it is what a server does. For one thread.
 */
final class Training implements AutoCloseable {

    private static final Duration DEADLINE = Duration.ofMinutes(2);
    private static final int EVENT_STREAMS = 100;
    private static final int FEW = 20; // of those whose clients take more time than the server
    private static final int ROUND = 50; // events
    private static final long PAUSE_NANOS = 10_000_000;
    private static final String TOPIC = "/events/training";
    private static final String DATA = "x".repeat(200);

    private final boolean tls;
    private final LongwaveServer server;
    private final SSLContext trust = trustingEveryone();
    private final HttpClient http1 = client(HttpClient.Version.HTTP_1_1);
    private final HttpClient http2 = client(HttpClient.Version.HTTP_2);
    private final List<Socket> sockets = new ArrayList<>();

    private Training(boolean tls) throws GeneralSecurityException {
        this.tls = tls;
        server =
                LongwaveServer.start(
                        new Settings(
                                Map.of(
                                        "server.port",
                                        "0",
                                        "admin.port",
                                        "0",
                                        "server.drain-timeout",
                                        "PT1S",
                                        "tls.self-signed",
                                        String.valueOf(tls))),
                        Path.of("no-plugins"));
    }

    private static SSLContext trustingEveryone() throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new TrustingEveryone()}, null);
        return context;
    }

    private HttpClient client(HttpClient.Version version) {
        return HttpClient.newBuilder()
                .version(version)
                .connectTimeout(DEADLINE)
                .sslContext(trust)
                .build();
    }

    /**
     * Trains for that long, half of the time with TLS.
     *
     * @return how many events were published
     * @throws IOException if the server does not do what it should
     */
    static int run(Duration time)
            throws IOException, GeneralSecurityException, InterruptedException {
        int published = 0;
        for (boolean tls : new boolean[] {false, true}) {
            try (var training = new Training(tls)) {
                published += training.exercise(time.dividedBy(2));
            }
        }
        return published;
    }

    private int exercise(Duration time) throws IOException, InterruptedException {
        String id = publish();
        openStreams();
        int rounds = 0;
        long begin = System.nanoTime();
        for (long past = 0; past < time.toNanos(); past = System.nanoTime() - begin) {
            boolean busy = past < time.toNanos() / 2;
            for (int i = 0; i < ROUND; i++) {
                var _ = publish();
                LockSupport.parkNanos(busy ? 0 : PAUSE_NANOS);
            }
            resume(id);
            look();
            publishLines();
            id = publish();
            rounds++;
        }
        return rounds * (2 * ROUND + 1) + 1;
    }

    private void openStreams() throws IOException {
        for (int i = 0; i < EVENT_STREAMS; i++) {
            openSocket();
        }
        URI webSocket = URI.create(server.url().replaceFirst("http", "ws") + "/ws/training");
        for (int i = 0; i < FEW; i++) {
            var _ = http2.sendAsync(stream("").build(), BodyHandlers.discarding());
            var _ = http1.newWebSocketBuilder().buildAsync(webSocket, new WebSocket.Listener() {});
        }
        long begin = System.nanoTime();
        while (server.openStreams() < EVENT_STREAMS + 2 * FEW) {
            if (System.nanoTime() - begin > DEADLINE.toNanos()) {
                throw new IOException(server.openStreams() + " streams are open, and not all");
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    /** A stream over HTTP/1.1 whose client takes the least time. */
    private void openSocket() throws IOException {
        URI uri = URI.create(server.url());
        Socket socket =
                tls
                        ? trust.getSocketFactory().createSocket(uri.getHost(), uri.getPort())
                        : new Socket(uri.getHost(), uri.getPort());
        sockets.add(socket);
        String request =
                "GET %s HTTP/1.1\r\nHost: %s\r\nAccept: text/event-stream\r\n\r\n"
                        .formatted(TOPIC, uri.getAuthority());
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        var _ =
                Thread.ofVirtual()
                        .name("longwave-training")
                        .start(() -> {
                            try {
                                socket.getInputStream().transferTo(OutputStream.nullOutputStream());
                            } catch (IOException _) {
                                // It is over.
                            }
                        });
    }

    private HttpRequest.Builder stream(String lastEventId) {
        HttpRequest.Builder request =
                to(server.url() + TOPIC).header("Accept", "text/event-stream");
        return lastEventId.isEmpty() ? request : request.header("Last-Event-ID", lastEventId);
    }

    /** Returns the event's ID. */
    private String publish() throws IOException, InterruptedException {
        HttpRequest.Builder event = to(server.url() + TOPIC);
        String answer = send(http1, event.POST(BodyPublishers.ofString(DATA)).build());
        return Json.members(answer).orElseGet(Map::of).getOrDefault("id", "");
    }

    private void publishLines() throws IOException, InterruptedException {
        HttpRequest.Builder lines =
                to(server.url() + TOPIC).header("Content-Type", "application/x-ndjson");
        String line = "{\"data\":\"" + DATA + "\"}\n";
        var _ = send(http1, lines.POST(BodyPublishers.ofString(line.repeat(ROUND))).build());
    }

    /** Reads what followed an event, as a client does that was away, and one that polls. */
    private void resume(String id) throws IOException, InterruptedException {
        for (HttpClient client : List.of(http1, http2)) {
            HttpResponse<InputStream> response =
                    LongwaveClient.send(
                            client, stream(id).build(), BodyHandlers.ofInputStream(), DEADLINE);
            try (InputStream body = response.body()) {
                var _ = body.readNBytes(ROUND * DATA.length());
            }
        }
        var _ = send(http1, to(server.url() + "/poll/training?after=" + id).build());
    }

    private void look() throws IOException, InterruptedException {
        var _ = send(http1, to(server.adminUrl() + "/metrics").build());
        var _ = send(http1, to(server.adminUrl() + "/health/ready").build());
    }

    private static HttpRequest.Builder to(String uri) {
        return HttpRequest.newBuilder(URI.create(uri));
    }

    private static String send(HttpClient client, HttpRequest request)
            throws IOException, InterruptedException {
        HttpResponse<String> answer =
                LongwaveClient.send(client, request, BodyHandlers.ofString(), DEADLINE);
        if (answer.statusCode() != 200) {
            throw new IOException(request.uri() + " was answered with " + answer.statusCode());
        }
        return answer.body();
    }

    @Override
    public void close() {
        http1.shutdownNow();
        http2.shutdownNow();
        for (Socket socket : sockets) {
            try {
                socket.close();
            } catch (IOException _) {
                // Then it is not open any more.
            }
        }
        server.close();
    }

    /** The server is in the same process, and its certificate is not older. */
    private static final class TrustingEveryone extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
