package dev.longwave.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.longwave.testing.HaProxy;
import dev.longwave.testing.Nginx;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Messages that hide a request, sent directly and through real proxies. The hidden request never
 * runs: it would publish to a topic that stays empty; and clients that come later over a proxy's
 * connections get the responses to their own requests.
 *
 * <p>A proxy may take the hidden request for one of the client's own, if it is more tolerant than
 * Longwave. Then nothing was hidden from it, and its log has the request.
 */
final class SmugglingIT {

    private static final int AT_ONCE = 32;

    /** For an answer that may never come: to half a message, nobody owes one. */
    private static final Duration ANSWER = Duration.ofSeconds(4);

    /** For a second answer, which would be on its way by then. */
    private static final Duration SECOND_ANSWER = Duration.ofMillis(50);

    private static final List<String> HTTP_1_NAMES =
            Smuggled.overHttp1().stream().map(Smuggled.Message::name).toList();

    private static final List<String> HTTP_2_NAMES =
            Smuggled.overHttp2().stream().map(Smuggled.Downgrade::name).toList();

    private Target target;

    @BeforeEach
    void start() {
        target = Target.start("net.read-deadline=PT1S", "net.idle-timeout=PT1M");
    }

    @AfterEach
    void stop() {
        target.close();
    }

    /** Shows that the tests below can fail. */
    @Test
    void wouldSeeTheHiddenRequest() throws Exception {
        var pipelined =
                new Smuggled.Message(
                        "pipelined",
                        Requests.get("/health/live") + Smuggled.hidden(Smuggled.topic(0)));

        sendHttp1(target.port(), 0, pipelined);

        await().atMost(Target.TIMEOUT)
                .untilAsserted(() -> assertThat(topics()).containsExactly(Smuggled.topic(0)));
    }

    @Test
    void runsNoHiddenRequestThatComesDirectly() throws Exception {
        sendAllHttp1(target.port());

        assertThat(ranOf(HTTP_1_NAMES, List.of())).isEmpty();
    }

    @Test
    void runsNoHiddenRequestThatComesDirectlyOverHttp2() throws Exception {
        sendAllHttp2(target.port());

        assertThat(ranOf(HTTP_2_NAMES, List.of())).isEmpty();
    }

    @Test
    void runsNoHiddenRequestBehindNginx() throws Exception {
        try (Nginx nginx = nginx("", "")) {
            sendAllHttp1(nginx.port());

            assertThat(ranOf(HTTP_1_NAMES, nginx.requests())).isEmpty();
        }
    }

    /** Nginx then passes bodies on as they come. */
    @Test
    void runsNoHiddenRequestBehindAnNginxThatDoesNotBuffer() throws Exception {
        try (Nginx nginx = nginx("", "proxy_request_buffering off;")) {
            sendAllHttp1(nginx.port());

            assertThat(ranOf(HTTP_1_NAMES, nginx.requests())).isEmpty();
        }
    }

    @Test
    void runsNoHiddenRequestBehindAnNginxWithHttp2() throws Exception {
        try (Nginx nginx = nginx("http2", "proxy_request_buffering off;")) {
            sendAllHttp2(nginx.port());

            assertThat(ranOf(HTTP_2_NAMES, nginx.requests())).isEmpty();
        }
    }

    @Test
    void runsNoHiddenRequestBehindHaProxy() throws Exception {
        try (HaProxy proxy = HaProxy.start("", "", target.port())) {
            sendAllHttp1(proxy.port());

            assertThat(ranOf(HTTP_1_NAMES, proxy.requests())).isEmpty();
        }
    }

    @Test
    void runsNoHiddenRequestBehindAnHaProxyWithHttp2() throws Exception {
        try (HaProxy proxy = HaProxy.start("proto h2", "", target.port())) {
            sendAllHttp2(proxy.port());

            assertThat(ranOf(HTTP_2_NAMES, proxy.requests())).isEmpty();
        }
    }

    @Test
    void runsNoHiddenRequestBehindAnHaProxyThatSpeaksHttp2ToTheServer() throws Exception {
        try (HaProxy proxy = HaProxy.start("", "proto h2", target.port())) {
            sendAllHttp1(proxy.port());

            assertThat(ranOf(HTTP_1_NAMES, proxy.requests())).isEmpty();
        }
    }

