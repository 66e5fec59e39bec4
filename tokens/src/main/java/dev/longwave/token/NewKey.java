package dev.longwave.token;

import com.nimbusds.jose.Algorithm;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Makes keys. */
public final class NewKey {

    /** The algorithms for which keys are made; the first is for one secret that both sides have. */
    public static final List<String> ALGORITHMS = List.of("HS256", "ES256", "EdDSA", "RS256");

    private static final int SECRET_BYTES = 32;
    private static final int RSA_BITS = 3072;

    private final JWK jwk;

    private NewKey(JWK jwk) {
        this.jwk = jwk;
    }

    /**
     * {@return a new key for {@code algorithm}, with its RFC 7638 thumbprint for an ID}
     *
     * @throws IllegalArgumentException if it is not one of {@link #ALGORITHMS}
     */
    public static NewKey of(String algorithm) {
        try {
            return new NewKey(
                    switch (algorithm) {
                        case "HS256" -> secret();
                        case "ES256" -> ellipticCurve();
                        case "EdDSA" -> edwardsCurve();
                        case "RS256" -> rsa();
                        default ->
                                throw new IllegalArgumentException(
                                        "no keys are made for this algorithm known="
                                                + String.join(",", ALGORITHMS));
                    });
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK can do this", e);
        }
    }

    private static JWK secret() {
        var bytes = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(bytes);
        OctetSequenceKey key = new OctetSequenceKey.Builder(bytes).build();
        return new OctetSequenceKey.Builder(bytes)
                .keyUse(KeyUse.SIGNATURE)
                .algorithm(JWSAlgorithm.HS256)
                .keyID(KeySet.thumbprint(key))
                .build();
    }

    private static JWK ellipticCurve() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair pair = generator.generateKeyPair();
        var builder =
                new ECKey.Builder(Curve.P_256, (ECPublicKey) pair.getPublic())
                        .privateKey(pair.getPrivate())
                        .keyUse(KeyUse.SIGNATURE)
                        .algorithm(JWSAlgorithm.ES256);
        return builder.keyID(KeySet.thumbprint(builder.build())).build();
    }

    private static JWK edwardsCurve() throws GeneralSecurityException {
        KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        byte[] der = pair.getPublic().getEncoded(); // ends with the raw key: RFC 8410, section 4
        byte[] raw = Arrays.copyOfRange(der, der.length - Ed25519.KEY_BYTES, der.length);
        byte[] seed = ((EdECPrivateKey) pair.getPrivate()).getBytes().orElseThrow();
        var builder =
                new OctetKeyPair.Builder(Curve.Ed25519, Base64URL.encode(raw))
                        .d(Base64URL.encode(seed))
                        .keyUse(KeyUse.SIGNATURE)
                        .algorithm(new Algorithm("EdDSA"));
        return builder.keyID(KeySet.thumbprint(builder.build())).build();
    }

    private static JWK rsa() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(RSA_BITS);
        KeyPair pair = generator.generateKeyPair();
        var builder =
                new RSAKey.Builder((RSAPublicKey) pair.getPublic())
                        .privateKey(pair.getPrivate())
                        .keyUse(KeyUse.SIGNATURE)
                        .algorithm(JWSAlgorithm.RS256);
        return builder.keyID(KeySet.thumbprint(builder.build())).build();
    }

    /** {@return the key as JWK, RFC 7517: what signs} */
    public String json() {
        return jwk.toJSONString();
    }

    /** {@return the half of a pair that verifies, as JWK; empty for a secret} */
    public Optional<String> publicJson() {
        return jwk instanceof OctetSequenceKey
                ? Optional.empty()
                : Optional.of(jwk.toPublicJWK().toJSONString());
    }

    /** Without the key. */
    @Override
    public String toString() {
        return "NewKey[" + jwk.getAlgorithm() + ']';
    }
}
