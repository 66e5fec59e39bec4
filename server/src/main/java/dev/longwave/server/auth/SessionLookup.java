package dev.longwave.server.auth;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longwave.broker.TopicPattern;
import dev.longwave.server.auth.Identity.Validity;
import dev.longwave.server.http.HttpFetch;
import dev.longwave.server.http.Json;
import dev.longwave.server.http.Problem;
import dev.longwave.server.session.Credential;
import dev.longwave.token.Sha256;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Asks the application whose session a cookie belongs to: for applications that keep sessions
 * themselves, and issue no tokens. Safe for many threads.
 */
final class SessionLookup implements AutoCloseable {
    /*
     * One request at a time for each cookie: the first to ask makes it, and the others wait for its answer, which all
     * use for a few seconds. An answer that was no answer is kept for a second, so that an application that is down is
     * not asked by each of ten thousand clients that reconnect. An answer that the cookie is nobody's is kept like any.
     *
     * No answer is used once its session has ended: the client whose stream ends then reconnects at once, and the
     * application may have renewed the session. Nor is one from before a revocation: the application ends a session
     * first and its streams second, and the streams must not come back with what was true before.
     */
    private static final Duration FAILURE_KEPT = Duration.ofSeconds(1);
    private static final int ATTEMPTS = 3;
    private static final int MAX_KEPT = 100_000;
    private static final long MAX_SECONDS = Duration.ofDays(366).toSeconds();
    private static final System.Logger LOGGER = System.getLogger(SessionLookup.class.getName());

    private final URI url;
    private final String cookie;
    private final Duration cached;
    private final HttpFetch fetch;
    private final Supplier<AccessRules> rules;
    private final Validity validity;
    private final Revocations revocations;
    private final InstantSource clock;
    private final Map<String, Asked> asked = new ConcurrentHashMap<>(); // by the cookie's hash

    /**
     * A request to the application.
     *
     * @param revocations how many revocations there had been when it was made
     */
    private record Asked(CompletableFuture<Identity> answer, Instant until, long revocations) {

        boolean holds(Instant now) {
            return now.isBefore(until);
        }

        Asked until(Instant end) {
            return new Asked(answer, end, revocations);
        }
    }

    /**
     * Asks at {@code url}.
     *
     * @param cookie the name of the cookie that is sent along, and no other
     * @param cached how long an answer is used
     * @param revocations those of this node
     */
    SessionLookup(
            URI url,
            String cookie,
            Duration cached,
            HttpFetch fetch,
            Supplier<AccessRules> rules,
            Validity validity,
            Revocations revocations,
            InstantSource clock) {
        this.url = url;
        this.cookie = cookie;
        this.cached = cached;
        this.fetch = fetch;
        this.rules = rules;
        this.validity = validity;
        this.revocations = revocations;
        this.clock = clock;
    }

    /**
     * {@return the client whose session has this cookie} Blocks.
     *
     * @throws dev.longwave.server.http.ProblemException if it is nobody's, or the application does
     *     not answer
     */
    Identity identify(String value) {
        String key = Sha256.hex(value);
        for (int i = 0; i < ATTEMPTS; i++) {
            Asked present = asked(key, value);
            Identity identity = answer(present);
            if (!revocations.haveMeant(identity.credential(), present.revocations(), true)) {
                return identity;
            }
            asked.remove(key, present); // the session may have ended since
        }
        throw Refusals.sessionsUnavailable().exception();
    }

    private Asked asked(String key, String value) {
        Instant now = clock.instant();
        long revoked = revocations.count();
        var first = new AtomicBoolean();
        Asked present =
                asked.compute(
                        key,
                        (_, known) -> {
                            if (known != null && known.holds(now)) {
                                return known;
                            }
                            first.set(true);
                            return new Asked(new CompletableFuture<>(), now.plus(cached), revoked);
                        });
        if (first.get()) {
            ask(key, value, present);
        }
        return present;
    }