    private Nginx nginx(String listenOptions, String more) throws IOException {
        return Nginx.start(
                "upstream longwave { server 127.0.0.1:%d; keepalive 64; }".formatted(target.port()),
                listenOptions,
                """
                client_max_body_size 0;
                location / {
                    proxy_pass http://longwave;
                    proxy_http_version 1.1;
                    proxy_set_header Connection '';
                    %s
                }
                """
                        .formatted(more));
    }

    private void sendAllHttp1(int port) throws Exception {
        List<Smuggled.Message> messages = Smuggled.overHttp1();
        var crowd = new Crowd(AT_ONCE);
        for (int i = 0; i < messages.size(); i++) {
            int number = i;
            crowd.with(
                    1,
                    () -> {
                        sendHttp1(port, number, messages.get(number));
                        assertVictimIsServed(port, messages.get(number).name());
                    });
        }
        crowd.act();
    }

    private static void sendHttp1(int port, int number, Smuggled.Message message)
            throws IOException {
        try (Wire wire = Wire.to(port)) {
            wire.timeout(ANSWER);
            boolean _ = wire.trySend(message.bytes(number));
            var _ = wire.reply();
            wire.timeout(SECOND_ANSWER);
            var _ = wire.reply();
        } catch (IOException _) {
            // Nobody has to answer.
        }
    }

    /** A client that comes later. */
    private static void assertVictimIsServed(int port, String name) throws IOException {
        try (Wire wire = Wire.asNeighbour(port)) {
            wire.send(Requests.get("/health/live"));
            assertThat(wire.reply().body()).as("for a client after %s", name).contains("\"ready\"");
        }
    }

    private void sendAllHttp2(int port) throws Exception {
        List<Smuggled.Downgrade> messages = Smuggled.overHttp2();
        var crowd = new Crowd(AT_ONCE);
        for (int i = 0; i < messages.size(); i++) {
            int number = i;
            crowd.with(
                    1,
                    () -> {
                        sendHttp2(port, number, messages.get(number));
                        assertHttp2VictimIsServed(port, messages.get(number).name());
                    });
        }
        crowd.act();
    }

    private static void sendHttp2(int port, int number, Smuggled.Downgrade message)
            throws IOException {
        try (Http2Wire connection = Http2Wire.open(port)) {
            connection.wire().timeout(ANSWER);
            boolean _ = connection.trySend(message.head(number));
            if (!message.body().isEmpty()) {
                boolean _ = connection.trySend(message.data(number));
            }
            var _ = connection.outcome(1);
        } catch (IOException _) {
            // Nobody has to answer.
        }
    }

    private static void assertHttp2VictimIsServed(int port, String name) throws IOException {
        try (Http2Wire connection = Http2Wire.open(port)) {
            connection.send(Frame.request(1, HeaderBlock.get("/health/live")));
            assertThat(connection.outcome(1))
                    .as("for a client after %s", name)
                    .isInstanceOfSatisfying(
                            Http2Wire.Outcome.Answered.class,
                            answered -> assertThat(answered.reply().body()).contains("\"ready\""));
        }
    }

    /** {@return the messages whose hidden request ran, though the proxy knows nothing of it} */
    private List<String> ranOf(List<String> names, List<String> knownToProxy) throws IOException {
        Set<String> topics = topics();
        List<String> ran = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            String path = "/events/" + Smuggled.topic(i);
            if (topics.contains(Smuggled.topic(i))
                    && knownToProxy.stream().noneMatch(line -> line.contains(path))) {
                ran.add(names.get(i));
            }
        }
        return ran;
    }

    private Set<String> topics() throws IOException {
        try (Wire wire = Wire.asNeighbour(target.port())) {
            wire.send(Requests.get("/history/smuggled/*?limit=1000"));
            JsonNode events = new ObjectMapper().readTree(wire.reply().body()).path("events");
            var topics = new TreeSet<String>();
            events.forEach(event -> topics.add(event.path("topic").asText()));
            return topics;
        }
    }
}
