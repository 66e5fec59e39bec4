package dev.longwave.server.auth;

import dev.longwave.broker.TopicPattern;
import dev.longwave.core.InvalidTopicException;
import dev.longwave.core.TopicName;
import dev.longwave.server.auth.Identity.Validity;
import dev.longwave.server.http.Json;
import dev.longwave.server.http.ProblemException;
import dev.longwave.server.session.Credential;
import dev.longwave.token.Token;
import dev.longwave.token.TokenRefusedException;
import dev.longwave.token.TokenRefusedException.Reason;
import dev.longwave.token.TokenRules;
import dev.longwave.token.TokenVerifier;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Accepts signed tokens: JWT, RFC 7519. Safe for many threads. */
final class Jwt {

    /** Of a token for one subscription: what it is for. */
    private static final String CHANNEL = "channel";

    /** The topics that a connection is subscribed to at once, which it may read. */
    private static final String CHANNELS = "channels";

    private final List<Issuer> issuers;
    private final ClaimNames names;
    private final Supplier<AccessRules> rules;
    private final Validity validity;
    private final InstantSource clock;

    /**
     * Whose tokens are accepted.
     *
     * @param name tells it from the other issuers, and is the same on all nodes
     * @param rules what its tokens must say
     * @param keys what they are signed with
     */
    record Issuer(String name, TokenRules rules, KeySource keys) {}

    /**
     * Under which names tokens carry what Longwave reads.
     *
     * @param permissions an object with lists of patterns: {@code subscribe}, {@code publish},
     *     {@code presence}
     * @param roles a list of words, or one
     */
    record ClaimNames(String permissions, String roles) {}

    Jwt(
            List<Issuer> issuers,
            ClaimNames names,
            Supplier<AccessRules> rules,
            Validity validity,
            InstantSource clock) {
        this.issuers = List.copyOf(issuers);
        this.names = names;
        this.rules = rules;
        this.validity = validity;
        this.clock = clock;
    }

    /** A token, and whose it is. */
    private record Verified(Token token, Issuer issuer) {}

    /**
     * {@return the client that {@code text} is a token of}
     *
     * @throws ProblemException if no issuer's rules accept it
     */
    Identity identify(String text) {
        Verified verified = verified(text);
        try {
            return identity(verified.token(), verified.issuer());
        } catch (IllegalArgumentException e) {
            throw Refusals.credentialRefused("claims", e.getMessage()).exception();
        }
    }

    /**
     * {@return the client that {@code text} is a token of, which must not be one for a
     * subscription}
     *
     * @throws ProblemException if no issuer's rules accept it
     */
    Identity identifyConnection(String text) {
        if (verified(text).token().claims().containsKey(CHANNEL)) {
            throw Refusals.credentialRefused(
                            "subscription-token", "the token is for a subscription only")
                    .exception();
        }
        return identify(text);
    }

    /**
     * {@return a client that may read {@code topic} and nothing else}
     *
     * @throws ProblemException if {@code text} is no token for that, or of another subject
     */
    Identity identifySubscriber(String text, String topic, @Nullable String subject) {
        Verified verified = verified(text);
        Token token = verified.token();
        Object named = token.claims().getOrDefault(CHANNEL, token.claims().get("topic"));
        if (!topic.equals(named)) {
            throw Refusals.credentialRefused("channel", "the token is not for this topic")
                    .exception();
        }
        if (!Objects.equals(emptyToNull(token.subject()), subject)) {
            throw Refusals.credentialRefused("subject", "the token is for another client")
                    .exception();
        }
        var reading = new Permissions(List.of(TopicPattern.parse(topic)), List.of(), List.of());
        return Identity.of(credential(token, verified.issuer()), Rights.of(reading), validity);
    }

    private static @Nullable String emptyToNull(@Nullable String text) {
        return text == null || text.isEmpty() ? null : text;
    }

    private Verified verified(String text) {
        TokenRefusedException last = null;
        ProblemException unavailable = null;
        for (Issuer issuer : issuers) {
            try {
                return new Verified(verified(text, issuer), issuer);
            } catch (ProblemException e) {
                unavailable = e; // it may be the token of another issuer
            } catch (TokenRefusedException e) {
                if (last == null || saysMore(e.reason(), last.reason())) {
                    last = e;
                }
            }
        }
        if (unavailable != null && (last == null || isOfAnotherKey(last))) {
            throw unavailable;
        }
        throw last == null
                ? Refusals.credentialRefused("tokens", "no token is accepted here: no keys are set")
                        .exception()
                : Refusals.credentialRefused(word(last), last.getMessage()).exception();
    }