    private static Identity answer(Asked present) {
        try {
            return present.answer().join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    private void ask(String key, String value, Asked request) {
        CompletableFuture<Identity> answer = request.answer();
        try {
            Identity identity = answered(value, request.revocations());
            Instant end = identity.credential().expires();
            if (end.isBefore(request.until())) {
                asked.replace(key, request, request.until(end));
            }
            answer.complete(identity);
        } catch (IOException e) {
            LOGGER.log(
                    System.Logger.Level.DEBUG,
                    "the application does not say whose session it is host={0} reason={1}",
                    url.getHost(),
                    e.getMessage());
            asked.put(key, request.until(clock.instant().plus(FAILURE_KEPT)));
            answer.completeExceptionally(Refusals.sessionsUnavailable().exception());
        } catch (Throwable e) { // or others would wait for it for ever
            answer.completeExceptionally(e);
        } finally {
            forgetSome();
        }
    }

    private Identity answered(String value, long revoked) throws IOException {
        HttpResponse<byte[]> response = fetch.get(url, Map.of("Cookie", cookie + '=' + value));
        return switch (response.statusCode()) {
            case 200 -> identity(response.body(), revoked);
            case 401, 403, 404 ->
                    throw Refusals.credentialRefused(
                                    "session", "the application knows no such session")
                            .exception();
            default -> throw new IOException("unexpected status=" + response.statusCode());
        };
    }

    private Identity identity(byte[] body, long revoked) throws IOException {
        try {
            JsonNode json = Json.parse(body, 0, body.length);
            JsonNode subject = json.path("subject");
            JsonNode seconds = json.path("expiresIn");
            if (!subject.isTextual() || !seconds.canConvertToLong() || seconds.longValue() <= 0) {
                throw new IOException(
                        "the answer must be a JSON object with subject, a string, and expiresIn,"
                                + " seconds");
            }
            String name = subject.textValue();
            Permissions own =
                    new Permissions(
                            patterns(json.path("subscribe"), name),
                            patterns(json.path("publish"), name),
                            patterns(json.path("presence"), name));
            Instant expires =
                    clock.instant().plusSeconds(Math.min(seconds.longValue(), MAX_SECONDS));
            var grant = new Grant(own, Grantee.authenticated(name, roles(json.path("roles"))));
            return Identity.of(
                    new Credential(name, null, null, expires, null),
                    new Rights(() -> grant, rules),
                    new SinceRevocations(revoked));
        } catch (IllegalArgumentException e) {
            throw new IOException("the answer is not valid", e);
        }
    }

    /** A stream that was being opened when its session ended is on no list of open streams. */
    private final class SinceRevocations implements Validity {

        private final long revoked;

        /**
         * @param revoked how many revocations there had been when the application was asked
         */
        SinceRevocations(long revoked) {
            this.revoked = revoked;
        }

        @Override
        public void check(Credential credential) {
            validity.check(credential);
            if (revocations.haveMeant(credential, revoked, false)) {
                throw Refusals.credentialRefused("session", "the session may have ended")
                        .exception();
            }
        }

        @Override
        public void refused(Credential credential, Collection<String> topics, Problem why) {
            validity.refused(credential, topics, why);
        }
    }

    private static List<TopicPattern> patterns(JsonNode list, @Nullable String subject) {
        var texts = new ArrayList<String>();
        list.forEach(text -> texts.add(text.asText()));
        return Permissions.patterns(texts, subject);
    }

    private static Set<String> roles(JsonNode list) {
        var roles = new HashSet<String>();
        list.forEach(role -> roles.add(role.asText()));
        return roles;
    }

    /** Bounds what is kept, as everyone can send cookies. */
    private void forgetSome() {
        if (asked.size() > MAX_KEPT) {
            Instant now = clock.instant();
            asked.values().removeIf(known -> !now.isBefore(known.until()));
            if (asked.size() > MAX_KEPT) {
                asked.clear();
            }
        }
    }

    @Override
    public void close() {
        fetch.close();
    }
}
