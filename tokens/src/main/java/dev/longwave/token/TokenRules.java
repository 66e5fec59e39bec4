package dev.longwave.token;

import java.time.Duration;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a token must be, beyond signed and not expired. The sets are copied.
 *
 * @param issuer the {@code iss} claim that is required; null if the issuer does not matter
 * @param audiences of which the {@code aud} claim must name one; if empty, it does not matter
 * @param leeway how far the clocks of issuer and server may differ, not negative
 * @param types the {@code typ} headers accepted, such as {@code at+jwt}, in any case, with or
 *     without {@code application/}; if empty, the type does not matter
 * @param algorithms the algorithms accepted, as far as the key has them
 */
public record TokenRules(
        @Nullable String issuer,
        Set<String> audiences,
        Duration leeway,
        Set<String> types,
        Set<Algorithm> algorithms) {

    /** Any issuer, audience and type; a leeway of 30 seconds; all algorithms. */
    public static final TokenRules DEFAULT =
            new TokenRules(
                    null,
                    Set.of(),
                    Duration.ofSeconds(30),
                    Set.of(),
                    EnumSet.allOf(Algorithm.class));

    private static final String MEDIA_TYPE = "application/";

    /**
     * Checks and copies.
     *
     * @throws IllegalArgumentException if the leeway is negative, or no algorithm is accepted
     */
    public TokenRules {
        if (leeway.isNegative()) {
            throw new IllegalArgumentException("the leeway is negative leeway=" + leeway);
        }
        if (algorithms.isEmpty()) {
            throw new IllegalArgumentException("no algorithm is accepted");
        }
        audiences = Set.copyOf(audiences);
        types = types.stream().map(TokenRules::normal).collect(Collectors.toUnmodifiableSet());
        algorithms = Set.copyOf(algorithms);
    }

    boolean accept(String type) {
        return types.contains(normal(type));
    }

    /** RFC 7515, section 4.1.9: the prefix can be left out if there is no other slash. */
    private static String normal(String type) {
        String lower = type.toLowerCase(Locale.ROOT);
        boolean prefixed =
                lower.startsWith(MEDIA_TYPE) && lower.indexOf('/', MEDIA_TYPE.length()) < 0;
        return prefixed ? lower.substring(MEDIA_TYPE.length()) : lower;
    }
}
