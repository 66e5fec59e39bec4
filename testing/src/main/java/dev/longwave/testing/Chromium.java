package dev.longwave.testing;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import dev.longwave.broker.testing.RequiredProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

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

    /** Debian's Chromium blocks them unless told otherwise. */
    private static final String COOKIES_OF_OTHER_SITES =
            "{\"profile\":{\"cookie_controls_mode\":0,\"block_third_party_cookies\":false}}";

    private final Playwright playwright;
    private final Browser browser;
    private final BrowserType.LaunchPersistentContextOptions profileOptions;

    private Chromium(
            Playwright playwright,
            Browser browser,
            BrowserType.LaunchPersistentContextOptions profileOptions) {
        this.playwright = playwright;
        this.browser = browser;
        this.profileOptions = profileOptions;
    }

    /**
     * Launches it.
     *
     * @param more arguments in addition to the usual ones
     */
    public static Chromium launch(String... more) {
        Path program = RequiredProgram.find("chromium", "chromium-browser", "google-chrome");
        List<String> arguments = arguments(more);
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
                                            .setArgs(arguments));
            return new Chromium(
                    playwright,
                    browser,
                    new BrowserType.LaunchPersistentContextOptions()
                            .setExecutablePath(program)
                            .setTimeout(DEADLINE_MILLIS)
                            .setArgs(arguments));
        } catch (RuntimeException e) {
            playwright.close();
            throw e;
        }
    }

    private static List<String> arguments(String... more) {
        return Stream.concat(ARGUMENTS.stream(), Arrays.stream(more)).toList();
    }

    public Page newPage() {
        return newPage(new Browser.NewPageOptions());
    }

    public Page newPage(Browser.NewPageOptions options) {
        Page page = browser.newPage(options);
        page.setDefaultTimeout(DEADLINE_MILLIS);
        return page;
    }

    /**
     * {@return a browser of its own, in which pages may use cookies of other sites} Other pages are
     * in private windows, where Chromium blocks them.
     *
     * @param directory an empty folder for the profile
     */
    public BrowserContext openProfile(Path directory, boolean ignoreHttpsErrors)
            throws IOException {
        Path preferences = Files.createDirectory(directory.resolve("Default"));
        Files.writeString(preferences.resolve("Preferences"), COOKIES_OF_OTHER_SITES);
        BrowserContext profile =
                playwright
                        .chromium()
                        .launchPersistentContext(
                                directory, profileOptions.setIgnoreHTTPSErrors(ignoreHttpsErrors));
        profile.setDefaultTimeout(DEADLINE_MILLIS);
        return profile;
    }

    @Override
    public void close() {
        browser.close();
        playwright.close();
    }
}
