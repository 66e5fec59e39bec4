package dev.longwave.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.longwave.broker.testing.Bus;
import dev.longwave.testing.EventSourceClient;
import dev.longwave.testing.PublishClient;
import dev.longwave.testing.ReceivedEvent;
import dev.longwave.testing.Seed;
import dev.longwave.testing.WebSocketClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Large binary events, from any way to publish them to any way to read them. */
final class BinaryIT {

    private static final int BYTES = 1 << 20;
    private static final List<String> SETTINGS = List.of("limits.data=1MiB", "ws.max-message=1MiB");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Random random = new Random(Seed.fresh());
    private final List<byte[]> sent = List.of(randomBytes(), randomBytes());

    private byte[] randomBytes() {
        var bytes = new byte[BYTES];
        random.nextBytes(bytes);
        return bytes;
    }

    @ParameterizedTest
    @EnumSource(Bus.Kind.class)
    void carriesAMebibyteFromNodeToNode(Bus.Kind kind) throws Exception {
        var settings = new ArrayList<>(SETTINGS);
        switch (kind) {
            case NATS, NATS_CLUSTER -> settings.add("broker.nats.max-message-bytes=1MiB");
            case REDIS, POSTGRES -> {} // as by default
        }
        try (Cluster cluster = Cluster.start(kind, 2, settings)) {
            carriesAMebibyte(cluster.nodes().getFirst(), cluster.nodes().getLast());
        }
    }

    @Test
    void carriesAMebibyteThroughTheMemoryBroker() throws Exception {
        try (Node node = Node.start("memory", SETTINGS)) {
            carriesAMebibyte(node, node);
        }
    }

    private void carriesAMebibyte(Node from, Node to) throws Exception {
        try (WebSocketClient publisher = WebSocketClient.connect(uri(from, "/ws/bin"));
                WebSocketClient raw = WebSocketClient.connect(uri(to, "/ws/bin?since=earliest"));
                EventSourceClient source =
                        EventSourceClient.to(uri(to, "/events/bin?since=earliest")).open();
                CentrifugeClient centrifuge = CentrifugeClient.connect(to)) {
            JsonNode begin = centrifuge.subscribe("bin", "");

            publisher.binary(sent.getFirst());
            assertSame(0, publisher.readData().payload());
            assertThat(from.publish("bin", sent.getLast()).statusCode()).isEqualTo(200);

            for (int i = 0; i < sent.size(); i++) {
                WebSocketClient.Frame frame = raw.readData();
                assertThat(frame.opcode()).isEqualTo(WebSocketClient.BINARY);
                assertSame(i, frame.payload());
                assertSame(i, centrifuge.push().required("pub"));
            }
            List<ReceivedEvent> events = source.awaitEvents(sent.size());
            for (int i = 0; i < sent.size(); i++) {
                assertSame(i, decoded(events.get(i).data()));
            }
            assertHistory(to);
            assertRecovery(to, begin);
        }
    }

    private void assertHistory(Node node) throws IOException {
        String since = "earliest";
        for (int i = 0; i < sent.size(); ) {
            HttpResponse<String> page =
                    node.ask("/history/bin?since=" + PublishClient.encoded(since));
            assertThat(page.statusCode()).isEqualTo(200);
            JsonNode json = JSON.readTree(page.body());
            assertThat(json.get("events")).isNotEmpty();
            for (JsonNode event : json.get("events")) {
                assertThat(event.get("encoding").textValue()).isEqualTo("base64");
                assertSame(i++, decoded(event.get("data").textValue()));
            }
            since = json.get("next").asText();
        }
    }

    private void assertRecovery(Node node, JsonNode begin) throws IOException {
        try (CentrifugeClient late = CentrifugeClient.connect(node)) {
            JsonNode recovered =
                    late.subscribe(
                            "bin",
                            ",\"recover\":true,\"epoch\":%s,\"offset\":%s"
                                    .formatted(begin.get("epoch"), begin.get("offset")));
            assertThat(recovered.path("recovered").booleanValue()).isTrue();
            int count = 0;
            for (JsonNode publication : recovered.path("publications")) {
                assertSame(count++, publication);
            }
            while (count < sent.size()) {
                assertSame(count++, late.push().required("pub"));
            }
        }
    }

    private void assertSame(int number, JsonNode publication) {
        assertThat(publication.at("/tags/encoding").textValue()).isEqualTo("base64");
        assertSame(number, decoded(publication.get("data").textValue()));
    }

    /** Without showing them. */
    private void assertSame(int number, byte[] received) {
        assertThat(Arrays.mismatch(sent.get(number), received))
                .as("the first byte that differs, of event %d", number)
                .isEqualTo(-1);
    }

    private static byte[] decoded(String base64) {
        return Base64.getDecoder().decode(base64);
    }

    private static URI uri(Node node, String target) {
        return URI.create("http://127.0.0.1:" + node.process().port() + target);
    }
}
