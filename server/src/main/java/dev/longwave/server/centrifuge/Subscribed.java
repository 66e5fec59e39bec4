package dev.longwave.server.centrifuge;

import dev.longwave.server.auth.Identity;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * One topic or pattern of a connection. What may change is guarded by the lock of its {@link
 * Subscriptions}.
 */
final class Subscribed {

    final String name;
    final boolean byServer; // rather than on request

    private @Nullable Identity granted; // by a token of its own
    @Nullable Unsubscription ended;
    boolean live; // it was added to the outbox
    @Nullable Future<?> expiry;
    Members.@Nullable Registration membership;
    Members.@Nullable Registration watch;

    Subscribed(String name, boolean byServer) {
        this.name = name;
        this.byServer = byServer;
    }

    /** Its right is that of a token of its own from now on. */
    synchronized void grant(Identity byToken) {
        granted = byToken;
    }

    private synchronized @Nullable Identity granted() {
        return granted;
    }

    /**
     * Checks that the client may read it.
     *
     * @throws dev.longwave.server.http.ProblemException if not
     */
    void check(Identity client) {
        Identity own = granted();
        client.checkSubscribe(List.of()); // the connection's own credential counts always
        (own == null ? client : own).checkSubscribe(List.of(name));
    }

    boolean holds(Identity client) {
        Identity own = granted();
        return (own == null ? client : own).holds(List.of(name));
    }

    /** {@return when its own right ends; {@link Instant#MAX} if it has none, or it does not end} */
    Instant expires() {
        Identity own = granted();
        return own == null ? Instant.MAX : own.credential().expires();
    }
}
