package dev.longwave.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Page;
import dev.longwave.broker.testing.Bus;
import dev.longwave.testing.Chromium;
import dev.longwave.testing.SignedToken;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code EventSource} with a ticket, whose node is killed, and then replaced with another. */
final class BrowserTicketIT {

    private static final List<String> SETTINGS =
            List.of(
                    "auth.jwt.secret=" + SignedToken.SECRET,
                    "cors.origins=*", // the page is that of another node
                    "sse.retry=PT0.2S");
    private static final SignedToken ALICE =
            SignedToken.of("alice").subscribe("news").publish("news");

    @Test
    void losesAndRepeatsNoEvent() throws Exception {
        try (Cluster cluster = Cluster.start(Bus.Kind.REDIS, 2, SETTINGS);
                Chromium chromium = Chromium.launch();
                Page page = chromium.newPage()) {
            Node other = cluster.nodes().getFirst();
            Node node = cluster.nodes().getLast();
            page.navigate("http://localhost:" + other.process().port() + "/health/live");
            page.evaluate(
                    """
                    url => {
                      window.told = [];
                      window.opened = 0;
                      const source = new EventSource(url);
                      source.onopen = () => opened++;
                      source.onmessage = event => told.push(event.data);
                      source.addEventListener('gap', event => told.push('gap ' + event.data));
                    }\
                    """,
                    "http://127.0.0.1:%d/events/news?ticket=%s"
                            .formatted(node.door().port(), node.ticket(ALICE)));
            page.waitForFunction("opened === 1");
            publish(other, "one");
            awaitTold(page, "one");

            node.process().kill();
            publish(other, "two");
            publish(other, "three");
            node.process().restart();
            page.waitForFunction("opened === 2");
            publish(other, "four");
            awaitTold(page, "one", "two", "three", "four");

            node.door().target(other.process().port());
            node.door().cut();
            page.waitForFunction("opened === 3");
            publish(other, "five");
            awaitTold(page, "one", "two", "three", "four", "five");
        }
    }

    private static void publish(Node node, String data) {
        assertThat(node.publish("news", data, ALICE).statusCode()).isEqualTo(200);
    }

    private static void awaitTold(Page page, String... expected) {
        await().pollInSameThread()
                .untilAsserted(() ->
                        assertThat((List<?>) page.evaluate("told")).isEqualTo(List.of(expected)));
    }
}
