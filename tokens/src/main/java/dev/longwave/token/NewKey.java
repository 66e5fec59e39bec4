package dev.longwave.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.util.Base64URL;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** A secret or a pair of keys that has just been made. Its ID is its thumbprint (RFC 7638). */
public final class NewKey {

    private static final int SECRET_BYTES = 32;
    private static final int RSA_BITS = 3072;

    private final JWK jwk;
    private final Algorithm algorithm;

    private NewKey(JWK jwk, Algorithm algorithm) {
        this.jwk = jwk;
        this.algorithm = algorithm;
    }

    /**
     * {@return a new key; for RSA this takes a second}
     *
     * @param algorithm HS256 (256 bits), ES256, EdDSA (Ed25519), or RS256 (3072 bits)
     * @throws IllegalArgumentException if it is another one
     */
    public static NewKey generate(Algorithm algorithm) {
        return new NewKey(
                switch (algorithm) {
                    case HS256 -> secret();
                    case ES256 -> pair("EC", new ECGenParameterSpec("secp256r1"));
                    case EDDSA -> pair(Ed25519.NAME, NamedParameterSpec.ED25519);
                    case RS256 ->
                            pair(
                                    "RSA",
                                    new RSAKeyGenParameterSpec(
                                            RSA_BITS, RSAKeyGenParameterSpec.F4));
                    default ->
                            throw new IllegalArgumentException(
                                    "no keys are made for this algorithm: use HS256, ES256, EdDSA"
                                            + " or RS256 algorithm="
                                            + algorithm);
                },
                algorithm);
    }

    private static JWK secret() {
        byte[] secret = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(secret);
        return new OctetSequenceKey.Builder(Base64URL.encode(secret)).build();
    }

    private static JWK pair(String kind, AlgorithmParameterSpec parameters) {
        try {
            var generator = KeyPairGenerator.getInstance(kind);
            generator.initialize(parameters);
            KeyPair pair = generator.generateKeyPair();
            return JdkKeys.jwk(pair.getPublic(), pair.getPrivate());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK makes no keys of this kind: " + kind, e);
        }
    }

    /** {@return the secret or the pair as a JWK, to be kept secret} */
    public String jwk() {
        return text(jwk);
    }

    /** {@return the public half as a JWK, if it is a pair} */
    public Optional<String> publicJwk() {
        return Optional.ofNullable(jwk.toPublicJWK()).map(this::text);
    }

    /** {@return its ID} */
    public String id() {
        try {
            return jwk.computeThumbprint().toString();
        } catch (JOSEException e) {
            throw new IllegalStateException("this JDK has no SHA-256", e);
        }
    }

    private String text(JWK half) {
        Map<String, Object> members = new LinkedHashMap<>(half.toJSONObject());
        members.put("use", "sig");
        members.put("alg", algorithm.id());
        members.put("kid", id());
        return Json.text(members);
    }
}
