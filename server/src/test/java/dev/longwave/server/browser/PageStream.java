package dev.longwave.server.browser;

import com.microsoft.playwright.JSHandle;
import com.microsoft.playwright.Page;
import java.util.List;

/** A plain {@code EventSource} in a page, and what it has told. */
final class PageStream {

    private static final String OPEN =
            """
            url => new Promise(opened => {
              const source = new EventSource(url);
              const stream = { source, data: [] };
              source.onmessage = event => stream.data.push(event.data);
              source.onopen = () => opened(stream);
            })\
            """;
    private static final Page.WaitForFunctionOptions OFTEN =
            new Page.WaitForFunctionOptions().setPollingInterval(20);

    private final Page page;
    private final JSHandle stream;

    private PageStream(Page page, JSHandle stream) {
        this.page = page;
        this.stream = stream;
    }

    /** Opens a stream, and waits until it is open. */
    static PageStream open(Page page, String url) {
        return new PageStream(page, page.evaluateHandle(OPEN, url));
    }

    void close() {
        stream.evaluate("stream => stream.source.close()");
    }

    void awaitEvents(int count) {
        page.waitForFunction(
                "([stream, count]) => stream.data.length >= count", List.of(stream, count), OFTEN);
    }

    void awaitClosed() {
        page.waitForFunction(
                "stream => stream.source.readyState === EventSource.CLOSED", stream, OFTEN);
    }

    /** {@return the data of the events that came, in their order} */
    List<?> data() {
        return (List<?>) stream.evaluate("stream => stream.data");
    }
}
