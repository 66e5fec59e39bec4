package dev.longwave.server.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import dev.longwave.server.JsPackages;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The checks of axe-core, for pages whose content security policy is bypassed. */
final class Axe {

    private static final String RUN =
            """
            async () => (await axe.run()).violations.map(violation =>
              violation.id + ': ' + violation.nodes.map(node => node.target.join(' ')).join(', '))\
            """;

    private final String script;

    private Axe(String script) {
        this.script = script;
    }

    static Axe load() throws Exception {
        Path file = Path.of("node_modules", "axe-core", "axe.min.js");
        return new Axe(Files.readString(JsPackages.installed("centrifuge").resolve(file)));
    }

    /** Finds nothing on the page, which is no wider than its window. */
    void check(Page page, int width) {
        page.evaluate(script);
        assertThat((List<?>) page.evaluate(RUN)).isEmpty();
        assertThat((Integer) page.evaluate("document.documentElement.scrollWidth"))
                .as("width of the page")
                .isLessThanOrEqualTo(width);
    }
}
