package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longwave.server.hooks.Application;
import dev.longwave.server.presence.Member;
import dev.longwave.server.presence.Membership;
import java.io.IOException;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A server with hooks. */
final class HooksIT {

    private static final String NDJSON = "application/x-ndjson";

    private Application application;
    private TestServer server;

    @BeforeEach
    void start() throws IOException {
        application = new Application();
        application.answer(request -> {
            String data = request.data().at("/event/data").asText();
            return new Application.Response(
                    200,
                    switch (data) {
                        case "rude" -> "{\"refuse\":\"too rude\"}";
                        case "shy" -> "{\"data\":\"bold\"}";
                        default -> "{}";
                    });
        });
        server = serve(true);
    }

    private TestServer serve(boolean overHttp) {
        return TestServer.with(
                "hooks.url=" + application.url(),
                "hooks.secret=" + Application.SECRET,
                "hooks.events=joined,left,publish",
                "hooks.publish-over-http=" + overHttp,
                "presence.grace=PT0.1S");
    }

    @AfterEach
    void stop() {
        server.close();
        application.close();
    }

    @Test
    void tellsWhoComesAndGoes() {
        Membership alice = server.server().rooms().enter("room/1", new Member("c1", "alice", ""));
        await().until(() -> application.words().size() == 1);
        alice.close();
        await().until(() -> application.words().size() == 2);

        assertThat(application.words()).containsExactly("joined alice", "left alice");
        assertThat(application.forged()).isEmpty();
    }

    @Test
    void asksAboutAnEvent() throws Exception {
        assertThat(server.post("/events/a", "kind").statusCode()).isEqualTo(200);
        assertThat(server.post("/events/a", "shy").statusCode()).isEqualTo(200);
        assertRefused(server.post("/events/a", "rude"));

        assertThat(dataOf("a")).containsExactly("kind", "bold");
    }

    @Test
    void asksAboutEachEventOfABatch() throws Exception {
        HttpResponse<String> response =
                server.post(
                        "/publish",
                        "{\"events\":[{\"topic\":\"a\",\"data\":\"shy\"},"
                                + "{\"topic\":\"b\",\"data\":\"rude\"}]}");

        assertThat(assertRefused(response).get("index").intValue()).isEqualTo(1);
        assertThat(dataOf("a")).isEmpty();
    }

    @Test
    void asksAboutEachLine() throws Exception {
        HttpResponse<String> response =
                server.post(
                        "/events/a",
                        "{\"data\":\"shy\"}\n{\"data\":\"rude\"}\n",
                        "Content-Type",
                        NDJSON);

        JsonNode problem = assertRefused(response);
        assertThat(problem.get("line").intValue()).isEqualTo(2);
        assertThat(problem.get("published").intValue()).isEqualTo(1);
        assertThat(dataOf("a")).containsExactly("bold");
    }

    @Test
    void doesNotAskAboutWhatIsPublishedOverHttpUnlessItIsToldTo() throws Exception {
        server.close();
        server = serve(false);

        assertThat(server.post("/events/a", "rude").statusCode()).isEqualTo(200);

        assertThat(application.received()).isEmpty();
    }

    private Iterable<String> dataOf(String topic) throws Exception {
        return TestServer.json(server.get("/history/" + topic))
                .get("events")
                .findValuesAsText("data");
    }

    private static JsonNode assertRefused(HttpResponse<String> response) {
        assertThat(response.statusCode()).isEqualTo(403);
        JsonNode problem = TestServer.json(response);
        assertThat(problem.get("type").textValue())
                .isEqualTo("urn:longwave:problem:refused-by-hook");
        assertThat(problem.get("detail").textValue()).isEqualTo("too rude");
        return problem;
    }
}
