package dev.longwave.server.browser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.CDPSession;
import com.microsoft.playwright.JSHandle;
import com.microsoft.playwright.Page;
import com.google.gson.JsonObject;
import dev.longwave.server.TestServer;
import dev.longwave.testing.Chromium;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** {@code longwave.js} in the tabs of a real browser, over HTTP/1.1. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class BrowserHelperIT {

    private static final String BLANK = "/history/blank";
    private static final int MAX_GZIP_BYTES = 3 << 10;
    private static final Page.WaitForFunctionOptions OFTEN =
            new Page.WaitForFunctionOptions().setPollingInterval(20);
    private static final String OPEN =
            """
            async ([topics, options]) => {
              const { Longwave } = await import('/longwave.js');
              const live = new Longwave(topics, options);
              const told = { live, data: [], gaps: [], errors: [] };
              live.addEventListener('message', event => told.data.push(event.data));
              live.addEventListener('price', event => told.data.push(event.topic + '=' + event.data));
              live.addEventListener('gap', event => told.gaps.push(JSON.parse(event.data).reason));
              live.addEventListener('error', event => told.errors.push(event.reason));
              return told;
            }\
            """;

    private Chromium chromium;
    private BrowserContext profile;
    private TestServer server;

    @BeforeAll
    void launch(@TempDir Path directory) {
        chromium = Chromium.launch();
        profile = chromium.openProfile(directory, false);
    }

    @AfterAll
    void quit() {
        if (chromium != null) {
            profile.close();
            chromium.close();
        }
    }

    @BeforeEach
    void start() {
        server = TestServer.with("sse.retry=PT0.1S");
    }

    @AfterEach
    void stop() {
        profile.pages().forEach(Page::close);
        server.close();
    }

    @Test
    void isSmall() throws Exception {
        byte[] script = server.get("/longwave.js").body().getBytes();
        var compressed = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(compressed)) {
            gzip.write(script);
        }

        assertThat(compressed.size()).as("bytes").isLessThanOrEqualTo(MAX_GZIP_BYTES);
    }

    @Test
    void servesTwentyTabsWithOneStream() throws Exception {
        List<Tab> tabs = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            tabs.add(open("a"));
        }
        awaitOpen(tabs);

        server.publish("a", "one");
        server.post("/events/a?type=price", "2");

        for (Tab tab : tabs) {
            tab.awaitData(2);
            assertThat(tab.data()).isEqualTo(List.of("one", "a=2"));
        }
        assertThat(server.server().openStreams()).isEqualTo(1);
    }

    @Test
    void losesNothingWhenTheTabWithTheStreamIsClosed() throws Exception {
        List<Tab> tabs = new ArrayList<>(List.of(open("a"), open("a"), open("a")));
        awaitOpen(tabs);
        server.publish("a", "0");
        tabs.forEach(tab -> tab.awaitData(1));

        for (int closed = 0; closed < 2; closed++) {
            tabs.removeFirst().page.close();
            server.publish("a", "" + (2 * closed + 1));
            server.publish("a", "" + (2 * closed + 2));
        }

        tabs.getFirst().awaitData(5);
        assertThat(tabs.getFirst().data()).isEqualTo(numbers(5));
        await().until(() -> server.server().openStreams() == 1);
    }

    @Test
    void losesNothingWhileTopicsComeAndGo() throws Exception {
        Tab tab = open("a");
        Tab other = open("b");
        awaitOpen(List.of(tab, other));
        for (int i = 0; i < 30; i++) {
            server.publish("a", "" + i);
            if (i % 3 == 0) {
                other.call("live => live.add('c/" + i + "')");
            } else if (i % 3 == 2) {
                other.call("live => live.remove('c/" + (i - 2) + "')");
            }
        }

        tab.awaitData(30);
        assertThat(tab.data()).isEqualTo(numbers(30));
        assertThat(other.data()).isEmpty();
        assertThat(tab.list("gaps")).isEmpty();
    }

    @Test
    void tellsOfGaps() throws Exception {
        Tab tab = open("a");
        awaitOpen(List.of(tab));
        server.publish("a", "one");
        tab.awaitData(1);
        int port = server.port();
        server.close();
        server = TestServer.with("sse.retry=PT0.1S", "server.port=" + port);

        tab.page.waitForFunction("told => told.gaps.length > 0", tab.told, OFTEN);
        assertThat(tab.list("gaps")).isEqualTo(List.of("epoch-changed"));
        server.publish("a", "two");
        tab.awaitData(2);
        assertThat(tab.data()).isEqualTo(List.of("one", "two"));
    }

    @Test
    void pollsWhereAProxyHoldsTheStreamBack() throws Exception {
        Page page = profile.newPage();
        page.route("**/events?*", _ -> {}); // never answered
        Tab tab = open(page, "a", "{}");

        tab.page.waitForFunction("told => told.live.readyState === 1", tab.told, OFTEN);
        for (int i = 0; i < 10; i++) {
            server.publish("a", "" + i);
        }

        tab.awaitData(10);
        assertThat(tab.data()).isEqualTo(numbers(10));
        assertThat(tab.list("errors").toString()).contains("a proxy holds it back");
    }

    @Test
    void losesNothingWhileItIsFrozen() throws Exception {
        Tab frozen = open("a");
        Tab other = open("a");
        awaitOpen(List.of(frozen, other));
        server.publish("a", "0");
        frozen.awaitData(1);
        CDPSession session = profile.newCDPSession(frozen.page);

        lifecycle(session, "frozen");
        server.publish("a", "1");
        server.publish("a", "2");
        other.awaitData(3);
        lifecycle(session, "active");

        frozen.awaitData(3);
        assertThat(other.data()).isEqualTo(numbers(3));
        assertThat(frozen.data()).isEqualTo(numbers(3));
    }

    @Test
    void losesNothingWhileItIsOffline() throws Exception {
        Tab tab = open("a");
        awaitOpen(List.of(tab));
        server.publish("a", "0");
        tab.awaitData(1);

        profile.setOffline(true);
        server.publish("a", "1");
        profile.setOffline(false);
        server.publish("a", "2");

        tab.awaitData(3);
        assertThat(tab.data()).isEqualTo(numbers(3));
    }

    @Test
    void beginsInThePastOnRequest() throws Exception {
        for (int i = 0; i < 300; i++) {
            server.publish("a", "" + i);
        }
        Tab tab = open(profile.newPage(), "a", "{ since: 'earliest' }");
        tab.awaitData(300);
        server.publish("a", "300");

        tab.awaitData(301);
        assertThat(tab.data()).isEqualTo(numbers(301));
    }

    @Test
    void isReadWithAForLoop() throws Exception {
        Tab tab = open("a/*");
        awaitOpen(List.of(tab));
        JSHandle read =
                tab.page.evaluateHandle(
                        """
                        told => {
                          const read = [];
                          (async () => {
                            for await (const event of told.live) read.push(event.topic + ' ' + event.data);
                            read.push('end');
                          })();
                          return read;
                        }\
                        """,
                        tab.told);

        server.publish("a/1", "one");
        server.publish("a/2", "two");
        tab.page.waitForFunction("read => read.length === 2", read, OFTEN);
        tab.call("live => live.close()");
        tab.page.waitForFunction("read => read.length === 3", read, OFTEN);

        assertThat(read.jsonValue()).isEqualTo(List.of("a/1 one", "a/2 two", "end"));
        await().until(() -> server.server().openStreams() == 0);
    }

    private Tab open(String topics) {
        return open(profile.newPage(), topics, "{}");
    }

    private Tab open(Page page, String topics, String options) {
        page.navigate(server.url(BLANK));
        Object parsed = page.evaluate("() => (" + options + ")");
        return new Tab(page, page.evaluateHandle(OPEN, List.of(topics, parsed)));
    }

    private void awaitOpen(List<Tab> tabs) {
        for (Tab tab : tabs) {
            tab.page.waitForFunction("told => told.live.readyState === 1", tab.told, OFTEN);
        }
        await().until(() -> server.server().openStreams() == 1);
    }

    private static void lifecycle(CDPSession session, String state) {
        var parameters = new JsonObject();
        parameters.addProperty("state", state);
        session.send("Page.setWebLifecycleState", parameters);
    }

    private static List<String> numbers(int end) {
        return IntStream.range(0, end).mapToObj(Integer::toString).toList();
    }

    /** A tab that hears some topics. */
    private record Tab(Page page, JSHandle told) {

        void call(String function) {
            page.evaluate("([told, f]) => eval(f)(told.live)", List.of(told, function));
        }

        void awaitData(int count) {
            page.waitForFunction(
                    "([told, count]) => told.data.length >= count", List.of(told, count), OFTEN);
        }

        List<?> data() {
            return list("data");
        }

        List<?> list(String name) {
            return (List<?>) page.evaluate("([told, name]) => told[name]", List.of(told, name));
        }
    }
}
