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
 */
public record Credential(
        @Nullable String subject,
        @Nullable String tokenId,
        @Nullable Instant issued,
        Instant expires) {

    /** A client that has not signed in. */
    public static final Credential NONE = new Credential(null, null, null, Instant.MAX);

    /** {@return the credential of a client that is {@code subject} for as long as it likes} */
    public static Credential of(String subject) {
        return new Credential(subject, null, null, Instant.MAX);
    }
}
