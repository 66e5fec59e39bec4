package dev.longwave.broker.postgres;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.BrokerException;
import dev.longwave.broker.BrokerRefusedException;
import dev.longwave.broker.feed.Feed;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Looks whether the database is as the broker needs it: at the start, every minute, and when
 * something failed.
 */
final class Inspection implements AutoCloseable {
    /*
     * What is found makes the broker degraded, and is logged when it is found and when it is over. The schema is not
     * repaired: it may be missing because an operator is about to restore it.
     *
     * Each node writes down its settings. They are compared with those of nodes that did so lately, so that a change of
     * settings can go from node to node; while they differ, all nodes say so in their logs.
     */
    private static final Logger LOGGER = System.getLogger(Inspection.class.getName());

    private static final Duration PERIOD = Duration.ofMinutes(1);
    private static final Duration SHORTEST_PAUSE = Duration.ofSeconds(1);
    private static final int PRESENT_PERIODS = 3;

    /** How many time-outs to wait at the start, as servers and nodes often start together. */
    private static final int PATIENCE_AT_START = 3;

    private final Database database;
    private final PostgresSettings settings;
    private final String node;
    private final Echo echo;
    private final Feed feed;
    private final String schema;
    private final Map<String, String> findings = new HashMap<>(); // confined to the thread
    private String toldDifference = ""; // confined to the thread, as is the next
    private int echoesMissed; // in a row
    private final Semaphore suspicion = new Semaphore(0);
    private final Thread thread =
            Thread.ofVirtual().name("longwave-postgres-inspection").unstarted(this::run);

    Inspection(Database database, PostgresSettings settings, String node, Echo echo, Feed feed) {
        this.database = database;
        this.settings = settings;
        this.node = node;
        this.echo = echo;
        this.feed = feed;
        this.schema = settings.quotedSchema();
    }

    /**
     * Looks at what must be right at the start.
     *
     * @throws BrokerConfigurationException if no notification arrives
     */
    void verify() {
        try {
            if (!echo.comesBack(settings.timeout().multipliedBy(PATIENCE_AT_START))) {
                throw new BrokerConfigurationException(
                        "a notification that was sent by broker.postgres.url did not arrive at"
                            + " broker.postgres.listen-url. If url leads to a pooler in transaction"
                            + " mode, as PgBouncer's, set listen-url to the server itself; both"
                            + " must name the same database");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return;
        }
        database.call("write down the longest data", this::writeLimit);
    }

    /** Looks every minute, in the background. */
    void start() {
        thread.start();
    }

    /** Looks soon, as something is not as it should be. */
    void suspect() {
        if (suspicion.availablePermits() == 0) {
            suspicion.release();
        }
    }

    private void run() {
        try {
            while (true) {
                inspect();
                Thread.sleep(SHORTEST_PAUSE);
                var _ = suspicion.tryAcquire(PERIOD.toMillis(), TimeUnit.MILLISECONDS);
                suspicion.drainPermits();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // the inspection is closed
        } catch (IllegalStateException _) {
            // The database is closed.
        }
    }

    private void inspect() throws InterruptedException {
        try {
            found("schema", database.call("inspect the schema", this::faultOfSchema));
            tellDifference(database.call("compare settings", this::difference));
            found("notifications", faultOfNotifications());
        } catch (BrokerRefusedException e) {
            found("schema", PostgresFailure.summary(e));
            LOGGER.log(Level.DEBUG, "an inspection was refused", e);
        } catch (BrokerException e) {
            LOGGER.log(Level.DEBUG, "cannot inspect the database", e); // its state says so already
        }
    }

    /** Takes the result of an inspection: what is wrong, or nothing. */
    private void found(String what, String fault) {
        String before = fault.isEmpty() ? findings.remove(what) : findings.put(what, fault);
        if (fault.isEmpty()) {
            if (before != null) {
                feed.recovered(what);
                LOGGER.log(Level.INFO, "in order again: {0}", before);
            }
        } else if (!fault.equals(before)) {
            feed.degraded(what, fault);
            LOGGER.log(Level.WARNING, "{0}", fault);
        }
    }

    private void tellDifference(String difference) {
        if (!difference.equals(toldDifference)) {
            toldDifference = difference;
            if (!difference.isEmpty()) {
                LOGGER.log(
                        Level.ERROR,
                        "the settings of nodes on one database differ, and must be the same: {0}"
                                + " schema={1}",
                        difference,
                        settings.schema());
            }
        }
    }

    /** A notification may be lost while the connection is made again: two in a row tell. */
    private String faultOfNotifications() throws InterruptedException {
        if (echo.comesBack(settings.timeout())) {
            echoesMissed = 0;
            return "";
        }
        echoesMissed++;
        if (echoesMissed == 1) {
            suspect();
            return findings.getOrDefault("notifications", "");
        }
        return "notifications do not arrive, so events come up to one resync-period late;"
                + " listen-url must lead to the server itself";
    }

    private String faultOfSchema(Connection connection) throws SQLException {
        List<String> missing = new ArrayList<>();
        for (String table : List.of("meta", "topic", "event", "dedupe", "claim", "presence")) {
            if (!exists(connection, table)) {
                missing.add(table);
            }
        }
        if (!missing.isEmpty()) {
            return "the schema is incomplete: restore it, or drop what is left and start a node,"
                    + " which creates it;"
                    + " schema=%s missing=%s".formatted(settings.schema(), missing);
        }
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT version FROM " + schema + ".meta")) {
            int version = row.next() ? row.getInt(1) : 0;
            return version < Migrations.VERSION
                    ? "the schema is of an older version, perhaps from a backup: restart a node,"
                            + " which migrates it;"
                            + " schema=%s version=%d needed=%d"
                                    .formatted(settings.schema(), version, Migrations.VERSION)
                    : "";
        }
    }

    private boolean exists(Connection connection, String table) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT to_regclass(?) IS NOT NULL")) {
            statement.setString(1, schema + '.' + table);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() && row.getBoolean(1);
            }
        }
    }

    private int writeLimit(Connection connection) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "UPDATE %s.meta SET max_message_bytes = ? WHERE max_message_bytes <> ?"
                                .formatted(schema))) {
            statement.setInt(1, settings.maxMessageBytes());
            statement.setInt(2, settings.maxMessageBytes());
            return statement.executeUpdate();
        }
    }

    /** {@return how another node's settings differ; empty if none does} */
    private String difference(Connection connection) throws SQLException {
        String sql =
                """
                WITH mine AS (
                    INSERT INTO @.node (name, settings, seen_at) VALUES (?, ?, clock_timestamp())
                    ON CONFLICT (name) DO UPDATE SET settings = excluded.settings, seen_at = excluded.seen_at)
                SELECT n.name, n.settings FROM @.node n
                WHERE n.name <> ? AND n.settings <> ?
                AND n.seen_at > clock_timestamp() - make_interval(secs => ?)
                ORDER BY n.seen_at DESC LIMIT 1
                """
                        .replace("@", schema);
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, node);
            statement.setString(2, settings.shared());
            statement.setString(3, node);
            statement.setString(4, settings.shared());
            statement.setLong(5, PERIOD.multipliedBy(PRESENT_PERIODS).toSeconds());
            try (ResultSet row = statement.executeQuery()) {
                return row.next()
                        ? "here: %s; node %s: %s"
                                .formatted(settings.shared(), row.getString(1), row.getString(2))
                        : "";
            }
        }
    }

    @Override
    public void close() {
        Threads.stop(thread);
    }
}