    /**
     * The check that came furthest says most: an unknown key may be another issuer's. What is
     * malformed is so for every issuer, or has the right signature of one.
     */
    private static boolean saysMore(Reason reason, Reason other) {
        return other != Reason.MALFORMED
                && (reason == Reason.MALFORMED || reason.compareTo(other) > 0);
    }

    /** With a key that has no ID, a token of another key fails by its signature. */
    private static boolean isOfAnotherKey(TokenRefusedException e) {
        return e.reason() == Reason.UNKNOWN_KEY || e.reason() == Reason.SIGNATURE;
    }

    private static String word(TokenRefusedException e) {
        return e.reason().name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private Token verified(String text, Issuer issuer) throws TokenRefusedException {
        try {
            return TokenVerifier.verify(
                    text, issuer.keys().keys(), issuer.rules(), clock.instant());
        } catch (TokenRefusedException e) {
            if (!isOfAnotherKey(e)) {
                throw e;
            }
            return TokenVerifier.verify(
                    text, issuer.keys().newer(), issuer.rules(), clock.instant());
        }
    }

    private Identity identity(Token token, Issuer issuer) {
        String subject = token.subject();
        List<String> channels = channels(token.claims().get(CHANNELS));
        Permissions own =
                permissions(token.claims().get(names.permissions()), subject)
                        .plus(reading(channels));
        Set<String> roles = roles(token.claims().get(names.roles()));
        var grant = new Grant(own, Grantee.authenticated(subject, roles));
        return Identity.of(
                credential(token, issuer),
                new Rights(() -> grant, rules),
                validity,
                new Profile(channels, info(token.claims().get(names.permissions()))));
    }

    private static Credential credential(Token token, Issuer issuer) {
        return new Credential(
                token.subject(),
                token.id(),
                token.issued(),
                token.expires(),
                new Credential.Key(issuer.name(), token.key()));
    }

    /** Other servers may mean something else by this claim: then it says nothing here. */
    private static List<String> channels(@Nullable Object claim) {
        if (!(claim instanceof List<?> list)) {
            return List.of();
        }
        return list.stream()
                .filter(String.class::isInstance)
                .map(String.class::cast)
                .filter(Jwt::isTopic)
                .distinct()
                .toList();
    }

    private static boolean isTopic(String name) {
        try {
            var _ = TopicName.checkedOrPattern(name);
            return true;
        } catch (InvalidTopicException _) {
            return false;
        }
    }

    private static Permissions reading(List<String> topics) {
        return new Permissions(
                topics.stream().map(TopicPattern::parse).toList(), List.of(), List.of());
    }

    private Permissions permissions(@Nullable Object claim, @Nullable String subject) {
        if (claim == null) {
            return Permissions.NONE;
        }
        if (!(claim instanceof Map<?, ?> members)) {
            throw new IllegalArgumentException("the claim for permissions must be an object");
        }
        return new Permissions(
                patterns(members.get("subscribe"), subject),
                patterns(members.get("publish"), subject),
                patterns(members.get("presence"), subject));
    }

    /** Beside the permissions: what others may know of the client. */
    private static @Nullable String info(@Nullable Object claim) {
        Object info = claim instanceof Map<?, ?> members ? members.get("info") : null;
        return info == null ? null : Json.text(info);
    }

    private static List<TopicPattern> patterns(@Nullable Object list, @Nullable String subject) {
        return Permissions.patterns(List.copyOf(words(list)), subject);
    }

    private static Set<String> roles(@Nullable Object claim) {
        return claim instanceof String role ? Set.of(role) : words(claim);
    }

    private static Set<String> words(@Nullable Object claim) {
        if (claim == null) {
            return Set.of();
        }
        if (!(claim instanceof List<?> list)) {
            throw new IllegalArgumentException("a claim for permissions or roles must be a list");
        }
        var words = new LinkedHashSet<String>();
        for (Object element : list) {
            if (!(element instanceof String word)) {
                throw new IllegalArgumentException(
                        "a claim for permissions or roles must be a list of strings");
            }
            words.add(word);
        }
        return words;
    }
}
