package dev.longwave.testing;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import dev.longwave.broker.testing.RequiredProgram;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The machine's own Chromium, driven by Playwright. For one thread. */
public final class Chromium implements AutoCloseable {

    /** In place of Playwright's 5 and 30 s, which a busy machine exceeds. */
    static final double DEADLINE_MILLIS = 300_000;

    /** No sandbox, since tests may run as root; and no traffic but the tests'. */
    private static final List<String> ARGUMENTS =
            List.of(
                    "--no-sandbox",
                    "--disable-gpu",
                    "--disable-quic",
                    "--no-first-run",
                    "--disable-background-networking",
                    "--disable-component-update",
                    "--disable-sync");

    private final Playwright playwright;
    private final Browser browser;

    private Chromium(Playwright playwright, Browser browser) {
        this.playwright = playwright;
        this.browser = browser;
    }

    public static Chromium launch() {
        Path program = RequiredProgram.find("chromium", "chromium-browser", "google-chrome");
        PlaywrightAssertions.setDefaultAssertionTimeout(DEADLINE_MILLIS);
        Playwright playwright =
                Playwright.create(
                        new Playwright.CreateOptions()
                                .setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        try {
            Browser browser =
                    playwright
                            .chromium()
                            .launch(
                                    new BrowserType.LaunchOptions()
                                            .setExecutablePath(program)
                                            .setTimeout(DEADLINE_MILLIS)
                                            .setArgs(ARGUMENTS));
            return new Chromium(playwright, browser);
        } catch (RuntimeException e) {
            playwright.close();
            throw e;
        }
    }

    public Page newPage() {
        return newPage(new Browser.NewPageOptions());
    }

    public Page newPage(Browser.NewPageOptions options) {
        Page page = browser.newPage(options);
        page.setDefaultTimeout(DEADLINE_MILLIS);
        return page;
    }

    @Override
    public void close() {
        browser.close();
        playwright.close();
    }
}
