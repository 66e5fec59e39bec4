package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longwave.testing.SignedToken;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** {@code GET /openapi.json} says what the server does, and what docs/http.md says. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class OpenApiIT {

    private static final Pattern REQUEST =
            Pattern.compile("(?m)^ {4}(GET|POST|DELETE) (/[a-z_]+(?:/\\{topic\\})?)(?![/a-z_])");
    private static final Pattern CODE = Pattern.compile("`([a-z0-9-]+)`");

    private final TestServer server = TestServer.with("auth.jwt.secret=" + SignedToken.SECRET);
    private JsonNode document;
    private String text;

    @BeforeAll
    void read() throws Exception {
        document = TestServer.json(server.get("/openapi.json"));
        text = Files.readString(Path.of("..", "docs", "http.md"));
    }

    @AfterAll
    void close() {
        server.close();
    }

    @Test
    void namesTheMethodsThatEachPathHas() throws Exception {
        for (String path : names(document.get("paths"))) {
            HttpResponse<String> options =
                    server.send(
                            server.request(path.replace("{topic}", "a"))
                                    .method("OPTIONS", HttpRequest.BodyPublishers.noBody())
                                    .build());

            assertThat(options.statusCode()).as(path).isEqualTo(204);
            Set<String> allowed =
                    Stream.of(options.headers().firstValue("Allow").orElse("").split(", "))
                            .filter(method -> !Set.of("HEAD", "OPTIONS").contains(method))
                            .map(method -> method.toLowerCase(Locale.ROOT))
                            .collect(Collectors.toCollection(TreeSet::new));
            Set<String> named = new TreeSet<>(names(document.get("paths").get(path)));
            named.remove("parameters");
            assertThat(named).as(path).isEqualTo(allowed);
        }
    }

    @Test
    void hasEachRequestOfTheDocumentation() {
        Matcher request = REQUEST.matcher(text);
        List<String> missing = new ArrayList<>();
        while (request.find()) {
            String method = request.group(1).toLowerCase(Locale.ROOT);
            if (document.get("paths").path(request.group(2)).path(method).isMissingNode()) {
                missing.add(method + ' ' + request.group(2));
            }
        }

        assertThat(missing).isEmpty();
    }

    @Test
    void namesTheProblemsOfTheDocumentation() {
        Set<String> documented =
                text.substring(text.indexOf("\n## Problems\n"))
                        .lines()
                        .filter(line -> line.startsWith("| `"))
                        .flatMap(line ->
                                CODE.matcher(line.substring(0, line.indexOf('|', 1))).results())
                        .map(code -> "urn:longwave:problem:" + code.group(1))
                        .collect(Collectors.toCollection(TreeSet::new));
        Set<String> named = new TreeSet<>();
        document.at("/components/schemas/Problem/properties/type/enum")
                .forEach(rule -> named.add(rule.textValue()));

        assertThat(named).isEqualTo(documented);
    }

    @Test
    void refersToWhatItHas() throws IOException {
        List<String> dangling =
                document.findValues("$ref").stream()
                        .map(JsonNode::textValue)
                        .filter(ref -> document.at(ref.substring(1)).isMissingNode())
                        .toList();

        assertThat(dangling).isEmpty();
        assertThat(document.get("openapi").textValue()).isEqualTo("3.2.0");
    }

    private static List<String> names(JsonNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }
}
