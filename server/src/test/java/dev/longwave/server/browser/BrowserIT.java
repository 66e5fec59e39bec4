package dev.longwave.server.browser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Response;
import dev.longwave.broker.testing.RequiredProgram;
import dev.longwave.server.TestServer;
import dev.longwave.testing.Chromium;
import dev.longwave.testing.Nginx;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What a browser leaves behind: requests after the end of a topic, and streams after close(). */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class BrowserIT {

    /** A small page of the server's own origin, without a script. */
    private static final String BLANK = "/history/blank";

    /** More than a browser opens connections to one origin over HTTP/1.1. */
    private static final int STREAMS = 10;

    private Chromium chromium;

    @BeforeAll
    void launch() {
        chromium = Chromium.launch();
    }

    @AfterAll
    void quit() {
        if (chromium != null) {
            chromium.close();
        }
    }

    @Test
    void asksOnceMoreAfterTheEndAndNeverAgain() throws Exception {
        try (TestServer server = TestServer.with("sse.retry=PT0.1S");
                Page page = chromium.newPage()) {
            List<Integer> answers = new ArrayList<>();
            page.onResponse(response -> noteAnswer(response, "/events/ended", answers));
            page.navigate(server.url(BLANK));

            end(server, PageStream.open(page, "/events/ended"), "ended");

            assertThat(answers).containsExactly(200, 204);
            // As long as another one takes to end and to ask again, the first would have, too.
            end(server, PageStream.open(page, "/events/other"), "other");
            assertThat(answers).containsExactly(200, 204);
            assertThat(server.server().openStreams()).isZero();
        }
    }

    @Test
    void releasesOneOfManyStreamsOfAnHttp2Connection(@TempDir Path directory) throws Exception {
        try (TestServer server = TestServer.with("sse.heartbeat-interval=PT0.2S");
                Nginx nginx = http2InFrontOf(server, directory)) {
            try (Page page =
                    chromium.newPage(new Browser.NewPageOptions().setIgnoreHTTPSErrors(true))) {
                page.navigate("https://127.0.0.1:" + nginx.port() + BLANK);
                List<PageStream> streams = new ArrayList<>();
                for (int i = 0; i < STREAMS; i++) {
                    streams.add(PageStream.open(page, "/events/a?since=" + (i + 1) + "h"));
                }
                assertThat(server.server().openStreams()).isEqualTo(STREAMS);

                PageStream closed = streams.removeFirst();
                closed.close();

                await().until(() -> server.server().openStreams() == STREAMS - 1);
                server.publish("a", "still there");
                for (PageStream stream : streams) {
                    stream.awaitEvents(1);
                    assertThat(stream.data()).isEqualTo(List.of("still there"));
                }
                assertThat(closed.data()).isEmpty();
                assertThat(server.server().openStreams()).isEqualTo(STREAMS - 1);
            }

            await().until(() -> server.server().openStreams() == 0);
            await().until(() -> eventRequests(nginx).size() == STREAMS);
            assertThat(eventRequests(nginx))
                    .allMatch(request -> request.contains(" HTTP/2.0 "))
                    .map(request -> request.substring(0, request.indexOf(' ')))
                    .as("the numbers of their connections")
                    .containsOnly(firstConnection(nginx));
        }
    }

    private static void end(TestServer server, PageStream stream, String topic) throws Exception {
        server.post("/events/" + topic + "?end=true", "done");
        stream.awaitClosed();
        assertThat(stream.data()).isEqualTo(List.of("done"));
    }

    private static void noteAnswer(Response response, String path, List<Integer> answers) {
        if (response.url().endsWith(path)) {
            answers.add(response.status());
        }
    }

    private static List<String> eventRequests(Nginx nginx) {
        return nginx.requests().stream().filter(line -> line.contains(" /events/")).toList();
    }

    private static String firstConnection(Nginx nginx) {
        String request = eventRequests(nginx).getFirst();
        return request.substring(0, request.indexOf(' '));
    }

    private static Nginx http2InFrontOf(TestServer server, Path directory) throws Exception {
        certify(directory);
        return Nginx.start(
                "ssl http2",
                """
                ssl_certificate %s;
                ssl_certificate_key %s;
                location / {
                    proxy_pass http://127.0.0.1:%d;
                    proxy_http_version 1.1;
                    proxy_set_header Connection '';
                }
                """
                        .formatted(
                                directory.resolve("certificate.pem"),
                                directory.resolve("key.pem"),
                                server.port()));
    }

    private static void certify(Path directory) throws Exception {
        Process openssl =
                new ProcessBuilder(
                                RequiredProgram.find("openssl").toString(),
                                "req",
                                "-x509",
                                "-newkey",
                                "ec",
                                "-pkeyopt",
                                "ec_paramgen_curve:prime256v1",
                                "-nodes",
                                "-days",
                                "2",
                                "-subj",
                                "/CN=127.0.0.1",
                                "-keyout",
                                "key.pem",
                                "-out",
                                "certificate.pem")
                        .directory(directory.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(directory.resolve("openssl.log").toFile())
                        .start();
        assertThat(openssl.waitFor(5, TimeUnit.MINUTES)).isTrue();
        assertThat(openssl.exitValue()).isZero();
    }
}
