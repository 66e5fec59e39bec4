package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longwave.broker.BrokerConfigurationException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;

/** The admin listener of a whole server. */
final class AdminIT {

    @Test
    void showsWhatTheNodeServes() throws Exception {
        try (TestServer server = TestServer.with();
                RawStream _ = RawStream.subscribe(server.port(), "/events/a");
                RawStream _ = RawStream.subscribe(server.port(), "/events?topic=a&topic=b")) {
            await().until(() -> server.server().openStreams() == 2);
            server.publish("a", "to both");
            server.publish("b", "to one");
            await().until(() ->
                    TestServer.json(admin(server, "/figures?once"))
                                    .at("/totals/deliveries")
                                    .intValue()
                            == 3);

            JsonNode figures = TestServer.json(admin(server, "/figures?once"));

            assertThat(figures.get("streams").intValue()).isEqualTo(2);
            assertThat(figures.get("connections").intValue()).isEqualTo(3); // and the publisher's
            assertThat(figures.get("topics").intValue()).isEqualTo(2);
            assertThat(figures.get("subscriptions").intValue()).isEqualTo(3);
            assertThat(figures.at("/totals/events").intValue()).isEqualTo(2);
            assertThat(figures.at("/broker/type").textValue()).isEqualTo("memory");
            assertThat(figures.at("/broker/state").textValue()).isEqualTo("connected");
            assertThat(figures.at("/process/uptimeSeconds").isNumber()).isTrue();
            assertThat(figures.at("/process/heapBytes").longValue()).isPositive();
            assertThat(figures.has("busiest")).isFalse();
        }
    }

    @Test
    void namesTheBusiestTopics() throws Exception {
        try (TestServer server = TestServer.with();
                RawStream one = RawStream.subscribe(server.port(), "/events/a");
                RawStream other = RawStream.subscribe(server.port(), "/events?topic=a&topic=b")) {
            one.lineWith("id:");
            other.lineWith("id:");
            server.publish("a", "one");
            one.lineWith("data:");

            JsonNode busiest =
                    TestServer.json(admin(server, "/figures?once&topics=2")).get("busiest");

            assertThat(busiest).hasSize(2);
            assertThat(busiest.at("/0/topic").textValue()).isEqualTo("a");
            assertThat(busiest.at("/0/subscribers").intValue()).isEqualTo(2);
            assertThat(busiest.at("/0/events").intValue()).isEqualTo(1);
            assertThat(busiest.at("/0/lastEvent").textValue()).endsWith("Z");
            assertThat(busiest.at("/1/topic").textValue()).isEqualTo("b");
            assertThat(busiest.at("/1/lastEvent").isNull()).isTrue();
        }
    }

    @Test
    void givesTheSameHealthOnBothListeners() throws Exception {
        try (TestServer server = TestServer.with()) {
            for (String path : new String[] {"/health/live", "/health/ready"}) {
                assertThat(admin(server, path).statusCode()).isEqualTo(200);
                assertThat(TestServer.json(admin(server, path)))
                        .isEqualTo(TestServer.json(server.get(path)));
            }
        }
    }

    @Test
    void keepsTheFiguresOffThePublicListener() throws Exception {
        try (TestServer server = TestServer.with()) {
            assertThat(server.get("/figures").statusCode()).isEqualTo(404);
            assertThat(server.get("/").body()).contains("<body>");
        }
    }

    @Test
    void showsTheFiguresOnThePublicListenerWhereThatIsConfigured() throws Exception {
        try (TestServer server = TestServer.with("admin.public-figures=true")) {
            HttpResponse<String> response = server.get("/figures");

            assertThat(response.headers().firstValue("Content-Type")).contains("application/json");
            assertThat(TestServer.json(response).get("connections").intValue()).isOne();
            assertThat(server.get("/").body()).contains("<body data-figures>");
        }
    }

    @Test
    void saysThatItsPortIsTakenAndLeavesThePublicOneFree() throws IOException {
        int free;
        try (var probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = probe.getLocalPort();
        }
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = taken.getLocalPort();

            assertThatThrownBy(() -> TestServer.with("server.port=" + free, "admin.port=" + port))
                    .isInstanceOf(BrokerConfigurationException.class)
                    .hasMessageContaining("admin.port")
                    .hasMessageEndingWith("port=" + port);
            assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), free))
                    .isInstanceOf(ConnectException.class);
        }
    }

    @Test
    void goesWithTheServer() throws IOException {
        TestServer server = TestServer.with();
        URI admin = URI.create(server.server().adminUrl());
        new Socket(admin.getHost(), admin.getPort()).close();

        server.close();

        assertThatThrownBy(() -> new Socket(admin.getHost(), admin.getPort()))
                .isInstanceOf(ConnectException.class);
    }

    private static HttpResponse<String> admin(TestServer server, String path)
            throws IOException, InterruptedException {
        return server.send(
                HttpRequest.newBuilder(URI.create(server.server().adminUrl() + path)).build());
    }
}
