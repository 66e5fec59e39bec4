package dev.longwave.server.explain;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Whose streams are asked for.
 *
 * @param connection the ID of one stream; null for all streams of {@code subject}
 * @param subject who the client is; null for clients that have not signed in
 */
record Client(@Nullable String connection, @Nullable String subject) {

    /** Whether a stream is meant. */
    boolean has(String itsConnection, @Nullable String itsSubject) {
        return connection == null
                ? Objects.equals(subject, itsSubject)
                : connection.equals(itsConnection);
    }
}
