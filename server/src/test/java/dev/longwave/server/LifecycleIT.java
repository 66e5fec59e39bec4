package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.longwave.broker.BrokerConfigurationException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How streams, connections and servers come to their end, and what they leave behind. */
final class LifecycleIT {

    @Test
    void leavesNothingBehindWhenClientsLeave() throws Exception {
        try (TestServer server =
                TestServer.with("sse.heartbeat-interval=PT0.2S", "hub.topic-linger=PT0.1S")) {
            List<RawStream> streams = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                streams.add(RawStream.subscribe(server.port(), "/events/t" + i % 4));
            }
            LongwaveServer running = server.server();
            await().until(() -> running.openStreams() == 20 && running.topics() == 4);

            for (RawStream stream : streams) {
                // Half by FIN, half by RST.
                stream.socket().setSoLinger(streams.indexOf(stream) % 2 == 0, 0);
                stream.close();
            }

            await().until(() ->
                    running.openStreams() == 0
                            && running.subscriptions() == 0
                            && running.topics() == 0
                            && running.connections() == 0);
        }
    }

    @Test
    void givesUpAClientThatDoesNotRead() throws Exception {
        try (TestServer server =
                TestServer.with("net.write-deadline=PT0.5S", "sse.heartbeat-interval=PT0.2S")) {
            try (var frozen = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
                frozen.setReceiveBufferSize(4096);
                frozen.getOutputStream()
                        .write(
                                "GET /events/t HTTP/1.1\r\nHost: h\r\n\r\n"
                                        .getBytes(StandardCharsets.US_ASCII));
                await().until(() -> server.server().openStreams() == 1);
                String data = "x".repeat(60_000);

                await().until(() -> {
                    server.publish("t", data);
                    return server.server().openStreams() == 0;
                });
            }
        }
    }

    /** With windows so large that nothing but the connection itself holds the server up. */
    @Test
    void givesUpAnHttp2ClientThatDoesNotRead() throws Exception {
        try (TestServer server =
                        TestServer.with(
                                "net.write-deadline=PT0.5S", "sse.heartbeat-interval=PT0.2S");
                var frozen = new RawHttp2(server.port(), 4096, RawHttp2.LARGEST_WINDOW)) {
            frozen.get("/events/t");
            await().until(() -> server.server().openStreams() == 1);
            String data = "x".repeat(60_000);

            await().until(() -> {
                server.publish("t", data);
                // The publisher's connection is left.
                return server.server().openStreams() == 0 && server.server().connections() == 1;
            });
        }
    }

    @Test
    void refusesConnectionsBeyondTheLimitInWords() throws Exception {
        try (TestServer server =
                TestServer.with(
                        "limits.connections-per-address=2", "sse.heartbeat-interval=PT0.2S")) {
            RawStream one = RawStream.subscribe(server.port(), "/events/a");
            try (RawStream two = RawStream.subscribe(server.port(), "/events/a");
                    RawStream three = RawStream.subscribe(server.port(), "/events/a")) {
                assertThat(two.head().getFirst()).endsWith("200 OK");
                assertThat(three.head().getFirst()).contains(" 429 ");
                assertThat(three.rest())
                        .singleElement()
                        .asString()
                        .contains("connections-per-address", "\"max\":2");
                one.close();
                await().until(() -> server.server().connections() == 1);
            }
        }
    }

    @Test
    void limitsConnectionsInTotal() throws Exception {
        try (TestServer server = TestServer.with("limits.connections=1");
                RawStream one = RawStream.subscribe(server.port(), "/events/a");
                RawStream two = RawStream.subscribe(server.port(), "/events/a")) {
            assertThat(one.head().getFirst()).endsWith("200 OK");
            assertThat(two.rest()).singleElement().asString().contains("problem:connections");
        }
    }

    /** It cannot be said to it in words, as its protocol is not known. */
    @Test
    void endsConnectionsThatHaveSentNothingWhenItStops() throws Exception {
        try (TestServer server = TestServer.with();
                var silent = new Socket(InetAddress.getLoopbackAddress(), server.port());
                var begun = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            begun.getOutputStream().write('P'); // of HTTP/2's preface, or of POST
            await().until(() -> server.server().connections() == 2);

            server.server().close();

            assertThat(silent.getInputStream().read()).isEqualTo(-1);
            assertThat(begun.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void endsStreamsWhenItStops() throws Exception {
        try (TestServer server = TestServer.with();
                RawStream stream = RawStream.subscribe(server.port(), "/events/a")) {
            server.server().close();

            // The chunk of length 0 is what makes it an end rather than a cut.
            assertThat(stream.rest()).contains("0");
        }
    }

    @Test
    void findsNothingWrongWithClientsThatLeftBeforeItStops() throws Exception {
        try (Warnings warnings = Warnings.recorded()) {
            try (TestServer server = TestServer.with("sse.heartbeat-interval=PT10M")) {
                RawStream stream = RawStream.subscribe(server.port(), "/events/a");
                stream.socket().setSoLinger(true, 0);
                stream.close();

                server.server().close();
            }
            assertThat(warnings.records()).isEmpty();
        }
    }

    @Test
    void keepsAQuietStreamAliveWithHeartbeatsThatMoveTheId() throws Exception {
        try (TestServer server = TestServer.with("sse.heartbeat-interval=PT0.1S");
                RawStream stream = RawStream.subscribe(server.port(), "/events/a")) {
            String first = stream.lineWith("id: ");

            assertThat(stream.lineWith(":")).isEqualTo(":");
            assertThat(stream.lineWith("id: ")).isEqualTo(first);
        }
    }

    @Test
    void namesTheNearestKnownSetting() {
        assertThatThrownBy(() -> TestServer.with("sse.heartbeat-intervall=PT1S"))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("did you mean sse.heartbeat-interval?");
    }

    @Test
    void namesTheBrokersThatAreThere() {
        assertThatThrownBy(() -> TestServer.with("broker.type=memroy"))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("did you mean memory?");
    }

    @Test
    void refusesASettingThatTheBrokerDoesNotKnow() {
        assertThatThrownBy(() -> TestServer.with("broker.memory.retention-cont=5"))
                .hasMessageContaining("did you mean broker.memory.retention-count?");
    }

    @Test
    void saysThatThePortIsTaken() {
        try (TestServer first = TestServer.with()) {
            assertThatThrownBy(() -> TestServer.with("server.port=" + first.port()))
                    .isInstanceOf(BrokerConfigurationException.class)
                    .hasMessageContaining("port=" + first.port());
        }
    }

    @Test
    void doesNotOpenItselfToTheNetworkByAccident() {
        assertThatThrownBy(() -> TestServer.with("server.host=0.0.0.0"))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("server.open");
    }
}
