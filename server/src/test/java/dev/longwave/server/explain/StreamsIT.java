package dev.longwave.server.explain;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longwave.server.RawStream;
import dev.longwave.server.TestServer;
import dev.longwave.testing.SignedToken;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** {@code GET /admin/streams} of a real server. */
final class StreamsIT {

    private final TestServer server = TestServer.with("auth.jwt.secret=" + SignedToken.SECRET);

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void listsThoseOfAllClientsOrOfOne() throws Exception {
        try (RawStream alice = stream("alice", "/events?topic=news/1&topic=news/2");
                RawStream bob = stream("bob", "/events/news/1")) {
            String id = publish("news/2");
            assertThat(alice.lineWith("data: ")).isNotEmpty();

            JsonNode all = streams("");
            JsonNode of = streams("?subject=alice");

            assertThat(all.path("open").intValue()).isEqualTo(2);
            assertThat(all.path("streams").findValuesAsText("subject"))
                    .containsExactlyInAnyOrder("alice", "bob");
            assertThat(of.path("open").intValue()).isEqualTo(1);
            JsonNode found = of.at("/streams/0");
            assertThat(found.path("connection").textValue())
                    .startsWith(of.path("node").textValue() + '-');
            assertThat(found.path("transport").textValue()).isEqualTo("sse");
            assertThat(Instant.parse(found.path("opened").textValue()))
                    .isBeforeOrEqualTo(Instant.now());
            assertThat(found.path("topics"))
                    .extracting(JsonNode::textValue)
                    .containsExactlyInAnyOrder("news/1", "news/2");
            assertThat(found.path("topicCount").intValue()).isEqualTo(2);
            assertThat(found.path("delivered").intValue()).as(id).isEqualTo(1);
            assertThat(found.path("waiting").intValue()).isZero();
            assertThat(streams("?subject=").path("open").intValue()).isZero();
            assertThat(bob).isNotNull();
        }
    }

    @Test
    void listsNoMoreThanWanted() throws Exception {
        try (RawStream one = stream("alice", "/events/news/1");
                RawStream other = stream("alice", "/events/news/1")) {
            JsonNode some = streams("?max=1");

            assertThat(some.path("open").intValue()).isEqualTo(2);
            assertThat(some.path("streams")).hasSize(1);
            assertThat(one).isNotSameAs(other);
        }
        assertThat(ask("?max=0").statusCode()).isEqualTo(400);
        assertThat(ask("?max=1001").statusCode()).isEqualTo(400);
        assertThat(ask("?topic=a").statusCode()).isEqualTo(400);
    }

    private RawStream stream(String subject, String path) throws Exception {
        var stream =
                new RawStream(
                        server.port(),
                        "GET " + path + " HTTP/1.1",
                        "Authorization: " + SignedToken.of(subject).subscribe("news/*").bearer());
        stream.lineWith("id: ");
        return stream;
    }

    private String publish(String topic) throws Exception {
        SignedToken publisher = SignedToken.of("publisher").publish("news/*");
        return TestServer.json(
                        server.post("/events/" + topic, "x", "Authorization", publisher.bearer()))
                .path("id")
                .textValue();
    }

    private JsonNode streams(String query) throws Exception {
        return TestServer.json(ask(query));
    }

    private HttpResponse<String> ask(String query) throws Exception {
        return server.send(
                HttpRequest.newBuilder(
                                URI.create(server.server().adminUrl() + "/admin/streams" + query))
                        .build());
    }
}
