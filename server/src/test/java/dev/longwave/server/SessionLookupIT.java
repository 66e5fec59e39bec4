package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.longwave.broker.BrokerConfigurationException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sessions of an application that says whose they are, if it says anything. */
final class SessionLookupIT {

    private static final String ALICE =
            """
            {"subject":"alice","expiresIn":%d,"subscribe":["users/{sub}/**"],"roles":["staff"]}
            """;

    private final AtomicInteger requests = new AtomicInteger();
    private volatile Answer answer = exchange -> respond(exchange, 200, ALICE.formatted(60));
    private HttpServer application;
    private TestServer server;

    private interface Answer {
        void to(HttpExchange exchange) throws IOException;
    }

    @BeforeEach
    void start() throws IOException {
        application =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        application.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        application.createContext(
                "/",
                exchange -> {
                    requests.incrementAndGet();
                    answer.to(exchange);
                });
        application.start();
        server = serve("PT5S");
    }

    private TestServer serve(String cache) {
        return TestServer.with(
                "auth.cookie=sid",
                "auth.session-url=http://127.0.0.1:%d/whose"
                        .formatted(application.getAddress().getPort()),
                "auth.session-cache=" + cache,
                "auth.rules.0.who=staff",
                "auth.rules.0.topics=staff");
    }

    @AfterEach
    void stop() {
        server.close();
        application.stop(0);
    }

    @ParameterizedTest
    @CsvSource({"users/alice/x, 200", "users/bob/x, 403", "staff, 200", "other, 403"})
    void letsASessionReadWhatTheApplicationSays(String topic, int status) throws Exception {
        assertThat(history(topic, "s1").statusCode()).isEqualTo(status);
    }

    @Test
    void sendsTheSessionsCookieAndNoOther() throws Exception {
        var cookie = new AtomicReference<String>();
        answer =
                exchange -> {
                    cookie.set(exchange.getRequestHeaders().getFirst("Cookie"));
                    respond(exchange, 200, ALICE.formatted(60));
                };

        var _ = history("users/alice/x", "s1; theme=dark");

        assertThat(cookie).hasValue("sid=s1");
    }

    @Test
    void asksOnceForManyRequestsOfOneSession() throws Exception {
        var all = new CountDownLatch(1);
        answer =
                exchange -> {
                    awaitQuietly(all);
                    respond(exchange, 200, ALICE.formatted(60));
                };
        Callable<Integer> request = () -> history("users/alice/x", "s1").statusCode();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var first = threads.submit(request);
            await().until(() -> requests.get() == 1);
            all.countDown();
            var others = threads.invokeAll(Collections.nCopies(20, request));

            assertThat(first.get()).isEqualTo(200);
            assertThat(others).extracting(Future::get).containsOnly(200);
            assertThat(requests).hasValue(1);
        }
    }

    @ParameterizedTest
    @CsvSource({"401, 401", "403, 401", "404, 401", "500, 503", "302, 503", "204, 503"})
    void letsNobodyInWhomTheApplicationDoesNotKnow(int answered, int status) throws Exception {
        answer = exchange -> respond(exchange, answered, "");

        assertThat(history("users/alice/x", "s1").statusCode()).isEqualTo(status);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nonsense",
                "[]",
                "{\"subject\":\"alice\"}",
                "{\"subject\":7,\"expiresIn\":60}",
                "{\"subject\":\"alice\",\"expiresIn\":0}",
                "{\"subject\":\"alice\",\"expiresIn\":\"60\"}",
                "{\"subject\":\"alice\",\"expiresIn\":60,\"subscribe\":[\"a//b\"]}"
            })
    void takesNoOtherAnswer(String body) throws Exception {
        answer = exchange -> respond(exchange, 200, body);

        assertThat(history("users/alice/x", "s1").statusCode()).isEqualTo(503);
    }

    @Test
    void endsAStreamWithTheSession() throws Exception {
        answer = exchange -> respond(exchange, 200, ALICE.formatted(1));

        try (RawStream stream =
                RawStream.subscribe(server.port(), "/events/users/alice/x", "Cookie: sid=s1")) {
            assertThat(stream.head().getFirst()).contains("200");
            assertThat(stream.rest()).anyMatch(line -> line.startsWith("retry: "));
        }
    }

    /** A browser whose stream ends with its session reconnects at once. */
    @Test
    void asksAgainOnceTheSessionHasEnded() throws Exception {
        server.close();
        server = serve("PT5M");
        answer = exchange -> respond(exchange, 200, ALICE.formatted(1));
        var _ = history("users/alice/x", "s1");

        answer = exchange -> respond(exchange, 200, ALICE.formatted(60));

        await().until(() ->
                history("users/alice/x", "s1").statusCode() == 200 && requests.get() == 2);
    }

    @Test
    void asksAgainOnceClientsWereDisconnected() throws Exception {
        server.close();
        server = serve("PT5M");
        assertThat(history("users/alice/x", "s1").statusCode()).isEqualTo(200);

        answer = exchange -> respond(exchange, 401, "");
        disconnect("alice");

        assertThat(history("users/alice/x", "s1").statusCode()).isEqualTo(401);
    }

    /** The application has answered, and the stream is not open yet, when the session ends. */
    @Test
    void letsNoAnswerFromBeforeADisconnectOpenAStream() throws Exception {
        var asked = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        answer =
                exchange -> {
                    asked.countDown();
                    awaitQuietly(goOn);
                    answer = later -> respond(later, 401, "");
                    respond(exchange, 200, ALICE.formatted(60));
                };
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<String> opening =
                    threads.submit(() -> {
                        try (RawStream stream =
                                RawStream.subscribe(
                                        server.port(), "/events/users/alice/x", "Cookie: sid=s1")) {
                            return stream.head().getFirst();
                        }
                    });
            asked.await();
            disconnect("alice");
            goOn.countDown();

            assertThat(opening.get()).contains("401");
        }
    }

    @Test
    void keepsTheAnswersOfOthersWhenClientsAreDisconnected() throws Exception {
        server.close();
        server = serve("PT5M");
        assertThat(history("users/alice/x", "s1").statusCode()).isEqualTo(200);

        disconnect("bob");

        assertThat(history("users/alice/x", "s1").statusCode()).isEqualTo(200);
        assertThat(requests).hasValue(1);
    }

    private void disconnect(String subject) throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(server.server().adminUrl() + "/admin/disconnect"))
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString("{\"subject\":\"" + subject + "\"}"))
                        .build();
        assertThat(server.send(request).statusCode()).isEqualTo(202);
    }

    @Test
    void needsTheNameOfTheCookie() {
        assertThatThrownBy(() -> TestServer.with("auth.session-url=http://127.0.0.1/"))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("auth.cookie");
    }

    private HttpResponse<String> history(String topic, String cookie) throws Exception {
        return server.send(
                server.request("/history/" + topic).header("Cookie", "sid=" + cookie).build());
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private static void respond(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }
}
