package dev.longwave.token;

import com.nimbusds.jose.JWSAlgorithm;
import dev.longwave.token.TokenRefusedException.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Checks signed tokens: JWT, RFC 7519, as JWS in compact form, RFC 7515, within what RFC 8725
 * advises.
 */
public final class TokenVerifier {
    /*
     * Nothing in a token says how it is to be checked, but for the key ID and the algorithm, which only choose among
     * keys that are known: `jwk`, `jku`, `x5c` and `x5u` are never looked at.
     */
    private static final int MAX_LENGTH = 8 << 10;
    private static final int MAX_SUBJECT = 255;
    private static final int MAX_TRIED_KEYS = 10;
    private static final long MAX_SECONDS = Instant.parse("9999-12-31T23:59:59Z").getEpochSecond();

    private TokenVerifier() {}

    /**
     * {@return what {@code text} says}
     *
     * @param keys those that may have signed it
     * @param now the time by which it must hold
     * @throws TokenRefusedException if it is not accepted
     */
    public static Token verify(String text, KeySet keys, TokenRules rules, Instant now)
            throws TokenRefusedException {
        if (text.length() > MAX_LENGTH) {
            throw refused(
                    Reason.TOO_LONG,
                    "the token is too long length=%d max=%d".formatted(text.length(), MAX_LENGTH));
        }
        String[] parts = text.split("\\.", -1);
        if (parts.length != 3) {
            throw malformed("a token has three parts separated by dots parts=" + parts.length);
        }
        Map<String, Object> header = object(parts[0], "header");
        byte[] signature = decoded(parts[2], "signature");
        byte[] signed = (parts[0] + '.' + parts[1]).getBytes(StandardCharsets.US_ASCII);
        checkSignature(header, signed, signature, keys, rules);
        checkType(header, rules.types());
        return checked(object(parts[1], "claims"), rules, now);
    }

    private static void checkSignature(
            Map<String, Object> header,
            byte[] signed,
            byte[] signature,
            KeySet keys,
            TokenRules rules)
            throws TokenRefusedException {
        if (header.containsKey("crit") || header.containsKey("zip")) {
            throw refused(
                    Reason.CRITICAL_HEADER, "the token's header has crit or zip: not supported");
        }
        String algorithm = text(header, "alg", "header");
        if (algorithm == null) {
            throw malformed("the token's header has no alg");
        }
        List<VerificationKey> candidates = keys.candidates(text(header, "kid", "header"));
        if (candidates.isEmpty()) {
            throw refused(Reason.UNKNOWN_KEY, "none of the keys has the token's key ID");
        }
        List<VerificationKey> usable =
                candidates.stream()
                        .filter(key ->
                                key.algorithms().contains(algorithm)
                                        && (rules.algorithms().isEmpty()
                                                || rules.algorithms().contains(algorithm)))
                        .limit(MAX_TRIED_KEYS)
                        .toList();
        if (usable.isEmpty()) {
            throw refused(Reason.ALGORITHM, "no key may be used with the token's algorithm");
        }
        JWSAlgorithm parsed = JWSAlgorithm.parse(algorithm);
        if (usable.stream().noneMatch(key -> key.verifies(parsed, signed, signature))) {
            throw refused(Reason.SIGNATURE, "the token's signature is wrong");
        }
    }

    private static void checkType(Map<String, Object> header, Set<String> types)
            throws TokenRefusedException {
        if (types.isEmpty()) {
            return;
        }
        String type = text(header, "typ", "header");
        if (type == null
                || types.stream().noneMatch(expected -> normal(expected).equals(normal(type)))) {
            throw refused(
                    Reason.TYPE,
                    "the token is of another type expected=" + String.join(",", types));
        }
    }

    /** A media type may be without its {@code application/}: RFC 7515, section 4.1.9. */
    private static String normal(String type) {
        String lower = type.toLowerCase(Locale.ROOT);
        return lower.indexOf('/') < 0 ? "application/" + lower : lower;
    }

