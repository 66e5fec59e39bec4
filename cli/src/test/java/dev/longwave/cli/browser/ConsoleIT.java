package dev.longwave.cli.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import dev.longwave.cli.LongwaveProcess;
import dev.longwave.testing.Chromium;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The console of {@code longwave serve --development} in a browser, with the data of the demo. */
final class ConsoleIT {

    private static final Pattern POSITIVE = Pattern.compile("(?!0$)[\\d,.]+");

    private static final String PUBLISH =
            """
            topic => fetch('/events/' + topic, {method: 'POST', body: '{}'})
                .then(response => response.text())\
            """;

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
    void showsLiveDataInEveryCardAndWhatIsPublishedOnIt(ColorScheme scheme) throws IOException {
        List<String> errors = new ArrayList<>();
        try (LongwaveProcess server = LongwaveProcess.develop();
                Chromium chromium = Chromium.launch();
                Page page =
                        chromium.newPage(
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

            page.navigate(server.uri("/").toString());
            page.locator("#subscribe [type=submit]").click();
            assertThat(page.locator("#subscribe .state")).hasAttribute("data-state", "open");
            page.locator("#publish [name=data]").fill("from the form");
            page.locator("#publish [name=type]").fill("notification");
            page.locator("#publish [type=submit]").click();

            Locator row = page.locator("#inspector tbody tr").first();
            assertThat(row.locator(".data")).hasText("from the form");
            assertThat(row.locator(".type")).hasText("notification");
            assertThat(row.locator(".topic")).hasText("playground/hello");
            assertThat(page.locator("#topics").getByText("playground/hello")).isVisible();
            screenshot(page, "explore-" + name(scheme));
            page.locator("#demo-tab").click();
            for (String selector : LIVE) {
                assertThat(page.locator(selector).first()).isVisible();
            }
            assertThat(page.locator("#server")).hasAttribute("data-state", "open");
            assertThat(page.locator("#broker")).hasText("memory, connected");
            assertThat(figure(page, "streams")).hasText(POSITIVE);
            assertThat(figure(page, "subscriptions")).hasText(POSITIVE);
            assertThat(figure(page, "topics")).hasText(POSITIVE);
            assertThat(figure(page, "events")).hasText(POSITIVE);
            assertThat(figure(page, "deliveries")).hasText(POSITIVE);
            assertThat(figure(page, "gaps")).hasText("0");
            assertThat(figure(page, "broker"))
                    .hasText(Pattern.compile("connected since \\d\\d:\\d\\d:\\d\\d"));
            screenshot(page, "console-" + name(scheme));
        }
        assertThat(errors).isEmpty();
    }

    @Test
    void losesNothingWhileItIsDisconnected() throws IOException {
        try (LongwaveProcess server = LongwaveProcess.develop();
                Chromium chromium = Chromium.launch();
                Page page =
                        chromium.newPage(new Browser.NewPageOptions().setViewportSize(390, 844))) {
            page.navigate(server.uri("/#demo").toString());
            assertThat(page.locator("#logs .tail > :not(.empty)").first()).isVisible();

            page.locator("#cut").click();

            assertThat(page.locator("#caught-up"))
                    .hasText(Pattern.compile("Nothing lost: \\d+ events caught up\\."));
            screenshot(page, "console-390");
        }
    }

    @Test
    void saysHowToStartTheDemonstration() throws IOException {
        try (LongwaveProcess server = LongwaveProcess.serve();
                Chromium chromium = Chromium.launch();
                Page page = chromium.newPage()) {
            page.navigate(server.uri("/#demo").toString());

            assertThat(page.locator("#demo-off")).containsText("./run");
            assertThat(page.locator("#demo-on")).isHidden();
            screenshot(page, "console-no-demo");
        }
    }

    @Test
    void showsNoFiguresOutsideDevelopmentMode() throws IOException {
        List<String> errors = new ArrayList<>();
        try (LongwaveProcess server = LongwaveProcess.serve();
                Chromium chromium = Chromium.launch();
                Page page = chromium.newPage()) {
            page.onConsoleMessage(message -> errors.add(message.text()));
            page.onPageError(errors::add);

            page.navigate(server.uri("/").toString());

            assertThat(page.locator("#broker")).hasText("memory, connected");
            assertThat(page.locator("#node")).isHidden();
        }
        assertThat(errors).isEmpty();
    }

    @Test
    void linksToRoomsWhoseTypingAndCursorsAreNotKept() throws IOException {
        List<String> errors = new ArrayList<>();
        try (LongwaveProcess server = LongwaveProcess.develop();
                Chromium chromium = Chromium.launch();
                Page page = chromium.newPage()) {
            page.onConsoleMessage(message -> errors.add(message.text()));
            page.onPageError(errors::add);
            for (String room : List.of("chat", "cursors", "chat-plain")) {
                page.navigate(server.uri("/").toString());

                page.locator("a[href='console/" + room + ".html']").click();
                page.locator("#join [name=who]").fill("Ann");
                page.locator("#join [type=submit]").click();

                assertThat(page.locator("#state")).hasAttribute("data-state", "open");
            }
            for (String topic : List.of("typing/lobby", "cursors/lobby")) {
                assertThat((String) page.evaluate(PUBLISH, topic)).contains("\"ephemeral\":true");
            }
        }
        assertThat(errors).isEmpty();
    }

    private static void screenshot(Page page, String name) {
        page.evaluate("scrollTo(0, 0)"); // the masthead sticks to the top of what is seen
        page.screenshot(
                new Page.ScreenshotOptions()
                        .setPath(Path.of("target", name + ".png"))
                        .setFullPage(true));
    }

    private static Locator figure(Page page, String name) {
        return page.locator("#node [data-figure=" + name + "]");
    }

    private static String name(ColorScheme scheme) {
        return scheme == ColorScheme.DARK ? "dark" : "light";
    }
}
