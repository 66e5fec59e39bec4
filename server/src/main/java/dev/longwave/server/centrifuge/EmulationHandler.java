package dev.longwave.server.centrifuge;

import dev.longwave.server.http.Allowance;
import dev.longwave.server.http.Body;
import dev.longwave.server.http.Memory;
import dev.longwave.server.http.Problem;
import io.helidon.http.Status;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * {@code POST /emulation}: commands of a client whose connection is a response. They are answered
 * there. A client is known by the name of its session, which cannot be guessed.
 */
final class EmulationHandler implements Handler {

    private static final int MAX_MEMBERS = 8;
    private static final int MAX_ESCAPES = 2; // a command's text is a string within another text

    private final Services services;
    private final EmulatedConnections connections;
    private final Memory memory;

    EmulationHandler(Services services, EmulatedConnections connections, Memory memory) {
        this.services = services;
        this.connections = connections;
        this.memory = memory;
    }

    @Override
    public void handle(ServerRequest request, ServerResponse response) {
        int max = services.settings().maxMessageBytes();
        try (Allowance allowance = memory.forRequest(request)) {
            byte[] body =
                    Body.bytes(
                            request,
                            memory,
                            allowance,
                            MAX_ESCAPES * max,
                            () -> Problem.bodyTooLarge(max));
            allowance.take(body.length);
            Map<String, JsonSlice> members = members(body);
            Connection connection =
                    connections
                            .get(text(members, "session"))
                            .orElseThrow(EmulationHandler::unknownSession);
            byte[] commands = commands(members);
            if (commands.length > max) {
                throw Problem.bodyTooLarge(max).exception();
            }
            if (!connection.receiveWithRequest(commands)) {
                throw tooMany();
            }
        }
        response.status(Status.NO_CONTENT_204).send();
    }

    private static Map<String, JsonSlice> members(byte[] body) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body));
            return JsonSlice.parse(body)
                    .orElseThrow(() -> new IllegalArgumentException("the body is not JSON"))
                    .members(MAX_MEMBERS);
        } catch (CharacterCodingException | IllegalArgumentException e) {
            throw malformed(e);
        }
    }

    private static String text(Map<String, JsonSlice> members, String name) {
        try {
            JsonSlice value = members.get(name);
            return value == null ? "" : value.text();
        } catch (IllegalArgumentException e) {
            throw malformed(e);
        }
    }

    /** Clients send a string; a JSON text as it is will do. */
    private static byte[] commands(Map<String, JsonSlice> members) {
        JsonSlice data = members.get("data");
        if (data == null) {
            return new byte[0];
        }
        return data.isText() ? data.text().getBytes(StandardCharsets.UTF_8) : data.bytes();
    }

    private static RuntimeException malformed(Exception e) {
        return Problem.malformedJson(String.valueOf(e.getMessage())).exception();
    }

    private static RuntimeException unknownSession() {
        return new Problem(
                        "session-unknown",
                        404,
                        "There is no such session",
                        "the session has ended, or it is at another node: the requests of a client"
                                + " must go where its stream is")
                .exception();
    }

    private static RuntimeException tooMany() {
        return new Problem(
                        "commands-pending",
                        429,
                        "The client has too many requests under way",
                        "too many requests with commands of one session max="
                                + Connection.MAX_PENDING)
                .with("max", Connection.MAX_PENDING)
                .exception();
    }
}
