package dev.longwave.server.auth;

import dev.longwave.broker.Broker;
import dev.longwave.server.http.HttpFetch;
import dev.longwave.server.http.Problem;
import dev.longwave.server.http.ProblemException;
import dev.longwave.server.http.TrustedProxies;
import dev.longwave.server.session.Credential;
import dev.longwave.token.Sha256;
import io.helidon.webserver.http.ServerRequest;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Checks the credentials of requests: tokens, as bearer or in a cookie, the API keys of servers,
 * tickets, and, of a connection over TLS, the client's certificate. Safe for many threads.
 */
public final class Authenticator implements Access {

    private static final Duration SESSION_TIMEOUT = Duration.ofSeconds(5);
    private static final int MAX_SESSION_BYTES = 64 << 10;
    private static final Grant ANONYMOUS = new Grant(Permissions.NONE, Grantee.ANONYMOUS);

    private final String cookie;
    private final Keys keys;
    private final Revocations revocations;
    private final Consumer<RefusedRead> refused;
    private final InstantSource clock;
    private final CrossSite crossSite;
    private final Quotas quotas;
    private final RepeatedRefusals refusals;
    private final TrustedProxies proxies;
    private final Jwt tokens;
    private final ApiKeys apiKeys;
    private final @Nullable SessionLookup sessions;
    private final @Nullable ClientCertificates certificates;
    private final @Nullable Tickets tickets;
    private final Identity anonymous;

    /**
     * Checks credentials with {@code keys}.
     *
     * @param policy the one in force
     * @param keys closed with the authenticator
     * @param broker says which tickets were used
     * @param proxies says who sends a request
     * @param alone whether this is the only node, so that no other has to know its tickets
     * @param refused is told when a client with a subject may not read what it wants to; must not
     *     block
     * @throws dev.longwave.broker.BrokerConfigurationException if a secret is invalid
     */
    public Authenticator(
            AuthSettings settings,
            Supplier<Policy> policy,
            TrustedProxies proxies,
            Keys keys,
            Broker broker,
            boolean alone,
            Revocations revocations,
            Consumer<RefusedRead> refused,
            InstantSource clock) {
        var validity = new PresentValidity();
        this.refused = refused;
        this.cookie = settings.cookie();
        this.keys = keys;
        this.revocations = revocations;
        this.clock = clock;
        this.proxies = proxies;
        this.refusals = new RepeatedRefusals(settings.refusalsUntil204(), System::nanoTime);
        this.quotas = new Quotas(() -> policy.get().quotas(), System::nanoTime);
        this.crossSite = new CrossSite(() -> policy.get().cors(), proxies);
        Supplier<AccessRules> rules = () -> policy.get().rules();
        this.tokens =
                new Jwt(
                        keys.issuers(),
                        new Jwt.ClaimNames(settings.permissionsClaim(), settings.rolesClaim()),
                        rules,
                        validity,
                        clock);
        this.sessions =
                settings.sessionUrl() == null
                        ? null
                        : sessions(settings.sessionUrl(), settings, rules, validity);
        this.certificates =
                settings.clientCertificates() ? new ClientCertificates(rules, validity) : null;
        this.apiKeys = new ApiKeys(keys::apiKeys, rules, validity);
        this.tickets =
                keys.seal(settings.ticketSecret())
                        .or(() -> alone ? Optional.of(Seal.random()) : Optional.empty())
                        .filter(_ -> Tickets.canBeUsedOnceOn(broker))
                        .map(seal ->
                                new Tickets(
                                        broker,
                                        seal,
                                        settings.ticketLifetime(),
                                        rules,
                                        validity,
                                        clock))
                        .orElse(null);
        this.anonymous = Identity.anonymous(new Rights(() -> ANONYMOUS, rules));
    }

    private SessionLookup sessions(
            URI url,
            AuthSettings settings,
            Supplier<AccessRules> rules,
            Identity.Validity validity) {
        return new SessionLookup(
                url,
                settings.cookie(),
                settings.sessionCache(),
                new HttpFetch(SESSION_TIMEOUT, MAX_SESSION_BYTES),
                rules,
                validity,
                revocations,
                clock);
    }

    /** What issues tickets; null if there are none on this server. */
    @Nullable Tickets tickets() {
        return tickets;
    }

    @Override
    public Identity identify(ServerRequest request, Purpose purpose) {
        InetAddress network = proxies.client(request).network();
        return Presented.of(request, cookie)
                .map(presented -> identify(presented, request, purpose))
                .or(() -> byCertificate(request))
                .orElse(anonymous)
                .counted(quotas, network);
    }

    @Override
    public Identity identify(String token, Identity opener) {
        Identity client =
                token.startsWith(ApiKeys.PREFIX)
                        ? apiKeys.identify(token)
                        : tokens.identifyConnection(token);
        return client.countedAs(opener);
    }

    @Override
    public Identity identifySubscriber(String token, String topic, Identity client) {
        return tokens.identifySubscriber(token, topic, client.credential().subject());
    }

    @Override
    public boolean isRefusedTooOften(ServerRequest request) {
        return refusals.isOn() && refusals.isTooMany(client(request));
    }

    /** What refusals are counted by: the address, and a hash of the credential. */
    private String client(ServerRequest request) {
        String presented;
        try {
            presented =
                    Presented.of(request, cookie)
                            .map(credential -> Sha256.hex(credential.text()))
                            .orElse("");
        } catch (ProblemException _) {
            presented = ""; // in a way that is not supported
        }
        return proxies.client(request).network().getHostAddress() + ' ' + presented;
    }

    private Identity identify(Presented presented, ServerRequest request, Purpose purpose) {
        String text = presented.text();
        return switch (presented.kind()) {
            case BEARER ->
                    text.startsWith(ApiKeys.PREFIX)
                            ? apiKeys.identify(text)
                            : tokens.identify(text);
            case COOKIE -> {
                crossSite.check(request);
                yield sessions == null ? tokens.identify(text) : sessions.identify(text);
            }
            case TICKET -> withTicket(text, request, purpose);
        };
    }

    /**
     * A browser shows a certificate whatever the page is, as it sends a cookie. A proxy shows its
     * own, whoever its client is.
     */
    private Optional<Identity> byCertificate(ServerRequest request) {
        if (certificates == null || proxies.isProxy(request)) {
            return Optional.empty();
        }
        Optional<Identity> client = certificates.identify(request);
        client.ifPresent(_ -> crossSite.checkIfBrowser(request));
        return client;
    }

    private Identity withTicket(String text, ServerRequest request, Purpose purpose) {
        if (tickets == null) {
            throw Refusals.ticketsUnavailable().exception();
        }
        return tickets.identify(text, purpose, Presented.proof(request));
    }

    /** A credential that was accepted may have ended since. */
    private final class PresentValidity implements Identity.Validity {

        @Override
        public void check(Credential credential) {
            if (!clock.instant().isBefore(credential.expires())) {
                throw Refusals.credentialRefused("expired", "the credential has expired")
                        .exception();
            }
            revocations.check(credential);
            if (credential.key() != null && !keys.know(credential.key())) {
                throw Refusals.credentialRefused("unknown-key", "the key of the credential is gone")
                        .exception();
            }
        }

        @Override
        public void refused(Credential credential, Collection<String> topics, Problem why) {
            String subject = credential.subject();
            if (subject != null && !topics.isEmpty()) {
                refused.accept(
                        new RefusedRead(clock.instant(), subject, List.copyOf(topics), why.rule()));
            }
        }
    }

    @Override
    public void close() {
        keys.close();
        if (sessions != null) {
            sessions.close();
        }
    }
}
