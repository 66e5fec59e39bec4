package dev.longwave.server.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.ColorScheme;
import dev.longwave.broker.Message;
import dev.longwave.server.TestServer;
import dev.longwave.server.demo.DemoPublisher;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The console in a browser, on the data of the demo. */
final class ConsoleIT {

    /** The demo takes a few seconds between two notifications, jobs or questions. */
    private static final double DEADLINE_MILLIS = 30_000;

    /** What there is in each card once it shows something that came over its stream. */
    private static final List<String> LIVE =
            List.of(
                    "#answer .answer > :not(.empty)",
                    "#metrics .series[data-series=requests]",
                    "#metrics .series[data-series=latency]",
                    "#metrics .series[data-series=errors]",
                    "#notifications .notifications > :not(.empty)",
                    "#logs .tail > :not(.empty)",
                    "#jobs .job progress[value]:not([value='0'])");

    @ParameterizedTest
    @EnumSource(
            value = ColorScheme.class,
            names = {"LIGHT", "DARK"})
    @Timeout(90)
    void showsLiveDataInEveryCardAndWhatIsPublishedOnIt(ColorScheme scheme) {
        List<String> errors = new ArrayList<>();
        try (TestServer server =
                        TestServer.with(
                                "topics.demo.pattern=demo/metrics",
                                "topics.demo.lag=latest",
                                "topics.demo.lag-per-key=true");
                DemoPublisher _ = demo(server);
                Chromium chromium = Chromium.launch();
                Page page =
                        chromium.browser()
                                .newPage(
                                        new Browser.NewPageOptions()
                                                .setColorScheme(scheme)
                                                .setViewportSize(1280, 900))) {
            // Violations of the content security policy are among the console's errors.
            page.onConsoleMessage(message -> {
                if (message.type().equals("error") || message.type().equals("warning")) {
                    errors.add(message.text());
                }
            });
            page.onPageError(errors::add);

            page.navigate(server.url("/"));
            page.locator("#subscribe [type=submit]").click();
            assertThat(page.locator("#subscribe .state")).hasAttribute("data-state", "open");
            page.locator("#publish [name=data]").fill("from the form");
            page.locator("#publish [name=type]").fill("notification");
            page.locator("#publish [type=submit]").click();

            Locator row = page.locator("#inspector tbody tr").first();
            assertThat(row.locator(".data")).hasText("from the form");
            assertThat(row.locator(".type")).hasText("notification");
            for (String selector : LIVE) {
                assertThat(page.locator(selector).first()).isVisible(within());
            }
            assertThat(page.locator("#server")).hasAttribute("data-state", "open");
            assertThat(page.locator("#broker")).hasText("memory, connected");
            page.evaluate("scrollTo(0, 0)"); // the masthead sticks to the top of what is seen
            page.screenshot(
                    new Page.ScreenshotOptions()
                            .setPath(Path.of("target", "console-" + name(scheme) + ".png"))
                            .setFullPage(true));
        }
        assertThat(errors).isEmpty();
    }

    private static LocatorAssertions.IsVisibleOptions within() {
        return new LocatorAssertions.IsVisibleOptions().setTimeout(DEADLINE_MILLIS);
    }

    private static String name(ColorScheme scheme) {
        return scheme == ColorScheme.DARK ? "dark" : "light";
    }

    private static DemoPublisher demo(TestServer server) {
        return DemoPublisher.start((topic, type, key, data, end) ->
                server.server()
                        .publish(
                                topic,
                                Message.builder(data.getBytes(StandardCharsets.UTF_8))
                                        .type(type)
                                        .key(key)
                                        .end(end)
                                        .build()));
    }
}
