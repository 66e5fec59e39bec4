package dev.longwave.server.hooks;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longwave.broker.Attributes;
import dev.longwave.broker.Message;
import dev.longwave.server.http.Problem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;

/** What an answer of the application makes of an event. */
final class Rewriting {

    private static final String BINARY = "application/octet-stream";

    private final int maxDataBytes;

    Rewriting(int maxDataBytes) {
        this.maxDataBytes = maxDataBytes;
    }

    /**
     * {@return the event as the application wants it}
     *
     * @throws dev.longwave.server.http.ProblemException if it refuses the event
     * @throws IOException if the answer is not valid
     */
    Message apply(JsonNode answer, Message message) throws IOException {
        if (!answer.isObject()) {
            throw new IOException("the answer must be a JSON object");
        }
        if (answer.has("refuse")) {
            throw refusal(answer).exception();
        }
        JsonNode data = answer.get("data");
        if (data == null) {
            return message;
        }
        boolean binary = answer.path("encoding").asText("").equals("base64");
        byte[] bytes = binary ? decoded(data) : text(data);
        if (bytes.length > maxDataBytes) {
            throw new IOException("the data of the answer is too large max=" + maxDataBytes);
        }
        return rewritten(message, bytes, binary);
    }

    /** {@return what the client is told} */
    static Problem refusal(JsonNode answer) {
        return Refusals.refused(answer.path("refuse").asText(""));
    }

    private static byte[] text(JsonNode data) {
        String text = data.isTextual() ? data.textValue() : data.toString();
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] decoded(JsonNode data) throws IOException {
        try {
            return Base64.getDecoder().decode(data.asText());
        } catch (IllegalArgumentException e) {
            throw new IOException("the data of the answer is not base64", e);
        }
    }

    /** All but the data stays; the media type, too, unless it says text of binary data or so. */
    private static Message rewritten(Message message, byte[] data, boolean binary)
            throws IOException {
        try {
            Message.Builder rewritten =
                    Message.builder(data)
                            .id(message.id())
                            .type(message.type())
                            .key(message.key())
                            .end(message.end());
            boolean sameKind = message.isText() != binary;
            for (Map.Entry<String, String> each : message.attributes().toMap().entrySet()) {
                if (sameKind || !each.getKey().equals(Attributes.CONTENT_TYPE)) {
                    rewritten.attribute(each.getKey(), each.getValue());
                }
            }
            if (binary && !sameKind) {
                rewritten.attribute(Attributes.CONTENT_TYPE, BINARY);
            }
            return rewritten.build();
        } catch (IllegalArgumentException e) {
            throw new IOException("the answer makes no valid event: " + e.getMessage(), e);
        }
    }
}
