package dev.longwave.server.browser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.JSHandle;
import com.microsoft.playwright.Page;
import java.util.List;
import java.util.Map;

/** An {@code EventSource} in a page, and all that it has told the page. */
final class SignedInStream {

    private static final String OPEN =
            """
            ([url, credentials]) => {
              const source = new EventSource(url, { withCredentials: credentials });
              const stream = { source, told: [], opened: 0, failedAt: 0 };
              source.onmessage = event => stream.told.push(event.data);
              source.addEventListener('gap',
                  event => stream.told.push('gap: ' + JSON.parse(event.data).reason));
              source.onopen = () => stream.opened++;
              source.onerror = () => stream.failedAt ||= Date.now();
              return stream;
            }\
            """;

    private final Page page;
    private final JSHandle stream;

    private SignedInStream(Page page, JSHandle stream) {
        this.page = page;
        this.stream = stream;
    }

    /** Opens a stream with the cookies that the browser sends for it. */
    static SignedInStream open(Page page, String url, boolean withCredentials) {
        return new SignedInStream(page, page.evaluateHandle(OPEN, List.of(url, withCredentials)));
    }

    /**
     * {@return whether the stream is open, as opposed to refused} Waits until it is one of both.
     */
    boolean opens() {
        awaitState("stream.opened > 0 || stream.source.readyState === EventSource.CLOSED");
        return opened() > 0;
    }

    void close() {
        stream.evaluate("stream => stream.source.close()");
    }

    /** {@return how often it was opened, by itself after the first time} */
    int opened() {
        return (int) stream.evaluate("stream => stream.opened");
    }

    void awaitOpened(int times) {
        awaitState("stream.opened >= " + times);
    }

    /** Waits until it is closed for good. */
    void awaitClosed() {
        awaitState("stream.source.readyState === EventSource.CLOSED");
    }

    /** Waits until it has failed. {@return when, in milliseconds since 1970} */
    long awaitFailure() {
        awaitState("stream.failedAt > 0");
        return ((Number) stream.evaluate("stream => stream.failedAt")).longValue();
    }

    private void awaitState(String condition) {
        page.waitForFunction(
                "stream => " + condition,
                stream,
                new Page.WaitForFunctionOptions().setPollingInterval(20));
    }

    /** The data of all events so far, and the reasons of gaps. */
    List<?> told() {
        return (List<?>) stream.evaluate("stream => stream.told");
    }

    void awaitTold(String... expected) {
        await().pollInSameThread()
                .untilAsserted(() -> assertThat(told()).isEqualTo(List.of(expected)));
    }

    /** {@return the stream of a page that gets a ticket for {@code topic} with a token} */
    static SignedInStream openWithTicket(Page page, String server, String topic, String token) {
        String url =
                (String)
                        page.evaluate(
                                """
                                async ({ server, topic, token }) => {
                                  const response = await fetch(server + '/tickets', {
                                    method: 'POST',
                                    headers: {
                                      'Authorization': 'Bearer ' + token,
                                      'Content-Type': 'application/json',
                                    },
                                    body: JSON.stringify({ topics: [topic] }),
                                  });
                                  const { ticket } = await response.json();
                                  return server + '/events/' + topic + '?ticket=' + ticket;
                                }\
                                """,
                                Map.of("server", server, "topic", topic, "token", token));
        return open(page, url, false);
    }
}
