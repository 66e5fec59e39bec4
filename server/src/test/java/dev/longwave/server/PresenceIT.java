package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longwave.server.presence.Member;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code GET /presence/{topic}}. */
final class PresenceIT {

    private TestServer server = TestServer.with("presence.max-members=20000");

    @AfterEach
    void stop() {
        server.close();
    }

    private void restart(String... settings) {
        server.close();
        server = TestServer.with(settings);
    }

    private void enter(String topic, String connection, String user, String info) {
        var _ = server.server().rooms().enter(topic, new Member(connection, user, info));
    }

    @Test
    void saysWhoIsThere() throws Exception {
        enter("room/1", "c1", "alice", "{\"name\": \"Alice\"}");
        enter("room/1", "c2", "alice", "");
        enter("room/1", "c3", "", "");
        enter("room/2", "c4", "bob", "");

        HttpResponse<String> response = server.get("/presence/room/1");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body())
                .isEqualTo(
                        """
                        {"topic":"room/1","users":2,"connections":3,"members":[\
                        {"connection":"c1","user":"alice","info":{"name":"Alice"}},\
                        {"connection":"c2","user":"alice"},\
                        {"connection":"c3","user":null}],"next":null}\
                        """);
    }

    @Test
    void countsWithoutNames() throws Exception {
        enter("room/1", "c1", "alice", "");
        enter("room/1", "c2", "alice", "");

        HttpResponse<String> response = server.get("/presence/room/1?counts=true");

        assertThat(response.body())
                .isEqualTo("{\"topic\":\"room/1\",\"users\":1,\"connections\":2}");
    }

    @Test
    void answersForATopicWithoutMembers() throws Exception {
        assertThat(TestServer.json(server.get("/presence/nobody")).get("connections").intValue())
                .isZero();
    }

    @Test
    void pagesThroughTenThousandMembers() throws Exception {
        IntStream.range(0, 10_000).forEach(i -> enter("room/1", "c" + i, "u" + i / 2, "{}"));
        await().until(() ->
                TestServer.json(server.get("/presence/room/1?counts")).get("users").intValue()
                        == 5000);

        List<String> connections = new ArrayList<>();
        String after = "";
        while (after != null) {
            JsonNode page =
                    TestServer.json(server.get("/presence/room/1?limit=1000&after=" + after));
            page.get("members").forEach(m -> connections.add(m.get("connection").textValue()));
            after = page.get("next").textValue();
        }

        assertThat(connections).hasSize(10_000).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @CsvSource({
        "/presence/, topic-missing, 400",
        "/presence/a//b, topic-segment, 400",
        "/presence/a/*, topic-pattern, 400",
        "/presence/$longwave/presence, topic-reserved, 400",
        "/presence/a?limit=0, parameter-malformed, 400",
        "/presence/a?limit=1001, parameter-malformed, 400",
        "/presence/a?limit=x, parameter-malformed, 400",
        "/presence/a?counts=maybe, parameter-malformed, 400",
        "/presence/a?after=b&after=c, parameter-malformed, 400",
    })
    void namesTheRuleThatARequestBreaks(String path, String rule, int status) throws Exception {
        assertProblem(server.get(path), rule, status);
    }

    @Test
    void allowsGetAndHeadOnly() throws Exception {
        HttpResponse<String> response = server.post("/presence/a", "");

        assertThat(response.statusCode()).isEqualTo(405);
        assertThat(response.headers().firstValue("Allow")).hasValue("GET, HEAD, OPTIONS");
    }

    @ParameterizedTest
    @CsvSource({"open, 200, ", "closed, 401, authentication-required"})
    void answersThoseWhoMayKnow(String topic, int status, String rule) throws Exception {
        restart(
                "auth.rules.a.who=anonymous",
                "auth.rules.a.topics=open",
                "auth.rules.a.allow=presence",
                "auth.rules.b.who=anonymous",
                "auth.rules.b.topics=closed",
                "auth.rules.b.allow=subscribe,publish");

        HttpResponse<String> response = server.get("/presence/" + topic);

        if (rule == null) {
            assertThat(response.statusCode()).isEqualTo(status);
        } else {
            assertProblem(response, rule, status);
        }
    }

    private static void assertProblem(HttpResponse<String> response, String rule, int status) {
        assertThat(response.statusCode()).isEqualTo(status);
        JsonNode problem = TestServer.json(response);
        assertThat(problem.get("type").textValue()).isEqualTo("urn:longwave:problem:" + rule);
        assertThat(problem.get("detail").textValue()).isNotEmpty();
    }
}
