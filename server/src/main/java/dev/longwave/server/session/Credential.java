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
 * @param key the key that vouches for it; null if there is none
 */
public record Credential(
        @Nullable String subject,
        @Nullable String tokenId,
        @Nullable Instant issued,
        Instant expires,
        @Nullable Key key) {

    /**
     * The key that vouches for a credential.
     *
     * @param source which of the server's keys it is one of, such as those of an issuer. The same
     *     on all nodes
     * @param id what tells it from the others of this source
     */
    public record Key(String source, String id) {}

    /** A client that has not signed in. */
    public static final Credential NONE = new Credential(null, null, null, Instant.MAX, null);

    /** {@return the credential of a client that is {@code subject} for as long as it likes} */
    public static Credential of(String subject) {
        return of(subject, null);
    }

    /** {@return the same, for as long as there is {@code key}} */
    public static Credential of(String subject, @Nullable Key key) {
        return new Credential(subject, null, null, Instant.MAX, key);
    }
}
