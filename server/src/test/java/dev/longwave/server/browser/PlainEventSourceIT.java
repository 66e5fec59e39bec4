package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** A real browser, and nothing in the page but plain {@code EventSource}. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(60)
final class PlainEventSourceIT {

    private static final Duration DEADLINE = Duration.ofSeconds(30);

    private Playwright playwright;
    private Browser browser;
    private TestServer server;
    private Page page;

    @BeforeAll
    void launch() {
        Optional<Path> chromium =
                Stream.of(
                                "/usr/bin/chromium",
                                "/usr/bin/chromium-browser",
                                "/usr/bin/google-chrome")
                        .map(Path::of)
                        .filter(Files::isExecutable)
                        .findFirst();
        if ("true".equals(System.getenv("REQUIRE_ALL_SERVERS"))
                || "true".equals(System.getenv("CI"))) {
            assertThat(chromium).as("Chromium, which must be there on CI").isPresent();
        }
        Assumptions.assumeTrue(chromium.isPresent(), "SKIPPED: there is no Chromium here");
        playwright =
                Playwright.create(
                        new Playwright.CreateOptions()
                                .setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        browser =
                playwright
                        .chromium()
                        .launch(
                                new BrowserType.LaunchOptions()
                                        .setExecutablePath(chromium.get())
                                        .setArgs(
                                                List.of(
                                                        "--no-sandbox",
                                                        "--disable-gpu",
                                                        "--disable-quic",
                                                        "--no-first-run",
                                                        "--disable-background-networking",
                                                        "--disable-component-update",
                                                        "--disable-sync")));
    }

    @AfterAll
    void quit() {
        if (playwright != null) {
            browser.close();
            playwright.close();
        }
    }

    @BeforeEach
    void open() {
        server = TestServer.with("sse.retry=PT0.2S", "sse.heartbeat-interval=PT0.3S");
        page = browser.newPage();
        page.navigate(server.url("/console/favicon.svg"));
    }

    @AfterEach
    void close() {
        page.close();
        server.close();
    }

    @Test
    void receivesTypesDataAndIds() throws Exception {
        listen("/events/b/one");

        server.publish("b/one", "line one\nline two");
        server.post("/events/b/one?type=update", "typed");

        awaitTold("message:line one\nline two", "update:typed");
        assertThat((String) page.evaluate("lastId")).isNotEmpty();
    }

    @Test
    void reconnectsAfterARestartAndReadsTheGap() throws Exception {
        listen("/events/b/two");
        server.publish("b/two", "before");
        awaitTold("message:before");
        int port = server.port();

        server.server().close();
        try (TestServer restarted = TestServer.with("server.port=" + port)) {
            await().pollInSameThread()
                    .atMost(DEADLINE)
                    .until(() -> restarted.server().openStreams() == 1);
            restarted.publish("b/two", "after");

            awaitTold("message:before", "gap:epoch-changed", "message:after");
        }
    }

    @Test
    void stopsOnAnEndedTopic() throws Exception {
        listen("/events/b/three");
        server.post("/events/b/three?end=true", "done");

        awaitTold("message:done");
        await().pollInSameThread()
                .atMost(DEADLINE)
                .until(() -> (int) page.evaluate("source.readyState") == 2);
        assertThat(server.server().openStreams()).isZero();
    }

    @Test
    void releasesItsStreamOnClose() {
        listen("/events/b/four");
        await().pollInSameThread().atMost(DEADLINE).until(() -> server.server().openStreams() == 1);

        page.evaluate("source.close()");

        await().pollInSameThread().atMost(DEADLINE).until(() -> server.server().openStreams() == 0);
    }

    private void listen(String path) {
        page.evaluate(
                """
                path => new Promise(opened => {
                  window.told = [];
                  window.lastId = '';
                  window.source = new EventSource(path);
                  const tell = e => { told.push(e.type + ':' + e.data); lastId = e.lastEventId; };
                  source.onmessage = tell;
                  source.addEventListener('update', tell);
                  source.addEventListener('gap', e => told.push('gap:' + JSON.parse(e.data).reason));
                  source.onopen = opened;
                })\
                """,
                path);
    }

    private void awaitTold(String... expected) {
        await().pollInSameThread()
                .atMost(DEADLINE)
                .untilAsserted(() ->
                        assertThat((List<?>) page.evaluate("told")).isEqualTo(List.of(expected)));
    }
}
