package dev.longwave.token;

import com.nimbusds.jose.jwk.OctetKeyPair;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;

/**
 * Signatures with Ed25519 by the JDK: Nimbus needs a further library for them. A raw key becomes
 * one of the JDK with the fixed beginning of its encoding: RFC 8410.
 */
final class Ed25519 {

    static final int KEY_BYTES = 32;

    private static final byte[] PUBLIC_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");
    private static final byte[] PRIVATE_PREFIX =
            HexFormat.of().parseHex("302e020100300506032b657004220420");

    private Ed25519() {}

    static boolean verify(OctetKeyPair key, byte[] signed, byte[] signature)
            throws GeneralSecurityException {
        Signature verifier = Signature.getInstance("Ed25519");
        verifier.initVerify(
                KeyFactory.getInstance("Ed25519")
                        .generatePublic(
                                new X509EncodedKeySpec(
                                        joined(PUBLIC_PREFIX, key.getX().decode()))));
        verifier.update(signed);
        return verifier.verify(signature);
    }

    static byte[] sign(OctetKeyPair key, byte[] signed) throws GeneralSecurityException {
        Signature signer = Signature.getInstance("Ed25519");
        signer.initSign(
                KeyFactory.getInstance("Ed25519")
                        .generatePrivate(
                                new PKCS8EncodedKeySpec(
                                        joined(PRIVATE_PREFIX, key.getD().decode()))));
        signer.update(signed);
        return signer.sign();
    }

    private static byte[] joined(byte[] prefix, byte[] key) {
        return ByteBuffer.allocate(prefix.length + key.length).put(prefix).put(key).array();
    }
}
