package dev.longwave.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.longwave.broker.testing.Ending;
import dev.longwave.broker.testing.Fate;
import dev.longwave.broker.testing.FaultProxy;
import dev.longwave.testing.EventSourceClient.State;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.http2.Http2Config;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The transports against a plain Helidon server. */
final class ProtocolTest {
    private static final int LAST = 9;
    private static final int FLOOD_BYTES = 1 << 20;
    private static final CountDownLatch STOPPED = new CountDownLatch(1);
    private static WebServer server;

    @BeforeAll
    static void start() {
        server =
                WebServer.builder()
                        .host("127.0.0.1")
                        .port(0)
                        .addProtocol(Http2Config.builder().sendErrorDetails(true).build())
                        .connectionOptions(options -> options.tcpNoDelay(true))
                        .routing(routing ->
                                routing.get("/count", ProtocolTest::count)
                                        .get("/hold", ProtocolTest::hold)
                                        .get("/flood", ProtocolTest::flood))
                        .build()
                        .start();
    }

    @AfterAll
    static void stop() {
        STOPPED.countDown();
        server.stop();
    }

    /** Three events after the cursor, then the end of the stream; 204 after the last. */
    private static void count(ServerRequest request, ServerResponse response) {
        int cursor =
                request.headers()
                        .first(HeaderNames.create("Last-Event-ID"))
                        .map(Integer::parseInt)
                        .orElse(0);
        if (cursor == LAST) {
            response.status(Status.NO_CONTENT_204).send();
            return;
        }
        response.header(HeaderNames.CONTENT_TYPE, "text/event-stream");
        try (OutputStream out = response.outputStream()) {
            for (int i = cursor + 1; i <= Math.min(cursor + 3, LAST); i++) {
                out.write("id: %d\ndata: é%d\n\n".formatted(i, i).getBytes(StandardCharsets.UTF_8));
                out.flush();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One event, and then nothing. */
    private static void hold(ServerRequest request, ServerResponse response) {
        response.header(HeaderNames.CONTENT_TYPE, "text/event-stream");
        try (OutputStream out = response.outputStream()) {
            out.write("data: a\n\n".getBytes(StandardCharsets.UTF_8));
            out.flush();
            STOPPED.await();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private static void flood(ServerRequest request, ServerResponse response) {
        try (OutputStream out = response.outputStream()) {
            out.write(new byte[FLOOD_BYTES]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @EnumSource(value = Protocol.class, names = "HTTP_.*", mode = EnumSource.Mode.MATCH_ALL)
    void followsAStreamAcrossReconnections(Protocol protocol) {
        try (var client =
                EventSourceClient.to(uri("/count"))
                        .over(protocol)
                        .reconnectAfter(Duration.ZERO)
                        .open()) {
            client.awaitClosed();

            assertThat(client.events())
                    .isEqualTo(
                            IntStream.rangeClosed(1, LAST)
                                    .mapToObj(i -> new ReceivedEvent("" + i, "message", "é" + i))
                                    .toList());
            assertThat(client.cursorsSent()).containsExactly("", "3", "6", "9");
            assertThat(client.status()).isEqualTo(204);
            assertThat(client.state()).isEqualTo(State.FAILED);
        }
    }

    @ParameterizedTest
    @EnumSource(value = Protocol.class, names = "HTTP_.*", mode = EnumSource.Mode.MATCH_ALL)
    void seesACutAtAnyByte(Protocol protocol) throws IOException {
        try (var proxy = new FaultProxy(server.port())) {
            int cuts;
            int offset = 0;
            do {
                cuts = proxy.cuts();
                proxy.fateOfNext(new Fate.Cut(offset, Ending.FIN));
                try (var client =
                        EventSourceClient.to(
                                        URI.create("http://127.0.0.1:" + proxy.port() + "/count"))
                                .over(protocol)
                                .reconnectAfter(Duration.ZERO)
                                .open()) {
                    client.awaitClosed();
                    assertThat(client.events().stream().map(ReceivedEvent::lastEventId))
                            .as("cut after %d bytes", offset)
                            .isEqualTo(
                                    IntStream.rangeClosed(1, LAST).mapToObj(i -> "" + i).toList());
                }
                offset++;
            } while (proxy.cuts() > cuts && offset < 10_000);
            assertThat(offset).isBetween(100, 9_999);
        }
    }

    @ParameterizedTest
    @EnumSource(value = Protocol.class, names = "HTTP_.*", mode = EnumSource.Mode.MATCH_ALL)
    void readsLongAnswers(Protocol protocol) throws IOException {
        try (Transport.Exchange exchange = protocol.get(uri("/flood"), Map.of())) {
            assertThat(exchange.head().status()).isEqualTo(200);
            assertThat(exchange.body().readNBytes(FLOOD_BYTES)).hasSize(FLOOD_BYTES);
        }
    }

    @Test
    void keepsAFrozenStreamFromHarmingOthersOnItsConnection() throws IOException {
        try (var connection = Http2Connection.open(uri("/"))) {
            Http2Stream frozen = connection.get(uri("/flood"), Map.of());
            assertThat(frozen.head().status()).isEqualTo(200);

            for (int i = 0; i < 20; i++) {
                try (Http2Stream other = connection.get(uri("/count"), Map.of())) {
                    assertThat(other.body().readAllBytes()).isNotEmpty();
                    assertThat(other.over()).isTrue();
                }
            }

            assertThat(frozen.over()).isFalse();
            assertThat(frozen.body().readAllBytes()).hasSize(FLOOD_BYTES);
        }
    }

    @Test
    void givesUpOneStreamAndKeepsTheConnection() throws IOException {
        try (var connection = Http2Connection.open(uri("/"))) {
            Http2Stream closed = connection.get(uri("/flood"), Map.of());
            closed.head();

            closed.close();

            assertThatThrownBy(() -> closed.body().readAllBytes())
                    .hasRootCauseInstanceOf(IOException.class)
                    .rootCause()
                    .hasMessageStartingWith("the stream was closed here");
            assertThat(connection.get(uri("/count"), Map.of()).body().readAllBytes()).isNotEmpty();
            assertThat(connection).asString().contains("gone=null");
        }
    }

    @Test
    void closesOneSourceAndKeepsTheOthersOnItsConnection() throws IOException {
        try (var connection = Http2Connection.open(uri("/"))) {
            List<EventSourceClient> clients =
                    IntStream.range(0, 10)
                            .mapToObj(_ ->
                                    EventSourceClient.to(uri("/hold")).over(connection::get).open())
                            .toList();
            clients.forEach(client -> client.awaitEvents(1));

            clients.subList(0, 5).forEach(EventSourceClient::close);

            clients.subList(0, 5).forEach(EventSourceClient::awaitClosed);
            try (var another = EventSourceClient.to(uri("/hold")).over(connection::get).open()) {
                another.awaitEvents(1);
            }
            assertThat(clients.subList(5, 10))
                    .allSatisfy(client -> assertThat(client.state()).isEqualTo(State.OPEN));
            assertThat(connection).asString().contains("gone=null");
        }
    }

    @Test
    void noticesThatTheConnectionIsGone() throws IOException {
        try (var proxy = new FaultProxy(server.port());
                var connection =
                        Http2Connection.open(URI.create("http://127.0.0.1:" + proxy.port()))) {
            Http2Stream stream = connection.get(uri("/flood"), Map.of());
            stream.head();

            proxy.cut();

            await().until(stream::over);
            await().until(connection::isGone);
            assertThatThrownBy(() -> connection.get(uri("/count"), Map.of()))
                    .isInstanceOf(IOException.class);
        }
    }

    private static URI uri(String target) {
        return URI.create("http://127.0.0.1:" + server.port() + target);
    }
}
