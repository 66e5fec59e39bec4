package dev.longwave.server.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.broker.TopicPattern;
import dev.longwave.server.session.Credential;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TicketTest {

    private static final List<TopicPattern> A = List.of(TopicPattern.parse("a/**"));

    @Test
    void survivesItsForm() {
        var all =
                new Ticket(
                        "id",
                        Purpose.EVENTS,
                        Instant.ofEpochMilli(1),
                        new Credential(
                                "alice",
                                "t1",
                                Instant.ofEpochMilli(2),
                                Instant.ofEpochMilli(3),
                                new Credential.Key("auth.jwt", "k1")),
                        new Grant(
                                new Permissions(A, A, A),
                                Grantee.authenticated("alice", Set.of("staff")),
                                A));
        var least =
                new Ticket(
                        "id",
                        Purpose.WEBSOCKET,
                        Instant.ofEpochMilli(1),
                        Credential.NONE,
                        new Grant(Permissions.NONE, Grantee.NOBODY));

        // Patterns are compared as text.
        assertThat(Ticket.parse(all.bytes())).hasToString(Optional.of(all).toString());
        assertThat(Ticket.parse(least.bytes())).hasToString(Optional.of(least).toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "{}", "{\"i\":\"1\",\"p\":\"events\",\"e\":1,\"l\":[\"a\"]}"})
    void isNoneOfAnotherVersion(String text) {
        assertThat(Ticket.parse(text.getBytes(StandardCharsets.UTF_8))).isEmpty();
    }
}
