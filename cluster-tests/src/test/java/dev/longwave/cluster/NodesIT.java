package dev.longwave.cluster;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import dev.longwave.broker.testing.Bus;
import dev.longwave.testing.Chromium;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The console lists the nodes that share its node's broker. */
final class NodesIT {

    /** More than the lease of a node that was killed. */
    private static final double PATIENCE_MS = 60_000;

    @Test
    void areListedUntilTheyStopOrAreGone() throws Exception {
        try (Cluster cluster =
                        Cluster.start(Bus.Kind.REDIS, 3, List.of("admin.public-figures=true"));
                Chromium chromium = Chromium.launch();
                Page page = chromium.newPage()) {
            page.navigate("http://localhost:" + cluster.nodes().getFirst().process().port());
            Locator rows = page.locator("#node tbody tr");
            awaitCount(rows, 3);
            assertThat(rows.first()).containsText("(this)");
            page.screenshot(
                    new Page.ScreenshotOptions().setPath(Path.of("target", "console-nodes.png")));

            cluster.nodes().get(1).process().stop();
            awaitCount(rows, 2);

            cluster.nodes().get(2).process().kill();
            awaitCount(rows, 1);
        }
    }

    private static void awaitCount(Locator rows, int count) {
        assertThat(rows)
                .hasCount(count, new LocatorAssertions.HasCountOptions().setTimeout(PATIENCE_MS));
    }
}
