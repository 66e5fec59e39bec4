package dev.longwave.server.browser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Page;
import dev.longwave.server.TestServer;
import dev.longwave.testing.Chromium;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** A real browser, and nothing in the page but plain {@code EventSource}. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PlainEventSourceIT {

    private Chromium chromium;
    private TestServer server;
    private Page page;

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

    @BeforeEach
    void open() {
        server = TestServer.with("sse.retry=PT0.2S", "sse.heartbeat-interval=PT0.3S");
        page = chromium.newPage();
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
            await().pollInSameThread().until(() -> restarted.server().openStreams() == 1);
            restarted.publish("b/two", "after");

            awaitTold("message:before", "gap:epoch-changed", "message:after");
        }
    }

    /** The server ends each stream while events are published; the page notices nothing. */
    @Test
    void comesBackWhenItsStreamIsTooOld() throws Exception {
        server.close();
        server = TestServer.with("sse.retry=PT0.1S", "sse.max-age=PT1S");
        page.navigate(server.url("/console/favicon.svg"));
        listen("/events/b/five");
        var published = new ArrayList<String>();
        page.evaluate("window.opened = 0; source.onopen = () => opened++");

        await().pollInSameThread()
                .until(() -> {
                    published.add("message:" + published.size());
                    server.publish("b/five", "" + (published.size() - 1));
                    return (int) page.evaluate("opened") >= 2;
                });

        awaitTold(published.toArray(String[]::new));
    }

    @Test
    void stopsOnAnEndedTopic() throws Exception {
        listen("/events/b/three");
        server.post("/events/b/three?end=true", "done");

        awaitTold("message:done");
        await().pollInSameThread().until(() -> (int) page.evaluate("source.readyState") == 2);
        assertThat(server.server().openStreams()).isZero();
    }

    @Test
    void releasesItsStreamOnClose() {
        listen("/events/b/four");
        await().pollInSameThread().until(() -> server.server().openStreams() == 1);

        page.evaluate("source.close()");

        await().pollInSameThread().until(() -> server.server().openStreams() == 0);
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
                .untilAsserted(() ->
                        assertThat((List<?>) page.evaluate("told")).isEqualTo(List.of(expected)));
    }
}
