package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longwave.testing.SignedToken;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Clients that do too much are told when to try again. */
final class QuotaIT {

    private static final SignedToken ALICE = SignedToken.of("alice").subscribe("a").publish("a");

    private final TestServer server =
            TestServer.with(
                    "auth.jwt.secret=" + SignedToken.SECRET,
                    "limits.publishes-per-second=1",
                    "limits.streams-per-client=1",
                    "limits.tickets-per-minute=1");

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void tellsAPublisherWhenToTryAgain() throws Exception {
        HttpResponse<String> last = publish();
        for (int i = 0; i < 100 && last.statusCode() == 200; i++) {
            last = publish();
        }

        assertThat(last.statusCode()).isEqualTo(429);
        assertThat(last.headers().firstValue("Retry-After")).hasValue("1");
        assertThat(last.headers().firstValue("RateLimit-Policy"))
                .hasValue("\"publishes-per-second\";q=1;w=1");
        assertThat(last.headers().firstValue("RateLimit"))
                .hasValue("\"publishes-per-second\";r=0;t=1");
        assertThat(TestServer.json(last).path("detail").textValue())
                .contains("limits.publishes-per-second");
    }

    private HttpResponse<String> publish() throws Exception {
        return server.post("/events/a", "x", "Authorization", ALICE.bearer());
    }

    @Test
    void givesTheStreamsPlaceToTheNext() throws Exception {
        String bearer = "Authorization: " + ALICE.bearer();
        try (RawStream first = RawStream.subscribe(server.port(), "/events/a", bearer)) {
            assertThat(first.head().getFirst()).contains("200");
            try (RawStream second = RawStream.subscribe(server.port(), "/events/a", bearer)) {
                assertThat(second.head().getFirst()).contains("429");
            }
        }
        await().until(() -> {
            try (RawStream third = RawStream.subscribe(server.port(), "/events/a", bearer)) {
                var _ = publish(); // so that the server finds out that the first client has left
                return third.head().getFirst().contains("200");
            }
        });
    }

    @Test
    void givesOutOneTicketAMinute() throws Exception {
        assertThat(ticket().statusCode()).isEqualTo(201);
        assertThat(ticket().statusCode()).isEqualTo(429);
    }

    private HttpResponse<String> ticket() throws Exception {
        return server.post("/tickets", "", "Authorization", ALICE.bearer());
    }
}
