package dev.longwave.server.ws;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longwave.core.Outbox;
import dev.longwave.server.http.Json;
import dev.longwave.server.http.Problem;
import dev.longwave.server.http.Problems;

/**
 * Publishes what JSON objects describe. A message with a {@code ref} is answered with the same
 * {@code ref} and what became of it; a problem always is, and the connection goes on.
 */
final class EnvelopeMessages implements WsConnection.Messages {

    private final RawPublishing publishing;
    private final Outbox<?> outbox;
    private final WsConnection connection;

    EnvelopeMessages(RawPublishing publishing, Outbox<?> outbox, WsConnection connection) {
        this.publishing = publishing;
        this.outbox = outbox;
        this.connection = connection;
    }

    @Override
    public void text(byte[] utf8) {
        JsonNode event = MissingNode.getInstance();
        try {
            event = parse(utf8);
            ObjectNode published = publishing.json(event);
            if (event.hasNonNull(RawPublishing.REF)) {
                answer(event, Json.object().set("published", published));
            }
        } catch (RuntimeException e) {
            answer(event, problem(e));
        }
    }

    @Override
    public void binary(byte[] data) {
        try {
            var _ = publishing.binary(data);
        } catch (RuntimeException e) {
            answer(MissingNode.getInstance(), problem(e));
        }
    }

    private static JsonNode parse(byte[] utf8) {
        try {
            return Json.parse(utf8, 0, utf8.length);
        } catch (IllegalArgumentException e) {
            throw Problem.malformedJson(e.getMessage() == null ? "not valid JSON" : e.getMessage())
                    .exception();
        }
    }

    private static ObjectNode problem(RuntimeException e) {
        return Json.object().set("problem", Problems.of(e).json());
    }

    private void answer(JsonNode event, ObjectNode answer) {
        JsonNode ref = event.path(RawPublishing.REF);
        if (ref.isTextual() || ref.isNumber()) {
            answer.set(RawPublishing.REF, ref);
        }
        connection.awaitRoom();
        var _ = outbox.send(ServerFrame.of(Opcode.TEXT, Json.bytes(answer)));
    }
}