    private static Token checked(Map<String, Object> claims, TokenRules rules, Instant now)
            throws TokenRefusedException {
        String issuer = text(claims, "iss", "claims");
        if (rules.issuer().isPresent() && !rules.issuer().get().equals(issuer)) {
            throw refused(
                    Reason.ISSUER,
                    "another issuer made the token expected=" + rules.issuer().get());
        }
        if (!rules.audiences().isEmpty()
                && audiences(claims).stream().noneMatch(rules.audiences()::contains)) {
            throw refused(
                    Reason.AUDIENCE,
                    "the token is for another audience expected="
                            + String.join(",", rules.audiences()));
        }
        Instant expires = time(claims, "exp");
        if (expires == null) {
            throw refused(Reason.EXPIRY_MISSING, "the token has no exp: it would hold for ever");
        }
        if (!now.isBefore(expires)) {
            throw refused(Reason.EXPIRED, "the token has expired");
        }
        Instant begins = time(claims, "nbf");
        if (begins != null && now.plus(rules.leeway()).isBefore(begins)) {
            throw refused(Reason.NOT_YET_VALID, "the token does not hold yet: see its nbf");
        }
        return new Token(
                subject(claims),
                text(claims, "jti", "claims"),
                time(claims, "iat"),
                expires,
                claims);
    }

    private static @Nullable String subject(Map<String, Object> claims)
            throws TokenRefusedException {
        String subject = text(claims, "sub", "claims");
        if (subject != null
                && (subject.isEmpty()
                        || subject.length() > MAX_SUBJECT
                        || subject.chars().anyMatch(Character::isISOControl))) {
            throw malformed(
                    "sub must have 1 to %d characters, and no control characters"
                            .formatted(MAX_SUBJECT));
        }
        return subject;
    }

    private static List<String> audiences(Map<String, Object> claims) throws TokenRefusedException {
        Object audience = claims.get("aud");
        if (audience instanceof List<?> list) {
            if (!list.stream().allMatch(String.class::isInstance)) {
                throw malformed("aud must be a string or a list of strings");
            }
            return list.stream().map(String.class::cast).toList();
        }
        String one = text(claims, "aud", "claims");
        return one == null ? List.of() : List.of(one);
    }

    private static @Nullable Instant time(Map<String, Object> claims, String name)
            throws TokenRefusedException {
        Object value = claims.get(name);
        if (value == null) {
            return null;
        }
        if (!(value instanceof Number number)) {
            throw malformed(name + " must be a number");
        }
        double seconds = number.doubleValue();
        if (!(seconds >= 0 && seconds <= MAX_SECONDS)) {
            throw malformed(
                    name + " must be a number of seconds since 1970, before the year 10000");
        }
        return Instant.ofEpochMilli((long) (seconds * 1000));
    }

    private static @Nullable String text(Map<String, Object> object, String name, String part)
            throws TokenRefusedException {
        Object value = object.get(name);
        if (value != null && !(value instanceof String)) {
            throw malformed("the token's %s has a %s that is no string".formatted(part, name));
        }
        return (String) value;
    }

    private static Map<String, Object> object(String base64, String part)
            throws TokenRefusedException {
        try {
            return StrictJson.object(decoded(base64, part));
        } catch (IOException e) {
            throw malformed(
                    "the token's %s is not a JSON object, or names a member twice".formatted(part));
        }
    }

    /** Strictly, or one token would have many texts: RFC 7515, section 2. */
    private static byte[] decoded(String base64, String part) throws TokenRefusedException {
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(base64);
            String again = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
            if (again.equals(base64)) {
                return bytes;
            }
        } catch (IllegalArgumentException _) {
            // Said below.
        }
        throw malformed("the token's %s is not base64url without padding".formatted(part));
    }

    private static TokenRefusedException malformed(String message) {
        return refused(Reason.MALFORMED, message);
    }

    private static TokenRefusedException refused(Reason reason, String message) {
        return new TokenRefusedException(reason, message);
    }
}
