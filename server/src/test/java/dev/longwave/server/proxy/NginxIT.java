package dev.longwave.server.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.longwave.server.RawStream;
import dev.longwave.server.TestServer;
import dev.longwave.testing.Nginx;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

/** Streams through a real Nginx, as people have it in front of their servers. */
final class NginxIT {

    private static final int EVENTS = 20;

    /** That nothing comes cannot be awaited; without the header, an event would come sooner. */
    private static final int SILENCE_MILLIS = 1000;

    /** HTTP/1.0 to the server behind it, and buffering on. */
    private static final String DEFAULTS = "proxy_pass http://127.0.0.1:%d;";

    private static final String HTTP_1_1 =
            DEFAULTS + "proxy_http_version 1.1; proxy_set_header Connection '';";

    private static final String[] NO_HEARTBEATS = {"sse.heartbeat-interval=PT10M"};

    @Test
    void passesEventsOneByOneWithDefaultSettings() throws Exception {
        try (TestServer server = TestServer.with(NO_HEARTBEATS);
                Nginx nginx = inFrontOf(server, DEFAULTS);
                RawStream stream = RawStream.subscribe(nginx.port(), "/events/a")) {
            passOneByOne(server, stream);
        }
    }

    @Test
    void passesEventsOneByOneOverHttp11() throws Exception {
        try (TestServer server = TestServer.with(NO_HEARTBEATS);
                Nginx nginx = inFrontOf(server, HTTP_1_1);
                RawStream stream = RawStream.subscribe(nginx.port(), "/events/a")) {
            passOneByOne(server, stream);
        }
    }

    /** Shows that the tests above can fail: not even the headers come through without ours. */
    @Test
    void isHeldUpByAnNginxThatIgnoresTheHeaderAgainstBuffering() throws Exception {
        String ignoring = DEFAULTS + "proxy_ignore_headers X-Accel-Buffering;";
        try (TestServer server = TestServer.with(NO_HEARTBEATS);
                Nginx nginx = inFrontOf(server, ignoring);
                var client = new Socket(InetAddress.getLoopbackAddress(), nginx.port())) {
            client.setSoTimeout(SILENCE_MILLIS);
            client.getOutputStream()
                    .write(
                            "GET /events/a HTTP/1.1\r\nHost: h\r\n\r\n"
                                    .getBytes(StandardCharsets.US_ASCII));
            await().until(() -> server.server().openStreams() == 1);
            server.publish("a", "event");

            assertThatThrownBy(() -> client.getInputStream().read())
                    .isInstanceOf(SocketTimeoutException.class);
        }
    }

    @Test
    void passesEventsOneByOneThroughCompression() throws Exception {
        String compressing =
                DEFAULTS
                        + "gzip on; gzip_types text/event-stream; gzip_proxied any; gzip_min_length"
                        + " 1;";
        try (TestServer server = TestServer.with(NO_HEARTBEATS);
                Nginx nginx = inFrontOf(server, compressing);
                ExecutorService reading = Executors.newVirtualThreadPerTaskExecutor();
                HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest request =
                    HttpRequest.newBuilder(
                                    URI.create("http://127.0.0.1:" + nginx.port() + "/events/a"))
                            .header("Accept-Encoding", "gzip")
                            .timeout(Duration.ofMinutes(5))
                            .build();
            HttpResponse<InputStream> response =
                    client.send(request, HttpResponse.BodyHandlers.ofInputStream());
            assertThat(response.headers().firstValue("Content-Encoding")).contains("gzip");
            try (InputStream body = new GZIPInputStream(response.body())) {
                for (int i = 0; i < EVENTS; i++) {
                    server.publish("a", "event " + i);

                    String line = reading.submit(() -> data(body)).get(5, TimeUnit.MINUTES);
                    assertThat(line).isEqualTo("data: event " + i);
                }
            }
        }
    }

    @Test
    void keepsAQuietStreamBeyondTheReadTimeout() throws Exception {
        try (TestServer server = TestServer.with("sse.heartbeat-interval=PT0.2S");
                Nginx nginx = inFrontOf(server, HTTP_1_1 + "proxy_read_timeout 8s;");
                RawStream stream = RawStream.subscribe(nginx.port(), "/events/a")) {
            stream.lineWith(": longwave");
            for (int heartbeats = 0; heartbeats < 50; heartbeats++) {
                stream.lineWith(":");
            }
            server.publish("a", "still there");

            assertThat(stream.lineWith("data:")).isEqualTo("data: still there");
        }
    }

    /** Shows that the test above can fail. */
    @Test
    void losesAQuietStreamWithoutHeartbeats() throws Exception {
        try (TestServer server = TestServer.with(NO_HEARTBEATS);
                Nginx nginx = inFrontOf(server, HTTP_1_1 + "proxy_read_timeout 2s;");
                RawStream stream = RawStream.subscribe(nginx.port(), "/events/a")) {
            stream.lineWith(": longwave");

            assertThat(stream.rest()).doesNotContain("0"); // cut, rather than ended
        }
    }

    /** Nginx closes a connection that is silent for a minute; a heartbeat comes every 15 s. */
    @Test
    void keepsAQuietStreamWithTheDefaultsOfBoth() throws Exception {
        try (TestServer server = TestServer.with();
                Nginx nginx = inFrontOf(server, HTTP_1_1);
                RawStream stream = RawStream.subscribe(nginx.port(), "/events/a")) {
            stream.lineWith(": longwave");
            for (int heartbeats = 0; heartbeats < 5; heartbeats++) {
                stream.lineWith(":");
            }
            server.publish("a", "still there");

            assertThat(stream.lineWith("data:")).isEqualTo("data: still there");
        }
    }

    @Test
    void releasesTheStreamOfAClientThatLeaves() throws Exception {
        try (TestServer server = TestServer.with("sse.heartbeat-interval=PT0.2S");
                Nginx nginx = inFrontOf(server, DEFAULTS)) {
            RawStream leaving = RawStream.subscribe(nginx.port(), "/events/a");
            try (RawStream staying = RawStream.subscribe(nginx.port(), "/events/a")) {
                assertThat(server.server().openStreams()).isEqualTo(2);

                leaving.close();

                await().until(() -> server.server().openStreams() == 1);
                server.publish("a", "still there");
                assertThat(staying.lineWith("data:")).isEqualTo("data: still there");
            }
            await().until(() -> server.server().openStreams() == 0);
        }
    }

    private Nginx inFrontOf(TestServer server, String location) throws IOException {
        return Nginx.start("", "location / { " + location.formatted(server.port()) + " }");
    }

    /** Each event arrives before there is a next one to push it. */
    private static void passOneByOne(TestServer server, RawStream stream) throws Exception {
        for (int i = 0; i < EVENTS; i++) {
            server.publish("a", "event " + i);

            assertThat(stream.lineWith("data:")).isEqualTo("data: event " + i);
        }
    }

    /** Byte by byte: Java's readers want more of a GZIPInputStream than has come. */
    private static String data(InputStream body) throws IOException {
        var line = new ByteArrayOutputStream();
        for (int read = body.read(); read != -1; read = body.read()) {
            if (read != '\n') {
                line.write(read);
                continue;
            }
            String text = line.toString(StandardCharsets.UTF_8);
            if (text.startsWith("data:")) {
                return text;
            }
            line.reset();
        }
        throw new EOFException("the stream ended");
    }
}
