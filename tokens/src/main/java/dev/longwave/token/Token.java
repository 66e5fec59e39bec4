package dev.longwave.token;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a token says that was accepted.
 *
 * @param subject {@code sub}: 1 to 255 characters, none of them a control character
 * @param id {@code jti}
 * @param issued {@code iat}
 * @param expires {@code exp}
 * @param claims all claims, as maps, lists, strings, numbers, and booleans
 */
public record Token(
        @Nullable String subject,
        @Nullable String id,
        @Nullable Instant issued,
        Instant expires,
        Map<String, Object> claims) {

    public Token {
        claims = Map.copyOf(claims);
    }

    /** Without its claims, which may be private. */
    @Override
    public String toString() {
        return "Token[expires=" + expires + ']';
    }
}
