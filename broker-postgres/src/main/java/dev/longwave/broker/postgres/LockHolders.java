package dev.longwave.broker.postgres;

import dev.longwave.broker.BrokerException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/** Finds the transactions that publishers of this database wait for, and names them in the log. */
final class LockHolders {
    /*
     * Only who waits knows for whom. So this looks while a connection waits, and follows the chain: the one that it
     * waits for may wait as well, and that for another. The statements of a role's own connections are visible to it;
     * of other roles, the server tells the process and the application's name, and with pg_read_all_stats their age.
     */
    private static final Logger LOGGER = System.getLogger(LockHolders.class.getName());

    private static final Duration UNTIL_WAITING = Duration.ofMillis(50);
    private static final Duration QUIET = Duration.ofMinutes(1);

    private static final String FIND =
            """
            WITH RECURSIVE blocker (pid, depth) AS (
                SELECT p, 1
                FROM pg_stat_activity w, unnest(pg_blocking_pids(w.pid)) p
                WHERE w.usename = current_user AND w.wait_event_type = 'Lock' AND w.query LIKE ?
                UNION
                SELECT p, b.depth + 1 FROM blocker b, unnest(pg_blocking_pids(b.pid)) p WHERE b.depth < 8
            )
            SELECT DISTINCT b.pid, a.application_name, a.usename, a.state,
                   floor(extract(epoch FROM clock_timestamp() - a.xact_start))::bigint
            FROM blocker b LEFT JOIN pg_stat_activity a ON a.pid = b.pid
            WHERE cardinality(pg_blocking_pids(b.pid)) = 0
            """;

    private final Database database;
    private final String waiting;
    private final AtomicBoolean looking = new AtomicBoolean();
    private final Map<String, Long> reported = new HashMap<>(); // confined to the one who looks

    LockHolders(Database database, PostgresSettings settings) {
        this.database = database;
        this.waiting = "%" + settings.quotedSchema().replace("_", "\\_") + ".store(%";
    }

    /** Looks soon, in the background, when the caller has begun to wait. */
    void reportSoon() {
        if (!looking.getAndSet(true)) {
            Thread.ofVirtual().name("longwave-postgres-holders").start(this::report);
        }
    }

    private void report() {
        try {
            Thread.sleep(UNTIL_WAITING);
            long now = System.nanoTime();
            reported.values().removeIf(at -> now - at > QUIET.toNanos());
            for (String holder : database.read("find who holds a topic", this::find)) {
                if (reported.putIfAbsent(holder.substring(0, holder.indexOf(' ')), now) == null) {
                    LOGGER.log(
                            Level.WARNING,
                            "publishing to some topics waits for another transaction, which has"
                                    + " published to them and must end: {0}",
                            holder);
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (BrokerException | IllegalStateException e) {
            LOGGER.log(Level.DEBUG, "cannot find who holds a topic", e);
        } finally {
            looking.set(false);
        }
    }

    /** {@return the transactions that hold topics, each as facts that begin with {@code pid=}} */
    private List<String> find(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(FIND)) {
            statement.setString(1, waiting);
            try (ResultSet row = statement.executeQuery()) {
                var found = new ArrayList<String>();
                while (row.next()) {
                    found.add(facts(row));
                }
                return found;
            }
        }
    }

    private static String facts(ResultSet row) throws SQLException {
        int pid = row.getInt(1);
        if (pid == 0) {
            return "pid=none (a prepared transaction: see pg_prepared_xacts)";
        }
        String application = row.getString(2);
        String state = row.getString(4);
        long age = row.getLong(5);
        return "pid=%d age=%s application_name=%s user=%s state=%s"
                .formatted(
                        pid,
                        row.wasNull() ? "unknown" : Duration.ofSeconds(age),
                        application == null ? "unknown" : ErrorText.oneLine(application),
                        row.getString(3),
                        state == null ? "unknown" : state);
    }
}
