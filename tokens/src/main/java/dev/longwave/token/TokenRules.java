package dev.longwave.token;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * What a token must say to be accepted.
 *
 * @param issuer what {@code iss} must be; empty for anything
 * @param audiences of which {@code aud} must name one; none for no check
 * @param leeway how far the clocks of issuer and server may differ when a token begins to hold. A
 *     token that has expired is never accepted
 * @param types of which the header's {@code typ} must be one, {@code application/} or not; none for
 *     no check
 * @param algorithms that may be used; none for all that the keys are for
 */
public record TokenRules(
        Optional<String> issuer,
        Set<String> audiences,
        Duration leeway,
        Set<String> types,
        Set<String> algorithms) {

    public TokenRules {
        audiences = Set.copyOf(audiences);
        types = Set.copyOf(types);
        algorithms = Set.copyOf(algorithms);
    }

    /** {@return rules that ask for nothing but a signature and an expiry} */
    public static TokenRules any() {
        return new TokenRules(
                Optional.empty(), Set.of(), Duration.ofSeconds(30), Set.of(), Set.of());
    }
}
