package dev.longwave.token;

import dev.longwave.token.TokenRefusedException.Reason;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The registered claims of RFC 7519, each of its own type. */
final class Claims {

    private static final int MAX_NAME_LENGTH = 255;
    private static final long YEAR_10000 = 253_402_300_800L;

    private final Map<String, @Nullable Object> claims;

    Claims(Map<String, @Nullable Object> claims) {
        this.claims = claims;
    }

    /**
     * {@return what they say, which nobody has checked}
     *
     * @param key the key that has signed them
     */
    Token token(String key) throws TokenRefusedException {
        @Nullable Instant expires = time("exp");
        if (expires == null) {
            throw new TokenRefusedException(
                    Reason.EXPIRY_MISSING, "the token must have an \"exp\" claim");
        }
        return new Token(
                name("sub"),
                name("iss"),
                name("jti"),
                audience(),
                time("iat"),
                expires,
                key,
                claims);
    }

    /** Checks the form of each. */
    void check() throws TokenRefusedException {
        Token _ = token("");
        @Nullable Instant _ = notBefore();
    }

    @Nullable Instant notBefore() throws TokenRefusedException {
        return time("nbf");
    }

    /** Whether a text can be a subject, an issuer, or an ID. */
    static boolean isName(String text) {
        return !text.isEmpty()
                && text.length() <= MAX_NAME_LENGTH
                && text.chars().noneMatch(Character::isISOControl);
    }

    private @Nullable String name(String claim) throws TokenRefusedException {
        if (!claims.containsKey(claim)) {
            return null;
        }
        if (claims.get(claim) instanceof String text && isName(text)) {
            return text;
        }
        throw malformed(
                claim, "a string of 1 to %d characters, not controls".formatted(MAX_NAME_LENGTH));
    }

    private List<String> audience() throws TokenRefusedException {
        if (!claims.containsKey("aud")) {
            return List.of();
        }
        @Nullable Object audience = claims.get("aud");
        if (audience instanceof String one) {
            return List.of(one);
        }
        if (audience instanceof List<?> several
                && several.stream().allMatch(String.class::isInstance)) {
            return several.stream().map(String.class::cast).toList();
        }
        throw malformed("aud", "a string or an array of strings");
    }

    /** A NumericDate: seconds, which need not be whole. */
    private @Nullable Instant time(String claim) throws TokenRefusedException {
        if (!claims.containsKey(claim)) {
            return null;
        }
        if (claims.get(claim) instanceof Number seconds
                && seconds.doubleValue() >= 0
                && seconds.doubleValue() < YEAR_10000) {
            return seconds instanceof Long whole
                    ? Instant.ofEpochSecond(whole)
                    : Instant.ofEpochMilli((long) (seconds.doubleValue() * 1000));
        }
        throw malformed(
                claim, "a number of seconds since 1970, not milliseconds, before the year 10000");
    }

    private static TokenRefusedException malformed(String claim, String expected) {
        return new TokenRefusedException(
                Reason.MALFORMED, "the token's \"%s\" claim must be %s".formatted(claim, expected));
    }
}
