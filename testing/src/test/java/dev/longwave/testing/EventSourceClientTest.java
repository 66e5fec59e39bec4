package dev.longwave.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longwave.testing.EventSourceClient.State;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Over HTTP/1.1, byte by byte; what all transports have in common is in {@link ProtocolTest}. */
final class EventSourceClientTest {

    @Test
    void dispatchesAnEventBeforeItsChunkIsComplete() throws IOException {
        try (var server =
                        new ScriptedServer(visit -> {
                            visit.send(
                                    ScriptedServer.head(
                                            "200 OK",
                                            "Content-Type: text/event-stream",
                                            "Transfer-Encoding: chunked"));
                            visit.send("40\r\nid: 1\ndata: a\n\nid: 2\ndata: ");
                            visit.hold();
                        });
                var client = EventSourceClient.to(server.uri()).open()) {
            assertThat(client.awaitEvents(1))
                    .containsExactly(new ReceivedEvent("1", "message", "a"));
            assertThat(client.state()).isEqualTo(State.OPEN);
        }
    }

    @Test
    void resumesAfterAnyCutInTheAnswer() throws IOException {
        String answer = ScriptedServer.STREAM + "id: 1\ndata: a\n\nid: 2\n\ndata: b\n\n";
        for (int cut = 0; cut < answer.length(); cut++) {
            int length = cut;
            try (var server =
                            new ScriptedServer(visit -> {
                                if (visit.number() == 1) {
                                    visit.send(answer.substring(0, length));
                                } else {
                                    visit.send(ScriptedServer.STREAM + "id: 9\ndata: end\n\n");
                                    visit.hold();
                                }
                            });
                    var client =
                            EventSourceClient.to(server.uri())
                                    .reconnectAfter(Duration.ZERO)
                                    .open()) {
                client.awaitLastEventId("9");
                String got = answer.substring(0, length);
                String cursor =
                        got.contains("id: 2\n\n")
                                ? "2"
                                : got.contains("id: 1\ndata: a\n\n") ? "1" : "";

                assertThat(client.connects()).isEqualTo(2);
                assertThat(client.cursorsSent()).containsExactly("", cursor);
                assertThat(server.requests().getFirst()).doesNotContain("Last-Event-ID");
                if (!cursor.isEmpty()) {
                    assertThat(server.requests().getLast())
                            .contains("Last-Event-ID: " + cursor + "\n");
                }
            }
        }
    }

    @Test
    void sendsNoCursorAfterABlockWithoutId() throws IOException {
        try (var server =
                        new ScriptedServer(visit -> {
                            switch (visit.number()) {
                                case 1 -> visit.send(ScriptedServer.STREAM + "id: 1\n\n");
                                case 2 -> visit.send(ScriptedServer.STREAM + "retry: 1\n\n");
                                default -> visit.send("HTTP/1.1 204 No Content\r\n\r\n");
                            }
                        });
                var client =
                        EventSourceClient.to(server.uri()).reconnectAfter(Duration.ZERO).open()) {
            client.awaitClosed();

            assertThat(client.cursorsSent()).containsExactly("", "1", "");
        }
    }

    @Test
    void waitsAsLongAsTheServerAsksFor() throws IOException {
        try (var server =
                        new ScriptedServer(visit ->
                                visit.send(
                                        ScriptedServer.STREAM
                                                + (visit.number() == 1
                                                        ? "retry: 1\n\n"
                                                        : "retry: 60000\ndata: a\n\n")));
                var client = EventSourceClient.to(server.uri()).open()) {
            client.awaitEvents(1);

            assertThat(client.reconnectionTime()).isEqualTo(Duration.ofMinutes(1));
            assertThat(client.connects()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 204 No Content\r\n\r\n",
                "HTTP/1.1 500 Oh\r\nContent-Type: text/event-stream\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\ndata: a\n\n",
                "HTTP/1.1 200 OK\r\n\r\ndata: a\n\n"
            })
    void stopsForGoodOnAnAnswerThatIsNoStream(String answer) throws IOException {
        try (var server = new ScriptedServer(visit -> visit.send(answer));
                var client =
                        EventSourceClient.to(server.uri()).reconnectAfter(Duration.ZERO).open()) {
            client.awaitClosed();

            assertThat(client.state()).isEqualTo(State.FAILED);
            assertThat(client.events()).isEmpty();
            assertThat(client.connects()).isEqualTo(1);
            assertThatThrownBy(client::awaitOpen)
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("failed on the way to an open stream");
        }
    }

    @Test
    void acceptsParametersOfTheMediaType() throws IOException {
        try (var server =
                        new ScriptedServer(visit -> {
                            visit.send(
                                    ScriptedServer.head(
                                            "200 OK",
                                            "content-type: Text/Event-Stream;charset=utf-8"));
                            visit.hold();
                        });
                var client = EventSourceClient.to(server.uri()).open()) {
            client.awaitOpen();
        }
    }

    @Test
    void leavesTheServerWhenClosed() throws Exception {
        var left = new CountDownLatch(1);
        try (var server =
                new ScriptedServer(visit -> {
                    visit.send(ScriptedServer.STREAM);
                    visit.hold();
                    left.countDown();
                })) {
            var client = EventSourceClient.to(server.uri()).reconnectAfter(Duration.ZERO).open();
            client.awaitOpen();

            client.close();

            assertThat(left.await(5, TimeUnit.MINUTES)).isTrue();
            client.awaitClosed();
            assertThat(client.state()).isEqualTo(State.CLOSED);
            assertThat(client.connects()).isEqualTo(1);
        }
    }

    @Test
    void failsWithItsListener() throws IOException {
        try (var server =
                        new ScriptedServer(
                                visit -> visit.send(ScriptedServer.STREAM + "data: a\n\n"));
                var client =
                        EventSourceClient.to(server.uri())
                                .onEvent(event -> {
                                    throw new AssertionError("unexpected " + event.data());
                                })
                                .open()) {
            client.awaitClosed();

            assertThat(client.state()).isEqualTo(State.FAILED);
            assertThat(client).asString().contains("unexpected a");
        }
    }
}
