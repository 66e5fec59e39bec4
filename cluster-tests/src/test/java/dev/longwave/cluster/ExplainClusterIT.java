package dev.longwave.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.longwave.broker.testing.Bus;
import dev.longwave.testing.SignedToken;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A node explains what became of an event for its clients, no matter which node published it. */
final class ExplainClusterIT {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final SignedToken PUBLISHER =
            SignedToken.of("publisher").publish("news").subscribe("news");

    @ParameterizedTest
    @EnumSource(Bus.Kind.class)
    void eachNodeAnswersForItself(Bus.Kind kind) throws Exception {
        try (Cluster cluster =
                Cluster.start(kind, 2, List.of("auth.jwt.secret=" + SignedToken.SECRET))) {
            Node one = cluster.nodes().get(0);
            Node other = cluster.nodes().get(1);
            String early = publish(one, "early");
            try (var alice = new SignedInReader(one, "news", "alice");
                    var bob = new SignedInReader(other, "news", "bob")) {
                await().until(() -> alice.isOpen() && bob.isOpen());
                String id = publish(one, "1");
                String last = publish(other, "2");
                await().until(() -> alice.data().size() == 2 && bob.data().size() == 2);

                JsonNode ofOne = explain(one, id, "alice");
                JsonNode ofOther = explain(other, id, "alice");

                assertThat(ofOne.path("outcome").textValue()).isEqualTo("delivered");
                assertThat(ofOther.path("outcome").textValue()).isEqualTo("client-unknown");
                assertThat(ofOther.path("otherNodesAsked").asText()).isEqualTo("false");
                assertThat(ofOther.path("node")).isNotEqualTo(ofOne.path("node"));
                assertThat(ofOther.at("/event/time")).isEqualTo(ofOne.at("/event/time"));
                assertThat(explain(other, id, "bob").path("outcome").textValue())
                        .isEqualTo("delivered");
                assertThat(explain(other, early, "bob").path("outcome").textValue())
                        .isEqualTo("before-start");
                assertThat(explain(other, early, "bob").at("/event/state").textValue())
                        .isEqualTo("published");
                assertThat(explain(one, last, "alice").at("/event/state").textValue())
                        .isEqualTo("published");
                // An ID of this log that no event has, yet.
                String later = later(last);
                assertThat(explain(one, later, "alice").path("outcome").textValue())
                        .as(later)
                        .isEqualTo("event-unknown");
            }
        }
    }

    /** A later place in the same log: the second number of the position is greater. */
    private static String later(String id) {
        int dash = id.indexOf('-', id.indexOf('.'));
        return id.substring(0, dash + 1) + "zzzzzzzzzz";
    }

    private static String publish(Node node, String data) throws Exception {
        HttpResponse<String> published = node.publish("news", data, PUBLISHER);
        assertThat(published.statusCode()).as(published.body()).isEqualTo(200);
        return JSON.readTree(published.body()).path("id").textValue();
    }

    private static JsonNode explain(Node node, String id, String subject) throws Exception {
        HttpResponse<String> answer =
                node.askAdmin("/admin/explain?topic=news&id=%s&subject=%s".formatted(id, subject));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JSON.readTree(answer.body());
    }
}
