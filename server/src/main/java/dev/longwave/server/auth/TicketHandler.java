package dev.longwave.server.auth;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longwave.broker.TopicPattern;
import dev.longwave.core.TopicName;
import dev.longwave.server.http.Json;
import dev.longwave.server.http.Memory;
import dev.longwave.server.http.Problem;
import dev.longwave.server.http.Responses;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /tickets}: a ticket for a client that has signed in. The body may be a JSON object
 * with {@code topics}, to which the ticket is then narrowed, and {@code purpose}: {@code events} or
 * {@code websocket}.
 */
public final class TicketHandler implements Handler {

    private static final int MAX_TOPICS = 100;
    private static final Set<String> MEMBERS = Set.of("topics", "purpose");

    /** So that there is room in the request line for the rest of the URL. */
    private static final int MAX_TICKET = 6 << 10;

    private final Access access;
    private final @Nullable Tickets tickets;
    private final Memory memory;

    /**
     * A handler for the tickets of {@code authenticator}.
     *
     * @param authenticator signs clients in, and issues the tickets
     */
    public TicketHandler(Authenticator authenticator, Memory memory) {
        this.access = authenticator;
        this.tickets = authenticator.tickets();
        this.memory = memory;
    }

    @Override
    public void handle(ServerRequest request, ServerResponse response) {
        Identity client = access.identify(request, Purpose.OTHER);
        if (!client.isAuthenticated()) {
            throw Refusals.unauthenticated("get tickets").exception();
        }
        Tickets issuer = tickets;
        if (issuer == null) {
            throw Refusals.ticketsUnavailable().exception();
        }
        JsonNode body = JsonBody.read(request, memory, MEMBERS);
        Purpose purpose =
                Purpose.ofTicket(body.path("purpose").asText(Purpose.EVENTS.word()))
                        .orElseThrow(() ->
                                Problem.malformedParameter(
                                                "purpose", "purpose must be events or websocket")
                                        .exception());
        Grant grant = grant(client, body, purpose);
        client.countTicket();
        Tickets.Issued ticket = issuer.issue(client, grant, purpose);
        if (ticket.text().length() > MAX_TICKET) {
            throw Refusals.ticketTooLong(ticket.text().length(), MAX_TICKET).exception();
        }
        ObjectNode answer =
                Json.object()
                        .put("ticket", ticket.text())
                        .put("purpose", purpose.word())
                        .put("expires", ticket.expires().toString());
        if (client.subject() != null) {
            answer.put("subject", client.subject());
        }
        Responses.json(request, response, 201, answer);
    }

    /** What the ticket allows: what the client may do, in the topics that it asks for. */
    private static Grant grant(Identity client, JsonNode body, Purpose purpose) {
        JsonNode topics = body.path("topics");
        List<String> names = topics.isMissingNode() ? List.of() : names(topics);
        client.checkSubscribe(names);
        List<TopicPattern> patterns = names.stream().map(TopicPattern::parse).toList();
        Grant own = client.rights().grant();
        if (purpose == Purpose.EVENTS) {
            return own.reading(patterns);
        }
        return patterns.isEmpty() ? own : own.narrowed(patterns);
    }

    private static List<String> names(JsonNode topics) {
        if (!topics.isArray() || topics.isEmpty() || topics.size() > MAX_TOPICS) {
            throw Problem.malformedParameter(
                            "topics",
                            "topics must be an array of 1 to %d topics or patterns"
                                    .formatted(MAX_TOPICS))
                    .exception();
        }
        var names = new ArrayList<String>();
        topics.forEach(topic -> names.add(TopicName.checkedOrPattern(topic.asText())));
        return names;
    }
}
