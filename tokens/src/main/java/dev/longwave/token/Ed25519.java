package dev.longwave.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.impl.BaseJWSProvider;
import com.nimbusds.jose.util.Base64URL;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.EdECPublicKey;
import java.security.spec.EdECPoint;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.EdECPublicKeySpec;
import java.security.spec.NamedParameterSpec;
import java.util.Set;

/** Ed25519 (RFC 8032) as the JDK has it, for Nimbus, whose own implementation needs Tink. */
final class Ed25519 {

    static final String NAME = "Ed25519";
    private static final int KEY_BYTES = 32;

    private Ed25519() {}

    /**
     * The key of this encoding: RFC 8032, section 5.1.2. A little-endian number, with the sign of
     * the other coordinate as its highest bit.
     */
    static PublicKey publicKey(byte[] encoded) throws GeneralSecurityException {
        byte[] bigEndian = reversed(encoded);
        boolean odd = bigEndian[0] < 0;
        bigEndian[0] &= 0x7F;
        var point = new EdECPoint(odd, new BigInteger(1, bigEndian));
        return KeyFactory.getInstance(NAME)
                .generatePublic(new EdECPublicKeySpec(NamedParameterSpec.ED25519, point));
    }

    static byte[] encoded(EdECPublicKey key) {
        byte[] encoded = new byte[KEY_BYTES];
        byte[] number = key.getPoint().getY().toByteArray(); // 32 bytes at most: it is below 2^255
        System.arraycopy(number, 0, encoded, KEY_BYTES - number.length, number.length);
        if (key.getPoint().isXOdd()) {
            encoded[0] |= (byte) 0x80;
        }
        return reversed(encoded);
    }

    static PrivateKey privateKey(byte[] seed) throws GeneralSecurityException {
        return KeyFactory.getInstance(NAME)
                .generatePrivate(new EdECPrivateKeySpec(NamedParameterSpec.ED25519, seed));
    }

    private static byte[] reversed(byte[] bytes) {
        if (bytes.length != KEY_BYTES) {
            throw new IllegalArgumentException("not a key of Ed25519 bytes=" + bytes.length);
        }
        byte[] reversed = new byte[KEY_BYTES];
        for (int i = 0; i < KEY_BYTES; i++) {
            reversed[i] = bytes[KEY_BYTES - 1 - i];
        }
        return reversed;
    }

    /** Safe for many threads. */
    static final class Verifier extends BaseJWSProvider implements JWSVerifier {

        private final PublicKey key;

        Verifier(PublicKey key) {
            super(Set.of(JWSAlgorithm.EdDSA));
            this.key = key;
        }

        @Override
        public boolean verify(JWSHeader header, byte[] input, Base64URL signature) {
            try {
                Signature verification = Signature.getInstance(NAME);
                verification.initVerify(key);
                verification.update(input);
                return verification.verify(signature.decode());
            } catch (GeneralSecurityException _) {
                return false; // not even the form of a signature
            }
        }
    }

    /** Safe for many threads. */
    static final class Signer extends BaseJWSProvider implements JWSSigner {

        private final PrivateKey key;

        Signer(PrivateKey key) {
            super(Set.of(JWSAlgorithm.EdDSA));
            this.key = key;
        }

        @Override
        public Base64URL sign(JWSHeader header, byte[] input) throws JOSEException {
            try {
                Signature signing = Signature.getInstance(NAME);
                signing.initSign(key);
                signing.update(input);
                return Base64URL.encode(signing.sign());
            } catch (GeneralSecurityException e) {
                throw new JOSEException("cannot sign with Ed25519", e);
            }
        }
    }
}
