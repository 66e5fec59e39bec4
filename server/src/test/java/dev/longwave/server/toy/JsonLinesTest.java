package dev.longwave.server.toy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerContext;
import dev.longwave.broker.BrokerProvider;
import dev.longwave.broker.Message;
import dev.longwave.broker.Settings;
import dev.longwave.core.CloseReason;
import dev.longwave.core.Hub;
import dev.longwave.core.HubOptions;
import dev.longwave.server.http.Json;
import dev.longwave.server.session.Sessions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class JsonLinesTest {

    private final Broker broker =
            ServiceLoader.load(BrokerProvider.class).stream()
                    .map(ServiceLoader.Provider::get)
                    .filter(provider -> provider.type().equals("memory"))
                    .findAny()
                    .orElseThrow()
                    .settings(new Settings(Map.of()))
                    .connect(BrokerContext.builder("toy").build());
    private final Hub hub = new Hub(broker, HubOptions.defaults());
    private final Sessions sessions = new Sessions(Duration.ofMillis(200), InstantSource.system());
    private final JsonLines server = new JsonLines(hub, sessions);

    JsonLinesTest() throws IOException {}

    @AfterEach
    void close() throws IOException {
        server.close();
        sessions.drain(Duration.ofSeconds(5));
        sessions.close();
        hub.close();
        broker.close();
    }

    @Test
    void receivesTheEventsOfItsTopic() throws Exception {
        try (var client = new Client("{\"topic\":\"a\"}")) {
            publish("other", "nothing for it");
            publish("a", "one");
            publish("a", "zwei \u20ac");

            assertThat(client.event().get("data").textValue()).isEqualTo("one");
            JsonNode second = client.event();
            assertThat(second.get("data").textValue()).isEqualTo("zwei \u20ac");
            assertThat(second.get("topic").textValue()).isEqualTo("a");
        }
    }

    @Test
    void resumesWhereItLeftOff() throws Exception {
        String id;
        try (var client = new Client("{\"topic\":\"a\"}")) {
            publish("a", "one");
            id = client.event().get("id").textValue();
        }
        publish("a", "two");
        publish("a", "three");

        try (var again = new Client("{\"topic\":\"a\",\"after\":\"" + id + "\"}")) {
            assertThat(again.opening().get("id").textValue()).isEqualTo(id);
            assertThat(again.event().get("data").textValue()).isEqualTo("two");
            assertThat(again.event().get("data").textValue()).isEqualTo("three");
        }
    }

    @Test
    void getsHeartbeatsThatSayHowFarItHasCome() throws Exception {
        try (var client = new Client("{\"topic\":\"a\"}")) {
            publish("a", "one");
            String id = client.event().get("id").textValue();

            JsonNode heartbeat = client.next();

            assertThat(heartbeat.get("heartbeat").booleanValue()).isTrue();
            assertThat(heartbeat.get("id").textValue()).isEqualTo(id);
        }
    }

    @Test
    void isDrainedWithTheOthers() throws Exception {
        try (var client = new Client("{\"topic\":\"a\"}")) {
            sessions.drain(Duration.ofMinutes(1));

            assertThat(client.end()).isEqualTo("shutdown");
            assertThat(sessions.count()).isZero();
        }
    }

    @Test
    void isEndedByWhoItsClientIs() throws Exception {
        try (var alice = new Client("{\"topic\":\"a\",\"name\":\"alice\"}");
                var bob = new Client("{\"topic\":\"a\",\"name\":\"bob\"}")) {
            int ended =
                    sessions.end(
                            session -> "alice".equals(session.credential().subject()),
                            CloseReason.FAILED);

            assertThat(ended).isEqualTo(1);
            assertThat(alice.end()).isEqualTo("failed");
            publish("a", "for bob");
            assertThat(bob.event().get("data").textValue()).isEqualTo("for bob");
        }
    }

    private void publish(String topic, String data) {
        var _ = hub.publish(topic, Message.of(data.getBytes(StandardCharsets.UTF_8)));
    }

    /** Subscribed once it is constructed. */
    private final class Client implements AutoCloseable {
        private final Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
        private final BufferedReader lines;
        private final JsonNode opening;

        Client(String request) throws IOException {
            lines =
                    new BufferedReader(
                            new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            socket.getOutputStream().write((request + "\n").getBytes(StandardCharsets.UTF_8));
            opening = next();
        }

        JsonNode opening() {
            return opening;
        }

        JsonNode next() throws IOException {
            byte[] line = lines.readLine().getBytes(StandardCharsets.UTF_8);
            return Json.parse(line, 0, line.length);
        }

        /** The next line that is no heartbeat. */
        JsonNode event() throws IOException {
            JsonNode line = next();
            while (line.has("heartbeat")) {
                line = next();
            }
            return line;
        }

        /** Why the server ends the stream, which it then does. */
        String end() throws IOException {
            String reason = event().get("end").textValue();
            assertThat(lines.readLine()).isNull();
            return reason;
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
