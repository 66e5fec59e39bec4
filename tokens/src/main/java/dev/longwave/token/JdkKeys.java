package dev.longwave.token;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPrivateKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECFieldFp;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.List;
import javax.crypto.KeyAgreement;
import org.jspecify.annotations.Nullable;

/** Turns keys of the JDK into JWKs. */
final class JdkKeys {

    private static final byte[] SAMPLE = "longwave".getBytes(StandardCharsets.UTF_8);

    private JdkKeys() {}

    /**
     * {@return the JWK, without an ID}
     *
     * @throws KeyException if its kind or curve is not supported
     */
    static JWK jwk(PublicKey publicKey, @Nullable PrivateKey privateKey) {
        return switch (publicKey) {
            case RSAPublicKey rsa -> {
                var jwk = new RSAKey.Builder(rsa);
                yield (privateKey == null ? jwk : jwk.privateKey(privateKey)).build();
            }
            case ECPublicKey ec -> {
                var jwk = new ECKey.Builder(curve(ec.getParams()), ec);
                yield (privateKey == null ? jwk : jwk.privateKey(privateKey)).build();
            }
            case EdECPublicKey ed when ed.getParams().getName().equals(Ed25519.NAME) -> {
                var x = Base64URL.encode(Ed25519.encoded(ed));
                var jwk = new OctetKeyPair.Builder(Curve.Ed25519, x);
                yield (privateKey == null ? jwk : jwk.d(seed((EdECPrivateKey) privateKey))).build();
            }
            default -> throw unsupported();
        };
    }

    private static Curve curve(ECParameterSpec parameters) {
        @Nullable Curve curve = Curve.forECParameterSpec(parameters);
        if (curve == null) {
            throw unsupported();
        }
        return curve;
    }

    private static Base64URL seed(EdECPrivateKey key) {
        return Base64URL.encode(key.getBytes().orElseThrow(JdkKeys::unsupported));
    }

    static KeyException unsupported() {
        return new KeyException(
                "its kind is not supported: use RSA, EC with P-256, P-384 or P-521, or Ed25519");
    }

    /**
     * {@return the public half of {@code key}, which its PKCS#8 file need not contain}
     *
     * @throws KeyException if its kind or curve is not supported
     */
    static PublicKey publicHalf(PrivateKey key) throws GeneralSecurityException {
        return switch (key) {
            case RSAPrivateCrtKey rsa ->
                    KeyFactory.getInstance("RSA")
                            .generatePublic(
                                    new RSAPublicKeySpec(
                                            rsa.getModulus(), rsa.getPublicExponent()));
            case ECPrivateKey ec -> publicHalf(ec);
            case EdECPrivateKey ed when ed.getParams().getName().equals(Ed25519.NAME) ->
                    publicHalf(ed.getBytes().orElseThrow(JdkKeys::unsupported));
            default -> throw unsupported();
        };
    }

    /**
     * The JDK multiplies points only to agree on keys, and says no more of the product than its x.
     * The y is one of the two roots of the curve's equation: the one with which signatures verify.
     */
    private static PublicKey publicHalf(ECPrivateKey key) throws GeneralSecurityException {
        ECParameterSpec parameters = key.getParams();
        curve(parameters); // of the supported ones, each p is 3 modulo 4
        BigInteger x = timesGenerator(key);
        BigInteger p = ((ECFieldFp) parameters.getCurve().getField()).getP();
        BigInteger square =
                x.pow(2)
                        .add(parameters.getCurve().getA())
                        .multiply(x)
                        .add(parameters.getCurve().getB());
        BigInteger root = square.modPow(p.add(BigInteger.ONE).shiftRight(2), p);
        for (BigInteger y : List.of(root, p.subtract(root))) {
            PublicKey half = publicKey(new ECPoint(x, y), parameters);
            if (verifies(key, half)) {
                return half;
            }
        }
        throw new KeyException("it is not a valid key of its kind");
    }

    private static BigInteger timesGenerator(ECPrivateKey key) throws GeneralSecurityException {
        var agreement = KeyAgreement.getInstance("ECDH");
        agreement.init(key);
        agreement.doPhase(publicKey(key.getParams().getGenerator(), key.getParams()), true);
        return new BigInteger(1, agreement.generateSecret());
    }

    private static PublicKey publicKey(ECPoint point, ECParameterSpec parameters)
            throws GeneralSecurityException {
        return KeyFactory.getInstance("EC").generatePublic(new ECPublicKeySpec(point, parameters));
    }

    private static boolean verifies(PrivateKey key, PublicKey half)
            throws GeneralSecurityException {
        var signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(key);
        signature.update(SAMPLE);
        byte[] signed = signature.sign();
        signature.initVerify(half);
        signature.update(SAMPLE);
        return signature.verify(signed);
    }

    /** The JDK derives the public half of Ed25519 only while it generates a key: this one. */
    private static PublicKey publicHalf(byte[] seed) throws GeneralSecurityException {
        var generator = KeyPairGenerator.getInstance(Ed25519.NAME);
        generator.initialize(NamedParameterSpec.ED25519, new NotRandom(seed));
        return generator.generateKeyPair().getPublic();
    }

    /** Hands out a given key. Whether it became that key is seen when the halves are compared. */
    private static final class NotRandom extends SecureRandom {

        private static final long serialVersionUID = 1;

        private final byte[] bytes;

        NotRandom(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        public void nextBytes(byte[] target) {
            System.arraycopy(bytes, 0, target, 0, Math.min(bytes.length, target.length));
        }
    }
}
