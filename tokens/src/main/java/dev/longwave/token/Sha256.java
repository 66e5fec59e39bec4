package dev.longwave.token;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * SHA-256 (FIPS 180-4) of text: what a server keeps of an API key, and what stands for a secret
 * wherever the secret itself must not be kept.
 */
public final class Sha256 {

    private Sha256() {}

    /** {@return the hash of {@code text} in UTF-8, as 64 lower-case hexadecimal digits} */
    public static String hex(String text) {
        try {
            return HexFormat.of()
                    .formatHex(
                            MessageDigest.getInstance("SHA-256")
                                    .digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has it", e);
        }
    }
}
