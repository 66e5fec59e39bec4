package dev.longwave.server.centrifuge;

import dev.longwave.server.auth.Identity;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The members of topics. Safe for many threads. */
public interface Members {

    /** Nobody is: there is no presence on this server. */
    Members NONE = new NoMembers();

    /**
     * One connection.
     *
     * @param connection its ID
     * @param user whose it is; empty if its client has not signed in
     * @param info what the application says of it, a JSON text; null for nothing
     */
    record Member(String connection, String user, @Nullable String info) {

        void addTo(JsonBytes json) {
            json.raw("{\"user\":").string(user).raw(",\"client\":").string(connection);
            if (info != null) {
                json.raw(",\"conn_info\":").raw(info.getBytes(StandardCharsets.UTF_8));
            }
            json.raw("}");
        }
    }

    /** How many there are. */
    record Counts(int connections, int users) {}

    /** Is notified of joins and leaves. Must not block. */
    interface Listener {

        void joined(Member member);

        void left(Member member);
    }

    /** Ends what it was returned for. Does not block, and does nothing the second time. */
    interface Registration extends AutoCloseable {

        @Override
        void close();
    }

    /**
     * A connection of {@code client} is subscribed to {@code topic} until the result is closed. If
     * its membership cannot be told to others, it is not, and nothing is thrown.
     *
     * @param info what to tell others of it, a JSON text; null for nothing
     */
    Registration enter(Identity client, String topic, String connection, @Nullable String info);

    /**
     * Notifies {@code listener} of joins and leaves, until the result is closed, if {@code client}
     * may see the members.
     */
    Registration watch(Identity client, String topic, Listener listener);

    /**
     * {@return the connections at {@code topic}}
     *
     * @throws RuntimeException if the client may not know it, or nobody does; the client is told
     *     why
     */
    List<Member> list(Identity client, String topic);

    /**
     * {@return how many there are}
     *
     * @throws RuntimeException likewise
     */
    Counts counts(Identity client, String topic);
}
