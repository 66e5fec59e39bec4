package dev.longwave.server.hooks;

import dev.longwave.broker.BrokerConfigurationException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What requests are signed with, so that the application knows that they come from this server: the
 * symmetric scheme of Standard Webhooks. Safe for many threads.
 */
final class HookSecret {

    private static final String PREFIX = "whsec_";
    private static final int MIN_BYTES = 24;
    private static final int MAX_BYTES = 64;
    private static final String ALGORITHM = "HmacSHA256";

    private final SecretKeySpec key;

    private HookSecret(byte[] key) {
        this.key = new SecretKeySpec(key, ALGORITHM);
    }

    /**
     * {@return the secret that {@code text} stands for: base64 of 24 to 64 bytes, after {@value
     * #PREFIX}}
     *
     * @throws BrokerConfigurationException if it is none; the message does not show it
     */
    static HookSecret parse(String text) {
        String stripped = text.strip();
        if (stripped.startsWith(PREFIX)) {
            try {
                byte[] key = Base64.getDecoder().decode(stripped.substring(PREFIX.length()));
                if (key.length >= MIN_BYTES && key.length <= MAX_BYTES) {
                    return new HookSecret(key);
                }
            } catch (IllegalArgumentException _) {
                // Said below.
            }
        }
        throw new BrokerConfigurationException(
                "the secret of hooks must be whsec_ and the base64 of %d to %d random bytes"
                        .formatted(MIN_BYTES, MAX_BYTES));
    }

    /** {@return the value of {@code webhook-signature}} */
    String signature(String id, long timestampSeconds, byte[] body) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            mac.update((id + '.' + timestampSeconds + '.').getBytes(StandardCharsets.UTF_8));
            return "v1," + Base64.getEncoder().encodeToString(mac.doFinal(body));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HMAC-SHA256", e);
        }
    }

    @Override
    public String toString() {
        return "***";
    }
}
