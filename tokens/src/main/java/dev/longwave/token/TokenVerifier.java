package dev.longwave.token;

import dev.longwave.token.TokenRefusedException.Reason;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Decides whether a token can be trusted. Safe for many threads. */
public final class TokenVerifier {
    /*
     * Of the header, "alg" and "kid" only choose among the keys and algorithms that are configured, and "typ" is
     * compared. "jwk", "jku", "x5c" and "x5u" are never read: RFC 8725, section 3.10. Claims are looked at only once
     * the signature is known to be good, so what a forger is told does not depend on them.
     */

    /** The longest token accepted, in characters. */
    public static final int MAX_LENGTH = 8192;

    /** So that a token cannot make the server verify it with every key of a large set. */
    private static final int MAX_TRIES = 16;

    private TokenVerifier() {}

    /**
     * {@return what the token says}
     *
     * @param compact the token, a JWT in compact serialization
     * @param keys the keys that may have signed it
     * @param rules what else it must be
     * @param now the time
     * @throws TokenRefusedException if it cannot be trusted; another try can help only if the
     *     reason is {@code UNKNOWN_KEY} and the keys have changed, or {@code NOT_YET_VALID}
     */
    public static Token verify(String compact, KeySet keys, TokenRules rules, Instant now)
            throws TokenRefusedException {
        return verify(UnverifiedToken.parse(compact), keys, rules, now);
    }

    /** The same, for a token that was parsed to see its issuer. */
    public static Token verify(
            UnverifiedToken unverified, KeySet keys, TokenRules rules, Instant now)
            throws TokenRefusedException {
        Key key = signer(unverified, keys, rules);
        checkType(unverified, rules);
        var claims = new Claims(unverified.claims());
        Token token = claims.token(key.thumbprint());
        checkTimes(token, claims.notBefore(), rules, now);
        checkIssuer(token, rules);
        checkAudience(token, rules);
        return token;
    }

    /** The key that has signed the token. */
    private static Key signer(UnverifiedToken token, KeySet keys, TokenRules rules)
            throws TokenRefusedException {
        if (token.header().containsKey("crit")) {
            throw new TokenRefusedException(
                    Reason.CRITICAL_HEADER,
                    "the token has a \"crit\" header, which is not supported");
        }
        Algorithm algorithm = algorithm(token, rules);
        List<Key> candidates = keys.candidates(token.header("kid").orElse(null));
        if (candidates.isEmpty()) {
            throw new TokenRefusedException(
                    Reason.UNKNOWN_KEY,
                    "no configured key has the token's key ID: sign the token with one that is"
                            + " configured");
        }
        List<Key> fitting =
                candidates.stream().filter(key -> key.algorithms().contains(algorithm)).toList();
        if (fitting.isEmpty()) {
            throw new TokenRefusedException(
                    Reason.ALGORITHM,
                    "the token's algorithm is none of its key's: algorithm=" + algorithm);
        }
        if (fitting.size() > MAX_TRIES) {
            throw new TokenRefusedException(
                    Reason.UNKNOWN_KEY,
                    ("the token must name its key with a \"kid\" header: more than %d keys could"
                                    + " have signed it")
                            .formatted(MAX_TRIES));
        }
        return fitting.stream()
                .filter(key -> token.isSignedBy(key, algorithm))
                .findFirst()
                .orElseThrow(() ->
                        new TokenRefusedException(
                                Reason.SIGNATURE,
                                "the token's signature is wrong: it was signed with another key, or"
                                        + " changed"));
    }

    private static Algorithm algorithm(UnverifiedToken token, TokenRules rules)
            throws TokenRefusedException {
        Optional<String> id = token.header("alg");
        if (id.isEmpty()) {
            throw new TokenRefusedException(
                    Reason.MALFORMED, "the token must have an \"alg\" header");
        }
        return id.flatMap(Algorithm::of)
                .filter(rules.algorithms()::contains)
                .orElseThrow(() ->
                        new TokenRefusedException(
                                Reason.ALGORITHM,
                                "the token's algorithm is not accepted: use one of "
                                        + rules.algorithms().stream().sorted().toList()));
    }

    private static void checkType(UnverifiedToken token, TokenRules rules)
            throws TokenRefusedException {
        Optional<String> type = token.header("typ");
        if (!rules.types().isEmpty() && type.filter(rules::accept).isEmpty()) {
            throw new TokenRefusedException(
                    Reason.TYPE, "the token's \"typ\" header is not one of those accepted");
        }
    }

    private static void checkTimes(
            Token token, @Nullable Instant notBefore, TokenRules rules, Instant now)
            throws TokenRefusedException {
        if (!now.minus(rules.leeway()).isBefore(token.expires())) {
            throw new TokenRefusedException(Reason.EXPIRED, "the token has expired: get a new one");
        }
        if (notBefore != null && now.plus(rules.leeway()).isBefore(notBefore)) {
            throw new TokenRefusedException(
                    Reason.NOT_YET_VALID,
                    "the token is not valid yet: if it is new, compare the clocks of its issuer and"
                            + " this machine");
        }
    }

    private static void checkIssuer(Token token, TokenRules rules) throws TokenRefusedException {
        if (rules.issuer() != null && !rules.issuer().equals(token.issuer())) {
            throw new TokenRefusedException(
                    Reason.ISSUER, "the token is not from the issuer that is configured");
        }
    }

    private static void checkAudience(Token token, TokenRules rules) throws TokenRefusedException {
        if (!rules.audiences().isEmpty()
                && Collections.disjoint(rules.audiences(), token.audience())) {
            throw new TokenRefusedException(
                    Reason.AUDIENCE, "the token is for another audience than those configured");
        }
    }
}
