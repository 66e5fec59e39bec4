package dev.longwave.server.auth;

import dev.longwave.broker.Broker;
import dev.longwave.broker.Capability;
import dev.longwave.server.auth.Identity.Validity;
import dev.longwave.server.http.ProblemException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Issues tickets, and accepts each once in the whole deployment. Safe for many threads.
 *
 * <p>A ticket is for browsers, whose {@code EventSource} and {@code WebSocket} can set no header:
 * it is in the query, and worth nothing once it has been used.
 */
final class Tickets {
    /*
     * A ticket holds all that it stands for, sealed, so any node can open it; that it is used once is for the broker's
     * claims to say.
     *
     * EventSource reconnects with the URL that it has, and so with a used ticket. What it also sends is the ID of the
     * last event, and on a stream that was opened with a ticket each ID has a proof in it, which only the client has
     * seen that used the ticket. So a used ticket, from a log, is worth nothing, and the stream goes on. The proof is
     * accepted in the header alone: a query would have both in the log.
     */
    private static final String CLAIM = "ticket:";

    private final Broker broker;
    private final Seal seal;
    private final Duration lifetime;
    private final Supplier<AccessRules> rules;
    private final Validity validity;
    private final InstantSource clock;

    Tickets(
            Broker broker,
            Seal seal,
            Duration lifetime,
            Supplier<AccessRules> rules,
            Validity validity,
            InstantSource clock) {
        this.broker = broker;
        this.seal = seal;
        this.lifetime = lifetime;
        this.rules = rules;
        this.validity = validity;
        this.clock = clock;
    }

    /** {@return whether a ticket can be used once on a broker like this} */
    static boolean canBeUsedOnceOn(Broker broker) {
        return broker.capabilities().contains(Capability.CLAIMS);
    }

    /** A ticket as its client gets it. */
    record Issued(String text, Instant expires) {}

    /** {@return a ticket for {@code client}, which may do no more than it} */
    Issued issue(Identity client, Grant grant, Purpose purpose) {
        Instant expires = clock.instant().plus(lifetime);
        var ticket = new Ticket(Seal.randomId(), purpose, expires, client.credential(), grant);
        return new Issued(seal.seal(ticket.bytes()), expires);
    }

    /**
     * {@return the client that a ticket was issued to}
     *
     * @param proof what the client knows if it has used the ticket before
     * @throws ProblemException if it is none, is for something else, has expired, or was used
     * @throws dev.longwave.broker.BrokerUnavailableException if nobody can say whether it was used;
     *     it may be used up then
     */
    Identity identify(String text, Purpose purpose, Optional<String> proof) {
        Ticket ticket =
                seal.open(text)
                        .flatMap(Ticket::parse)
                        .orElseThrow(() -> refused("ticket-unknown", "no such ticket"));
        if (ticket.purpose() != purpose) {
            throw refused("ticket-purpose", "the ticket is for something else");
        }
        if (proof.filter(known -> seal.proves(known, ticket.id())).isEmpty()) {
            use(ticket);
        }
        return Identity.withTicket(
                ticket.credential(),
                new Rights(ticket::grant, rules),
                validity,
                seal.proof(ticket.id()));
    }

    private void use(Ticket ticket) {
        if (!clock.instant().isBefore(ticket.expires())) {
            throw refused("ticket-expired", "the ticket has expired; get another one");
        }
        // Clocks differ: a claim must not be forgotten before the ticket expires on any node.
        if (!broker.claim(CLAIM + ticket.id(), lifetime.multipliedBy(2).plusMinutes(1))) {
            throw refused("ticket-used", "the ticket was used before; get another one");
        }
    }

    private static ProblemException refused(String reason, String words) {
        return Refusals.credentialRefused(reason, words).exception();
    }
}
