package dev.longwave.server.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import dev.longwave.server.JsPackages;
import dev.longwave.server.TestServer;
import dev.longwave.testing.Chromium;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The snippets for frameworks in {@code docs/browser.md}, as they are there, each in an application
 * of {@code src/test/javascript/snippets}: a list of events that a button hides and shows.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SnippetsIT {

    private static final Path DOCS = Path.of("..", "docs", "browser.md");
    private static final Path CLIENT = Path.of("..", "clients", "js", "longwave.js");
    private static final String FOLDER = "/snippets/";

    private Path packages;
    private Chromium chromium;

    @BeforeAll
    void launch() throws Exception {
        packages = JsPackages.installed("snippets");
        chromium = Chromium.launch();
    }

    @AfterAll
    void quit() {
        if (chromium != null) {
            chromium.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"React", "Vue", "Svelte", "htmx"})
    void listensWhileItsListIsShown(String framework) throws Exception {
        String name = framework.toLowerCase(Locale.ROOT);
        Files.writeString(packages.resolve("snippet-" + name + ".js"), snippet(framework));
        bundle(name);
        String form = name.equals("htmx") ? "<li>%s</li>" : "%s";

        try (TestServer server = TestServer.with("sse.heartbeat-interval=PT0.2S");
                Page page = chromium.newPage()) {
            page.route("**" + FOLDER + "**", this::answer);
            page.navigate(server.url(FOLDER + name));
            awaitStreams(server, 1);
            server.publish("a", form.formatted("1"));
            server.publish("b", form.formatted("2"));
            assertThat(page.locator("li")).hasText(texts(name, "a=1", "b=2"));

            page.locator("button").click();
            awaitStreams(server, 0);
            page.locator("button").click();
            awaitStreams(server, 1);
            server.publish("b", form.formatted("3"));
            server.publish("b", form.formatted("4"));

            // The store of Svelte has the last two, also of those before.
            assertThat(page.locator("li")).hasText(texts(name, "b=3", "b=4"));
        }
    }

    private static void awaitStreams(TestServer server, int count) {
        await().pollInSameThread().until(() -> server.server().openStreams() == count);
    }

    /** With htmx, the event is all there is. */
    private static String[] texts(String name, String... texts) {
        return name.equals("htmx")
                ? List.of(texts).stream().map(text -> text.substring(2)).toArray(String[]::new)
                : texts;
    }

    private static String snippet(String framework) throws IOException {
        String docs = Files.readString(DOCS);
        int title = docs.indexOf("**" + framework + "**");
        assertThat(title).as("a snippet for " + framework).isPositive();
        int begin = docs.indexOf("```js\n", title) + "```js\n".length();
        return docs.substring(begin, docs.indexOf("```", begin));
    }

    private void bundle(String name) throws IOException, InterruptedException {
        Path log = packages.resolve("esbuild.log");
        Process esbuild =
                new ProcessBuilder(
                                packages.resolve("node_modules/.bin/esbuild")
                                        .toAbsolutePath()
                                        .toString(),
                                name + ".js",
                                "--bundle",
                                "--format=esm",
                                "--outfile=bundle-" + name + ".js",
                                "--alias:@longwave/client=" + CLIENT.toAbsolutePath().normalize(),
                                "--external:/longwave.js",
                                "--define:process.env.NODE_ENV=\"development\"")
                        .directory(packages.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        boolean ended = esbuild.waitFor(5, TimeUnit.MINUTES);
        esbuild.destroyForcibly();
        assertThat(ended && esbuild.exitValue() == 0).as(Files.readString(log)).isTrue();
    }

    /** The page, or a file of its. */
    private void answer(Route route) {
        String path = route.request().url().replaceFirst(".*" + FOLDER, "");
        var answer = new Route.FulfillOptions();
        if (path.endsWith(".js")) {
            answer.setPath(packages.resolve(path)).setContentType("text/javascript");
        } else {
            answer.setBody(page(path)).setContentType("text/html");
        }
        route.fulfill(answer);
    }

    private static String page(String name) {
        return """
        <!doctype html><title>snippet</title>
        <script src="/snippets/node_modules/htmx.org/dist/htmx.js"></script>
        <script type="module" src="/snippets/bundle-%s.js"></script>
        """
                .formatted(name);
    }
}
