package dev.longwave.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A file of API keys that has a single one. */
final class KeysFile {

    private static final String KEY = "lwk_test";

    /** The key, as the value of {@code Authorization}. */
    static final String BEARER = "Bearer " + KEY;

    private KeysFile() {}

    /** Creates a file, for the caller to delete, whose key may publish to {@code topics}. */
    static Path create(String topics) throws IOException, NoSuchAlgorithmException {
        byte[] hash =
                MessageDigest.getInstance("SHA-256").digest(KEY.getBytes(StandardCharsets.UTF_8));
        return Files.writeString(
                Files.createTempFile("keys", ".yaml"),
                """
                backend:
                  sha256: %s
                  publish: ["%s"]
                """
                        .formatted(HexFormat.of().formatHex(hash), topics));
    }
}
