package dev.longwave.server.browser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.JSHandle;
import com.microsoft.playwright.Page;
import java.util.List;
import java.util.Map;

/**
 * A {@code WebSocket} with envelopes in a page, opened again and again, with tickets or the cookies
 * of the browser, and all that it has told the page.
 */
final class TicketSocket {

    private static final String PREPARE =
            """
            ({ server, topic, token }) => {
              const state = { told: [], since: '', ticket: '', open: false, closed: false };
              state.takeTicket = async purpose => {
                const response = await fetch(`https://${server}/tickets`, {
                  method: 'POST',
                  headers: {
                    'Authorization': 'Bearer ' + token,
                    'Content-Type': 'application/json',
                  },
                  body: JSON.stringify({ purpose, topics: [topic] }),
                });
                state.ticket = (await response.json()).ticket;
              };
              state.connect = () => {
                const query = new URLSearchParams();
                if (state.ticket) {
                  query.set('ticket', state.ticket);
                }
                if (state.since) {
                  query.set('since', state.since);
                }
                const socket =
                    new WebSocket(`wss://${server}/ws/${topic}?${query}`, 'longwave.v1.json');
                Object.assign(state, { open: false, closed: false });
                socket.onopen = () => state.open = true;
                socket.onclose = () => state.closed = true;
                socket.onmessage = message => {
                  const { cursor, id, gap, data } = JSON.parse(message.data);
                  state.since = cursor ?? id;
                  if (gap) {
                    state.told.push('gap: ' + gap);
                  } else if (data !== undefined) {
                    state.told.push(data);
                  }
                };
              };
              return state;
            }\
            """;

    private final Page page;
    private final JSHandle state;

    private TicketSocket(Page page, JSHandle state) {
        this.page = page;
        this.state = state;
    }

    /**
     * A socket that is not open yet.
     *
     * @param server host and port
     * @param token what the page gets its tickets for
     */
    static TicketSocket to(Page page, String server, String topic, String token) {
        return new TicketSocket(
                page,
                page.evaluateHandle(
                        PREPARE, Map.of("server", server, "topic", topic, "token", token)));
    }

    /**
     * Gets the ticket for the next connections.
     *
     * @throws com.microsoft.playwright.PlaywrightException if the page may not read the answer
     */
    void takeTicket(String purpose) {
        state.evaluate("(state, purpose) => state.takeTicket(purpose)", purpose);
    }

    /** {@return the ticket that was got last} */
    String ticket() {
        return (String) state.evaluate("state => state.ticket");
    }

    /**
     * Connects where it was left, with the ticket if there is one. {@return whether that opens the
     * socket, as opposed to being refused}
     */
    boolean opens() {
        state.evaluate("state => state.connect()");
        awaitState("state.open || state.closed");
        return (boolean) state.evaluate("state => state.open");
    }

    void awaitClosed() {
        awaitState("state.closed");
    }

    private void awaitState(String condition) {
        page.waitForFunction(
                "state => " + condition,
                state,
                new Page.WaitForFunctionOptions().setPollingInterval(20));
    }

    /** Waits until the data of all events so far, and the reasons of gaps, are these. */
    void awaitTold(String... expected) {
        await().pollInSameThread()
                .untilAsserted(() ->
                        assertThat(state.evaluate("state => state.told"))
                                .isEqualTo(List.of(expected)));
    }
}
