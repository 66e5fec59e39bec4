package dev.longwave.server.centrifuge;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longwave.server.http.Json;
import java.nio.charset.StandardCharsets;

/** JSON for tests. */
final class JsonTexts {

    private JsonTexts() {}

    static JsonNode parsed(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return Json.parse(bytes, 0, bytes.length);
    }
}
