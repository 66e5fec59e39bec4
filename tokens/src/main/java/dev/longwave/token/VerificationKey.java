package dev.longwave.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import java.security.GeneralSecurityException;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * A key with the algorithms that it may be used for: it is the key that decides, and never the
 * token.
 *
 * @param jwk the key
 * @param algorithms the names of its algorithms: RFC 7518, section 3.1, and RFC 8037
 */
record VerificationKey(JWK jwk, Set<String> algorithms) {

    private static final int MIN_HMAC_BITS = 256;
    private static final int MIN_RSA_BITS = 2048;
    private static final Set<String> EDDSA = Set.of("EdDSA", "Ed25519");

    VerificationKey {
        algorithms = Set.copyOf(algorithms);
    }

    /**
     * {@return {@code jwk} with the algorithm that it names, or all that it can be used for}
     *
     * @throws KeyException if it is too weak, or cannot sign
     */
    static VerificationKey of(JWK jwk) throws KeyException {
        if (KeyUse.ENCRYPTION.equals(jwk.getKeyUse())) {
            throw new KeyException("the key is for encryption: use must be sig, or absent");
        }
        Set<String> possible = possible(jwk);
        if (jwk.getAlgorithm() == null) {
            return new VerificationKey(jwk, possible);
        }
        String named = jwk.getAlgorithm().getName();
        if (!possible.contains(named)) {
            throw new KeyException(
                    "the key's alg is not one that it can be used for alg=%s possible=%s"
                            .formatted(named, String.join(",", possible)));
        }
        return new VerificationKey(jwk, EDDSA.contains(named) ? EDDSA : Set.of(named));
    }

    private static Set<String> possible(JWK jwk) throws KeyException {
        return switch (jwk) {
            case OctetSequenceKey secret -> hmac(secret.size());
            case RSAKey rsa when rsa.size() < MIN_RSA_BITS ->
                    throw new KeyException(
                            "the RSA key is too short bits=%d min=%d"
                                    .formatted(rsa.size(), MIN_RSA_BITS));
            case RSAKey _ -> ordered("RS256", "RS384", "RS512", "PS256", "PS384", "PS512");
            case ECKey ec when ec.getCurve().equals(Curve.P_256) -> Set.of("ES256");
            case ECKey ec when ec.getCurve().equals(Curve.P_384) -> Set.of("ES384");
            case ECKey ec when ec.getCurve().equals(Curve.P_521) -> Set.of("ES512");
            case OctetKeyPair pair when pair.getCurve().equals(Curve.Ed25519) -> EDDSA;
            default ->
                    throw new KeyException(
                            "the key cannot sign tokens: it must be RSA, an elliptic curve P-256,"
                                    + " P-384, or P-521, Ed25519, or a secret");
        };
    }

    private static Set<String> hmac(int bits) throws KeyException {
        if (bits < MIN_HMAC_BITS) {
            throw new KeyException(
                    "the HMAC key is too short: longwave keygen makes one bits=%d min=%d"
                            .formatted(bits, MIN_HMAC_BITS));
        }
        Set<String> algorithms = ordered("HS256");
        if (bits >= 384) {
            algorithms.add("HS384");
        }
        if (bits >= 512) {
            algorithms.add("HS512");
        }
        return algorithms;
    }

    private static Set<String> ordered(String... names) {
        return new LinkedHashSet<>(Set.of(names));
    }

    boolean isSecret() {
        return jwk.isPrivate();
    }

    /** {@return whether {@code signature} is that of {@code signed} with this key} */
    boolean verifies(JWSAlgorithm algorithm, byte[] signed, byte[] signature) {
        try {
            if (jwk instanceof OctetKeyPair pair) {
                return Ed25519.verify(pair, signed, signature);
            }
            var header = new JWSHeader(algorithm);
            Base64URL encoded = Base64URL.encode(signature);
            return switch (jwk) {
                case OctetSequenceKey secret ->
                        new MACVerifier(secret).verify(header, signed, encoded);
                case RSAKey rsa -> new RSASSAVerifier(rsa).verify(header, signed, encoded);
                case ECKey ec -> new ECDSAVerifier(ec).verify(header, signed, encoded);
                default -> false;
            };
        } catch (JOSEException | GeneralSecurityException _) {
            return false; // a signature that is none
        }
    }
}
