package dev.longwave.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** One key, and the algorithms that it may be used for. Immutable, and safe for many threads. */
final class Key {
    /*
     * The algorithms follow from the key alone: its own "alg", or else all that its kind, curve and length allow. A
     * token's header only chooses among them, so a public RSA key can never serve as an HMAC secret: RFC 8725,
     * section 3.1.
     */
    private static final int MIN_SECRET_BITS = 256;
    private static final int MIN_RSA_BITS = 2048;
    private static final int MAX_RSA_BITS = 8192; // verifying takes time that grows with the square
    private static final byte[] SAMPLE = "longwave".getBytes(StandardCharsets.UTF_8);
    private static final Map<Curve, Algorithm> CURVES =
            Map.of(
                    Curve.P_256, Algorithm.ES256,
                    Curve.P_384, Algorithm.ES384,
                    Curve.P_521, Algorithm.ES512);

    private final JWK jwk;
    private final Set<Algorithm> algorithms;
    private final JWSVerifier verifier;
    private final @Nullable JWSSigner signer;
    private final String thumbprint;

    private Key(
            JWK jwk, Set<Algorithm> possible, JWSVerifier verifier, @Nullable JWSSigner signer) {
        this.jwk = jwk;
        this.algorithms = Collections.unmodifiableSet(EnumSet.copyOf(allowed(jwk, possible)));
        this.verifier = verifier;
        this.signer = signer;
        this.thumbprint = thumbprint(jwk);
    }

    /**
     * {@return the key of {@code jwk}}
     *
     * @throws KeyException if it is too weak, of an unsupported kind, or not a valid key; the
     *     message continues "this key", so to say
     */
    static Key of(JWK jwk) {
        try {
            Key key =
                    switch (jwk) {
                        case OctetSequenceKey secret -> of(secret);
                        case RSAKey rsa -> of(rsa);
                        case ECKey ec -> of(ec);
                        case OctetKeyPair pair -> of(pair);
                        default -> throw new KeyException("its kind is not supported");
                    };
            key.checkHalves();
            return key;
        } catch (JOSEException | GeneralSecurityException | IllegalArgumentException _) {
            throw new KeyException("it is not a valid key of its kind");
        }
    }

    private static Key of(OctetSequenceKey jwk) throws JOSEException {
        int bits = jwk.toByteArray().length * Byte.SIZE;
        if (bits < MIN_SECRET_BITS) {
            throw new KeyException(
                    ("it is an HMAC key of %d bits, and must have at least %d: create one with"
                                    + " longwave keygen --out FILE")
                            .formatted(bits, MIN_SECRET_BITS));
        }
        // RFC 7518, section 3.2: a key is at least as long as the hash.
        Set<Algorithm> possible = EnumSet.of(Algorithm.HS256);
        if (bits >= 384) {
            possible.add(Algorithm.HS384);
        }
        if (bits >= 512) {
            possible.add(Algorithm.HS512);
        }
        return new Key(jwk, possible, new MACVerifier(jwk), new MACSigner(jwk));
    }

    private static Key of(RSAKey jwk) throws JOSEException {
        int bits = jwk.toRSAPublicKey().getModulus().bitLength();
        if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS) {
            throw new KeyException(
                    ("it is an RSA key of %d bits, and must have %d to %d: create one with"
                                    + " longwave keygen --alg RS256 --out FILE")
                            .formatted(bits, MIN_RSA_BITS, MAX_RSA_BITS));
        }
        Set<Algorithm> possible = EnumSet.range(Algorithm.RS256, Algorithm.PS512);
        return new Key(
                jwk,
                possible,
                new RSASSAVerifier(jwk),
                jwk.isPrivate() ? new RSASSASigner(jwk) : null);
    }

    private static Key of(ECKey jwk) throws JOSEException {
        Algorithm algorithm = CURVES.get(jwk.getCurve());
        if (algorithm == null) {
            throw new KeyException(
                    "its curve is not supported: use P-256, P-384, P-521 or Ed25519");
        }
        return new Key(
                jwk,
                Set.of(algorithm),
                new ECDSAVerifier(jwk),
                jwk.isPrivate() ? new ECDSASigner(jwk) : null);
    }

    private static Key of(OctetKeyPair jwk) throws GeneralSecurityException {
        if (!jwk.getCurve().equals(Curve.Ed25519)) {
            throw new KeyException(
                    "its curve is not supported: use P-256, P-384, P-521 or Ed25519");
        }
        return new Key(
                jwk,
                Set.of(Algorithm.EDDSA),
                new Ed25519.Verifier(Ed25519.publicKey(jwk.getDecodedX())),
                jwk.isPrivate() ? new Ed25519.Signer(Ed25519.privateKey(jwk.getDecodedD())) : null);
    }

    private static Set<Algorithm> allowed(JWK jwk, Set<Algorithm> possible) {
        if (jwk.getAlgorithm() == null) {
            return possible;
        }
        return Algorithm.of(jwk.getAlgorithm().getName())
                .filter(possible::contains)
                .map(Set::of)
                .orElseThrow(() ->
                        new KeyException(
                                "its \"alg\" is %s, and must be one of %s"
                                        .formatted(jwk.getAlgorithm(), possible)));
    }

    private void checkHalves() throws JOSEException {
        if (signer != null && !verifies(algorithm(), SAMPLE, sign(SAMPLE))) {
            throw new KeyException("its private half does not belong to its public half");
        }
    }

    /** The key ID, which a key from a PEM file has not. */
    @Nullable String id() {
        return jwk.getKeyID();
    }

    Set<Algorithm> algorithms() {
        return algorithms;
    }

    /** The algorithm that it signs with. */
    Algorithm algorithm() {
        return algorithms.iterator().next();
    }

    boolean canSign() {
        return signer != null;
    }

    /** Whether it must be kept from others: a symmetric key, or the private half of a pair. */
    boolean isSecret() {
        return jwk.isPrivate();
    }

    /** A secret for {@code use}, from this one: HMAC-SHA-256. Only if it {@link #isSecret()}. */
    byte[] derived(String use) {
        Map<String, Object> members = jwk.toJSONObject();
        Object secret = members.getOrDefault("k", members.get("d"));
        try {
            var mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(new Base64URL((String) secret).decode(), "HmacSHA256"));
            return mac.doFinal(use.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no HMAC", e);
        }
    }

    /** Whether it is the same pair or secret, whichever of its halves are there. */
    boolean isSameAs(Key other) {
        return thumbprint.equals(other.thumbprint);
    }

    /** What tells it from all other keys, and does not give it away: RFC 7638. */
    String thumbprint() {
        return thumbprint;
    }

    private static String thumbprint(JWK jwk) {
        try {
            return jwk.computeThumbprint().toString();
        } catch (JOSEException e) {
            throw new IllegalStateException("this JDK has no SHA-256", e);
        }
    }

    boolean verifies(Algorithm algorithm, byte[] input, byte[] signature) {
        try {
            return algorithms.contains(algorithm)
                    && verifier.verify(
                            new JWSHeader(algorithm.jws()), input, Base64URL.encode(signature));
        } catch (JOSEException _) {
            return false; // not even the form of a signature
        }
    }

    /** Signs with {@link #algorithm()}. Only if it {@link #canSign()}. */
    byte[] sign(byte[] input) throws JOSEException {
        if (signer == null) {
            throw new IllegalStateException("the private half is missing");
        }
        return signer.sign(new JWSHeader(algorithm().jws()), input).decode();
    }

    @Override
    public String toString() {
        return (id() == null ? "(no ID)" : id()) + ' ' + algorithms;
    }
}
