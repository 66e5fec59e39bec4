package dev.longwave.server.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import dev.longwave.server.TestServer;
import dev.longwave.testing.Chromium;
import dev.longwave.testing.SignedToken;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The console for those who use a keyboard, a screen reader, or a telephone: axe-core finds
 * nothing.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ConsoleAccessibilityIT {

    private final TestServer server = TestServer.with("admin.public-figures=true");
    private Chromium chromium;
    private Axe axe;

    @BeforeAll
    void start() throws Exception {
        axe = Axe.load();
        chromium = Chromium.launch();
    }

    @AfterAll
    void stop() {
        if (chromium != null) {
            chromium.close();
        }
        server.close();
    }

    @ParameterizedTest
    @CsvSource({"LIGHT, 1280", "DARK, 1280", "LIGHT, 390", "DARK, 390"})
    void leavesNothingToFind(ColorScheme scheme, int width) throws Exception {
        try (Page page = open(scheme, width)) {
            page.locator("#subscribe [type=submit]").click();
            assertThat(page.locator("#subscribe .state")).hasAttribute("data-state", "open");
            server.post("/events/playground/hello?type=price", "{\"value\":42}");
            assertThat(page.locator("#inspector tbody tr")).hasCount(1);
            assertThat(page.locator("#topics tbody tr")).hasCount(1);
            axe.check(page, width);

            page.locator("#demo-tab").click();
            assertThat(page.locator("#demo-off")).isVisible();
            axe.check(page, width);
        }
    }

    @ParameterizedTest
    @CsvSource({"LIGHT, 1280", "DARK, 390"})
    void leavesNothingToFindWhereVisitorsSignIn(ColorScheme scheme, int width) throws Exception {
        try (TestServer guarded = TestServer.with("auth.jwt.secret=" + SignedToken.SECRET);
                Page page = open(guarded, scheme, width)) {
            page.locator("#sign-in input").fill("no token");
            page.locator("#sign-in [type=submit]").click();
            assertThat(page.locator("#sign-in .who")).containsText("refuses the token");
            axe.check(page, width);

            page.locator("#sign-in input").fill(SignedToken.of("alice").text());
            page.locator("#sign-in [type=submit]").click();
            assertThat(page.locator("#sign-in .who")).containsText("Signed in as alice");
            axe.check(page, width);
        }
    }

    @Test
    void movesBetweenItsTabsByKeyboard() {
        try (Page page = open(ColorScheme.LIGHT, 1280)) {
            page.locator("#explore-tab").focus();
            page.keyboard().press("ArrowRight");

            assertThat(page.locator("#demo-tab")).isFocused();
            assertThat(page.locator("#demo-tab")).hasAttribute("aria-selected", "true");
            assertThat(page.locator("#explore")).isHidden();
            assertThat(page).hasURL(Pattern.compile(".*#demo"));
            page.reload();
            assertThat(page.locator("#demo")).isVisible();
        }
    }

    @Test
    void showsEventsOfAllTypesAndThePast() throws Exception {
        for (int i = 0; i < 150; i++) {
            server.post("/events/past?type=kind-" + i, "{\"n\":" + i + "}");
        }
        try (Page page = open(ColorScheme.LIGHT, 1280)) {
            page.locator("#subscribe [name=topics]").fill("past");
            page.locator("#subscribe [name=history]").click();
            assertThat(page.locator("#inspector tbody tr")).hasCount(100);
            page.locator("#subscribe [name=history]").click();
            assertThat(page.locator("#inspector tbody tr")).hasCount(150);
            assertThat(page.locator("#inspector .count-shown")).hasText("150 received");

            page.locator("#inspector [name=filter]").fill("kind-149");
            assertThat(page.locator("#inspector tbody tr:visible")).hasCount(1);
            assertThat(page.locator("#inspector tbody tr:visible .data"))
                    .hasText("{\n  \"n\": 149\n}");
            assertThat(page.locator("#inspector tbody tr:visible .topic")).hasText("past");
        }
    }

    @Test
    void holdsEventsBackWhileItIsPaused() throws Exception {
        try (Page page = open(ColorScheme.LIGHT, 1280)) {
            page.locator("#subscribe [name=topics]").fill("paused/1\npaused/2");
            page.locator("#subscribe [type=submit]").click();
            assertThat(page.locator("#subscribe .state")).hasAttribute("data-state", "open");
            page.locator("#inspector .pause").click();

            server.publish("paused/2", "x");

            assertThat(page.locator("#inspector .count-shown")).hasText("1 received, 1 held back");
            assertThat(page.locator("#inspector tbody tr")).hasCount(0);
            page.locator("#inspector .pause").click();
            assertThat(page.locator("#inspector tbody .topic")).hasText("paused/2");
        }
    }

    private Page open(ColorScheme scheme, int width) {
        return open(server, scheme, width);
    }

    private Page open(TestServer server, ColorScheme scheme, int width) {
        Page page =
                chromium.newPage(
                        new Browser.NewPageOptions()
                                .setColorScheme(scheme)
                                .setBypassCSP(true) // for axe-core
                                .setViewportSize(width, 844));
        page.navigate(server.url("/"));
        assertThat(page.locator("#broker")).hasText("memory, connected");
        return page;
    }
}
