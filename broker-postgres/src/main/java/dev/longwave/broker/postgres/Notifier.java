package dev.longwave.broker.postgres;

import java.sql.PreparedStatement;
import java.util.List;

/** Sends notifications to all nodes. Safe for many threads. */
final class Notifier {
    /*
     * A transaction that notifies holds a server-wide lock while it commits. Its commit is not flushed,
     * which keeps the lock short.
     */
    private static final String NOTIFY =
            "SELECT set_config('synchronous_commit', 'off', true), pg_notify(?, p)"
                    + " FROM unnest(?::text[]) p";

    private final Database database;
    private final String channel;

    Notifier(Database database, String channel) {
        this.database = database;
        this.channel = channel;
    }

    /** Sends these payloads in one transaction; see {@link Database#call} for its failures. */
    void send(String what, List<String> payloads) {
        var _ =
                database.call(
                        what,
                        connection -> {
                            try (PreparedStatement statement =
                                    connection.prepareStatement(NOTIFY)) {
                                statement.setString(1, channel);
                                statement.setArray(
                                        2, connection.createArrayOf("text", payloads.toArray()));
                                return statement.execute();
                            }
                        });
    }
}
