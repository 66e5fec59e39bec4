package dev.longwave.server.session;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a client has proved who it is with. Never the secret itself.
 *
 * @param subject who the client is; null if it has not signed in
 * @param tokenId the ID of its token; null if it has none
 * @param issued when the credential was issued; null if it does not say
 * @param expires when the right ends; {@link Instant#MAX} for never
 * @param key what tells the key that vouches for it from others; null if there is none
 */
public record Credential(
        @Nullable String subject,
        @Nullable String tokenId,
        @Nullable Instant issued,
        Instant expires,
        @Nullable String key) {

    /** A client that has not signed in. */
    public static final Credential NONE = new Credential(null, null, null, Instant.MAX, null);

    /** {@return the credential of a client that is {@code subject} for as long as it likes} */
    public static Credential of(String subject) {
        return of(subject, null);
    }

    /** {@return the same, for as long as there is {@code key}} */
    public static Credential of(String subject, @Nullable String key) {
        return new Credential(subject, null, null, Instant.MAX, key);
    }
}
