package dev.longwave.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.longwave.broker.testing.Bus;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A client of the Centrifuge protocol that comes back to another node, or to one that is new. */
final class CentrifugeClusterIT {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MISSED = 20;

    @ParameterizedTest
    @EnumSource(Bus.Kind.class)
    void recoversAtAnotherNodeAndAfterARestart(Bus.Kind kind) throws Exception {
        try (Cluster cluster = Cluster.start(kind, 2)) {
            Node one = cluster.nodes().get(0);
            Node other = cluster.nodes().get(1);
            JsonNode position;
            try (CentrifugeClient client = CentrifugeClient.connect(one)) {
                position = client.subscribe("t", "");
                publish(other, 0, 1);
                position = position(position, client.push().required("pub"));
            }
            assertThat(publish(other, 1, MISSED)).hasSize(MISSED);

            position = recovers(other, position, 1);
            publish(other, 1 + MISSED, MISSED);
            one.process().kill();
            one.process().restart();

            recovers(one, position, 1 + MISSED);
        }
    }

    /** As the client library does it: it keeps the position if there is one to recover from. */
    @ParameterizedTest
    @EnumSource(Bus.Kind.class)
    void recoversWhatATopicGotThatHadNothing(Bus.Kind kind) throws Exception {
        try (Cluster cluster = Cluster.start(kind, 2)) {
            Node one = cluster.nodes().get(0);
            Node other = cluster.nodes().get(1);
            JsonNode subscribed;
            try (CentrifugeClient client = CentrifugeClient.connect(one)) {
                subscribed = client.subscribe("t", "");
            }
            assertThat(subscribed.path("recoverable").booleanValue()).as("%s", subscribed).isTrue();
            publish(other, 0, MISSED);

            JsonNode position =
                    JSON.createObjectNode()
                            .put("epoch", subscribed.get("epoch").textValue())
                            .put("offset", subscribed.path("offset").longValue());
            recovers(other, position, 0);
            recovers(one, position, 0);
        }
    }

    /** Comes back after {@code position}. {@return where it stands then} */
    private static JsonNode recovers(Node node, JsonNode position, int first) throws Exception {
        try (CentrifugeClient client = CentrifugeClient.connect(node)) {
            JsonNode recovered =
                    client.subscribe(
                            "t",
                            ",\"recover\":true,\"epoch\":\"%s\",\"offset\":%d"
                                    .formatted(
                                            position.get("epoch").textValue(),
                                            position.get("offset").longValue()));
            assertThat(recovered.path("recovered").booleanValue()).as("%s", recovered).isTrue();
            assertThat(recovered.get("publications").findValuesAsText("data"))
                    .isEqualTo(data(first, MISSED));
            return recovered;
        }
    }

    /** {@return the position of a publication} */
    private static JsonNode position(JsonNode subscribed, JsonNode publication) {
        return JSON.createObjectNode()
                .put("epoch", subscribed.get("epoch").textValue())
                .put("offset", publication.get("offset").longValue());
    }

    private static List<String> publish(Node node, int first, int count) {
        List<String> data = data(first, count);
        data.forEach(each -> assertThat(node.publish("t", each).statusCode()).isEqualTo(200));
        return data;
    }

    private static List<String> data(int first, int count) {
        var data = new ArrayList<String>();
        for (int i = first; i < first + count; i++) {
            data.add("event " + i);
        }
        return data;
    }
}
