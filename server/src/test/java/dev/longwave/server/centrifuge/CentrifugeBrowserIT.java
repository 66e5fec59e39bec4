package dev.longwave.server.centrifuge;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import dev.longwave.server.JsPackages;
import dev.longwave.server.TestServer;
import dev.longwave.testing.Chromium;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The unmodified client of npm in a real browser, in a page of another origin. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CentrifugeBrowserIT {

    private static final String HAS =
            "wanted => events.some(event => Object.keys(wanted).every(key => event[key] ==="
                    + " wanted[key]))";

    private Chromium chromium;
    private TestServer pages;
    private TestServer server;

    @BeforeAll
    void launch() {
        chromium = Chromium.launch();
        pages = TestServer.with();
        server = TestServer.with("cors.origins=" + pages.url(""));
    }

    @AfterAll
    void quit() {
        if (chromium != null) {
            chromium.close();
            pages.close();
            server.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "http_stream", "sse"})
    void publishesReceivesAndRecovers(String transport) throws Exception {
        Path folder = JsPackages.installed("centrifuge");
        String channel = "room:" + transport;
        try (Page page = chromium.newPage()) {
            page.navigate(pages.url("/history/blank"));
            addScript(page, folder.resolve("node_modules/centrifuge/dist/centrifuge.js"));
            addScript(page, folder.resolve("driver.js"));
            page.evaluate(
                    "() => { window.events = []; window.command = drive(Centrifuge, {}, event =>"
                            + " events.push(event)); }");
            page.evaluate("command => window.command(command)", connect(transport));
            page.waitForFunction(HAS, Map.of("event", "connected", "transport", transport));
            command(page, Map.of("op", "subscribe", "channel", channel, "id", 2));
            page.waitForFunction(HAS, Map.of("event", "subscribed", "channel", channel));

            command(page, Map.of("op", "publish", "channel", channel, "data", "hello", "id", 3));
            page.waitForFunction(HAS, Map.of("event", "publication", "data", "hello"));
            command(page, Map.of("op", "cut", "id", 4));
            server.publish(channel, "missed");

            page.waitForFunction(HAS, Map.of("event", "publication", "data", "missed"));
            Object data =
                    page.evaluate(
                            "events.filter(e => e.event === 'publication').map(e =>"
                                    + " e.data).join()");
            assertThat(data).isEqualTo("hello,missed");
        }
    }

    private Map<String, Object> connect(String transport) {
        String base = server.url("");
        String endpoint =
                (transport.equals("websocket") ? base.replace("http", "ws") : base)
                        + "/connection/"
                        + transport;
        return Map.of(
                "op",
                "connect",
                "id",
                1,
                "endpoint",
                new Object[] {Map.of("transport", transport, "endpoint", endpoint)},
                "options",
                Map.of("emulationEndpoint", base + "/emulation"));
    }

    private static void command(Page page, Map<String, Object> command) {
        page.evaluate("command => window.command(command)", command);
    }

    private static void addScript(Page page, Path file) {
        page.addScriptTag(new Page.AddScriptTagOptions().setPath(file));
    }
}
