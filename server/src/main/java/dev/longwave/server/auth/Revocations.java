package dev.longwave.server.auth;

import dev.longwave.broker.Broker;
import dev.longwave.broker.Capability;
import dev.longwave.broker.Entry;
import dev.longwave.broker.GapReason;
import dev.longwave.broker.Message;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Start;
import dev.longwave.core.CloseReason;
import dev.longwave.core.TopicName;
import dev.longwave.server.auth.Revocation.Kind;
import dev.longwave.server.session.Credential;
import dev.longwave.server.session.Sessions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Ends the streams of clients that lose their right, on all nodes, and keeps them from coming back.
 * Safe for many threads.
 */
public final class Revocations implements AutoCloseable {
    /*
     * A revocation is an event of a topic that no client may use. Each node subscribes to it, and reads what it has when
     * it starts. So it reaches each node as reliably as any event does, and a node that missed some reads them again.
     */
    static final String TOPIC = TopicName.RESERVED + "/revocations";

    private static final int PAGE_ENTRIES = 1000;
    private static final int MAX_HASHES = 100_000;
    private static final int PAGE_BYTES = 1 << 20;
    private static final System.Logger LOGGER = System.getLogger(Revocations.class.getName());

    private final Broker broker;
    private final Sessions sessions;
    private final InstantSource clock;
    private final Map<String, Revocation> inForce = new ConcurrentHashMap<>();
    private final Map<String, String> hashes = new ConcurrentHashMap<>();
    private final RecentRevocations recent = new RecentRevocations();
    private final Broker.Subscription subscription;

    /**
     * Subscribes, and reads the revocations that are in force.
     *
     * @throws dev.longwave.broker.BrokerUnavailableException if the broker cannot be read
     */
    public Revocations(Broker broker, Sessions sessions, InstantSource clock) {
        this.broker = broker;
        this.sessions = sessions;
        this.clock = clock;
        this.subscription =
                broker.subscribe(
                        TOPIC,
                        new Broker.Sink() {
                            @Override
                            public void message(Entry entry) {
                                take(entry);
                            }

                            @Override
                            public void gap(Position after, Position before, GapReason reason) {
                                Thread.ofVirtual()
                                        .name("longwave-revocations")
                                        .start(() -> readAgain(before));
                            }
                        });
        try {
            read(subscription.start());
        } catch (RuntimeException e) {
            subscription.close();
            throw e;
        }
    }

    /**
     * Ends all streams of the clients meant, on all nodes. Blocks until the broker has accepted it.
     *
     * @param keepOut how long their credentials are refused; zero if they may connect again at once
     * @throws dev.longwave.broker.BrokerUnavailableException if other nodes may not learn of it
     */
    void revoke(Kind kind, String value, Duration keepOut) {
        Instant now = clock.instant();
        Revocation revocation = Revocation.of(kind, value, now, now.plus(keepOut));
        apply(revocation); // here at once, whatever the broker says
        var _ = broker.publish(TOPIC, Message.of(revocation.bytes()));
    }

    /**
     * Checks that a credential still holds.
     *
     * @throws dev.longwave.server.http.ProblemException if it was revoked
     */
    void check(Credential credential) {
        if (inForce.isEmpty()) {
            return;
        }
        for (Kind kind : Kind.values()) {
            String value = kind.of(credential);
            Revocation revocation = value == null ? null : inForce.get(key(kind, value));
            if (revocation != null
                    && revocation.means(credential, this::hash)
                    && clock.instant().isBefore(revocation.until())) {
                throw Refusals.credentialRefused("revoked", "the credential was revoked")
                        .exception();
            }
        }
    }

    /** {@return how many this node has learned of, also of clients that may connect again} */
    long count() {
        return recent.count();
    }

    /**
     * {@return whether {@code credential} was meant by one after the first {@code count}}
     *
     * @param ifForgotten the answer if there were so many since that nobody knows
     */
    boolean haveMeant(Credential credential, long count, boolean ifForgotten) {
        return recent.since(count)
                .map(since -> since.stream().anyMatch(each -> each.means(credential, this::hash)))
                .orElse(ifForgotten);
    }

    private String key(Kind kind, String value) {
        return kind.word() + ':' + hash(value);
    }

    /** The hash of a subject or token ID, of which open streams have few and ask often. */
    private String hash(String value) {
        if (hashes.size() > MAX_HASHES) {
            hashes.clear();
        }
        return hashes.computeIfAbsent(value, Revocation::hash);
    }

    private void take(Entry entry) {
        Revocation.parse(entry.message().data()).ifPresent(this::apply);
    }

    /** One that has lapsed must not end the streams of clients that have come back since. */
    private void takeIfInForce(Entry entry) {
        Revocation.parse(entry.message().data())
                .filter(revocation -> clock.instant().isBefore(revocation.until()))
                .ifPresent(this::apply);
    }

    private void apply(Revocation revocation) {
        Instant now = clock.instant();
        recent.add(revocation); // before streams end, since their clients reconnect
        if (now.isBefore(revocation.until())) {
            inForce.values().removeIf(old -> !now.isBefore(old.until()));
            inForce.merge(
                    revocation.kind().word() + ':' + revocation.hash(),
                    revocation,
                    Revocation::and);
        }
        int ended =
                sessions.end(
                        session -> revocation.means(session.credential(), this::hash),
                        CloseReason.REVOKED);
        LOGGER.log(
                System.Logger.Level.DEBUG,
                "revoked kind={0} streams={1} until={2}",
                revocation.kind().word(),
                ended,
                revocation.until());
    }

    private void readAgain(Position until) {
        try {
            read(until);
        } catch (RuntimeException e) {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    "revocations may have been missed on this node: the broker cannot be read; say"
                            + " them again",
                    e);
        }
    }

    /** Reads what the log has up to {@code until}. */
    private void read(Position until) {
        if (!broker.capabilities().contains(Capability.HISTORY)) {
            return;
        }
        Start start = Start.earliest();
        @Nullable Page page = null;
        do {
            page = broker.history(TOPIC, start, until, PAGE_ENTRIES, PAGE_BYTES);
            page.entries().forEach(this::takeIfInForce);
            start = Start.after(page.end());
        } while (page.more());
    }

    @Override
    public void close() {
        subscription.close();
    }
}
