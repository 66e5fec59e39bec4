package dev.longwave.token;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a token says, once {@link TokenVerifier} has found that it can be trusted.
 *
 * @param subject the {@code sub} claim: 1 to 255 characters without controls
 * @param issuer the {@code iss} claim
 * @param id the {@code jti} claim
 * @param audience the {@code aud} claim, or an empty list
 * @param issued the {@code iat} claim; it is not compared with the time
 * @param expires the {@code exp} claim. With a leeway, it may have passed
 * @param key which of the keys has signed it: its thumbprint, RFC 7638
 * @param claims all claims: strings, booleans, nulls, a {@link Long} or {@link Double} for a
 *     number, lists, and maps; unmodifiable
 */
public record Token(
        @Nullable String subject,
        @Nullable String issuer,
        @Nullable String id,
        List<String> audience,
        @Nullable Instant issued,
        Instant expires,
        String key,
        Map<String, @Nullable Object> claims) {

    /** {@return the ID and expiry, and nothing about a person} */
    @Override
    public String toString() {
        return "Token[id=%s, expires=%s]".formatted(id, expires);
    }
}
