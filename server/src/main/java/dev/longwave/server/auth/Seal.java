package dev.longwave.server.auth;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Makes texts that nobody else can read or make, with a secret that all nodes share. Safe for many
 * threads.
 */
final class Seal {
    /*
     * AES-256-GCM with a random nonce: fewer than 2^32 texts per secret, NIST SP 800-38D, section 8.3, which are more
     * than a hundred tickets a second for a year. The keys for sealing and for proofs are derived from the secret.
     */
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final int PROOF_BYTES = 16;
    private static final int MAX_TEXT = 8 << 10;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final SecretKeySpec sealing;
    private final byte[] proving;

    /**
     * @param secret 32 bytes or more
     */
    Seal(byte[] secret) {
        this.sealing = new SecretKeySpec(hmac(secret, "longwave ticket seal"), "AES");
        this.proving = hmac(secret, "longwave ticket proof");
    }

    /** {@return a seal that only this process can open} */
    static Seal random() {
        var secret = new byte[32];
        RANDOM.nextBytes(secret);
        return new Seal(secret);
    }

    /** {@return 128 random bits, as text} */
    static String randomId() {
        var id = new byte[16];
        RANDOM.nextBytes(id);
        return text(id);
    }

    /** {@return {@code content}, sealed, as text for a URL} */
    String seal(byte[] content) {
        var nonce = new byte[NONCE_BYTES];
        RANDOM.nextBytes(nonce);
        try {
            byte[] sealed = cipher(Cipher.ENCRYPT_MODE, nonce).doFinal(content);
            return text(
                    ByteBuffer.allocate(NONCE_BYTES + sealed.length)
                            .put(nonce)
                            .put(sealed)
                            .array());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK can do this", e);
        }
    }

    /** {@return what was sealed in {@code text}; empty if that was not done here} */
    Optional<byte[]> open(String text) {
        if (text.length() > MAX_TEXT) {
            return Optional.empty();
        }
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(text);
            if (bytes.length <= NONCE_BYTES) {
                return Optional.empty();
            }
            byte[] nonce = Arrays.copyOf(bytes, NONCE_BYTES);
            return Optional.of(
                    cipher(Cipher.DECRYPT_MODE, nonce)
                            .doFinal(bytes, NONCE_BYTES, bytes.length - NONCE_BYTES));
        } catch (GeneralSecurityException | IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    /**
     * {@return what only a client knows to whom it was told: a proof that belongs to {@code id}}
     */
    String proof(String id) {
        return text(Arrays.copyOf(hmac(proving, id), PROOF_BYTES));
    }

    /** {@return whether {@code proof} is that of {@code id}} */
    boolean proves(String proof, String id) {
        return MessageDigest.isEqual(
                proof(id).getBytes(StandardCharsets.US_ASCII),
                proof.getBytes(StandardCharsets.UTF_8));
    }

    private Cipher cipher(int mode, byte[] nonce) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, sealing, new GCMParameterSpec(TAG_BITS, nonce));
        return cipher;
    }

    private static byte[] hmac(byte[] key, String text) {
        try {
            var mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK can do this", e);
        }
    }

    private static String text(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
