package dev.longwave.token;

import com.nimbusds.jose.JWSAlgorithm;
import java.util.Arrays;
import java.util.Optional;

/**
 * The signature algorithms of RFC 7518, RFC 8037, and RFC 9864 that are supported; {@code none} is
 * not.
 */
public enum Algorithm {
    HS256,
    HS384,
    HS512,
    RS256,
    RS384,
    RS512,
    PS256,
    PS384,
    PS512,
    ES256,
    ES384,
    ES512,
    EDDSA("EdDSA");

    private final String id;

    Algorithm() {
        this.id = name();
    }

    Algorithm(String id) {
        this.id = id;
    }

    /** {@return the name in tokens and keys, such as {@code EdDSA}} */
    public String id() {
        return id;
    }

    /**
     * {@return the algorithm of this name in tokens and keys, if it is supported}
     *
     * <p>{@code Ed25519} is the name that RFC 9864 gives to the one kind of {@code EdDSA} that is
     * supported.
     */
    public static Optional<Algorithm> of(String id) {
        if (id.equals(Ed25519.NAME)) {
            return Optional.of(EDDSA);
        }
        return Arrays.stream(values()).filter(algorithm -> algorithm.id.equals(id)).findAny();
    }

    JWSAlgorithm jws() {
        return JWSAlgorithm.parse(id);
    }

    @Override
    public String toString() {
        return id;
    }
}
