package dev.longwave.server.centrifuge;

import java.security.SecureRandom;
import java.util.Base64;

/** Names that nobody can guess. Safe for many threads. */
final class Secrets {

    private static final int BYTES = 18;
    private static final SecureRandom RANDOM = new SecureRandom();

    private Secrets() {}

    static String next() {
        byte[] bytes = new byte[BYTES];
        RANDOM.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
