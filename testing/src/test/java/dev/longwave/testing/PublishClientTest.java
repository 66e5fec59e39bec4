package dev.longwave.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;

final class PublishClientTest {

    @Test
    void triesAgainUnderOneIdUntilThereIsAnAnswer() throws IOException {
        try (var server =
                        new ScriptedServer(visit -> {
                            switch (visit.number()) {
                                case 1 -> visit.send("HTTP/1.1 200");
                                case 2 -> visit.send(answer("503 Service Unavailable", ""));
                                default ->
                                        visit.send(
                                                answer(
                                                        "200 OK",
                                                        "{\"id\":\"h.1\",\"duplicate\":true}"));
                            }
                        });
                var client = new PublishClient(server::port)) {
            PublishClient.Answer answer = client.publish("a/b c/é", "x", "t&u", null);

            assertThat(answer).isEqualTo(new PublishClient.Answer("h.1", true, 3));
            assertThat(server.requests()).hasSize(3);
            String first = server.requests().getFirst().lines().findFirst().orElseThrow();
            assertThat(first).startsWith("POST /events/a/b%20c/%C3%A9?id=").contains("&type=t%26u");
            assertThat(server.requests())
                    .allSatisfy(request -> assertThat(request).startsWith(first));
        }
    }

    @Test
    void failsOnceItIsRefused() throws IOException {
        try (var server = new ScriptedServer(visit -> visit.send(answer("413 Too Large", "why")));
                var client = new PublishClient(server::port)) {
            assertThatThrownBy(() -> client.publish("t", "x", null, null))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("status=413 why");
        }
    }

    private static String answer(String status, String body) {
        return "HTTP/1.1 %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
                .formatted(status, body.length(), body);
    }
}
