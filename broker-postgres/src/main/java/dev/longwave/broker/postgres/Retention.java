package dev.longwave.broker.postgres;

import dev.longwave.broker.BrokerException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Creates partitions ahead of time, drops old ones, and deletes expired rows. */
final class Retention implements AutoCloseable {
    /*
     * Uses the database's clock. One node works at a time: it tries to take an advisory lock, which
     * ends with the transaction.
     *
     * - A new partition is created separately and then attached. Unlike CREATE TABLE … PARTITION
     *   OF, that does not block writers. If the default partition has events of its time range,
     *   attaching fails, and the next partition is tried.
     * - Dropping a partition locks the table briefly. If an open transaction is in the way, the
     *   attempt ends soon, so that other statements do not queue behind it, and is repeated later.
     *   Partitions are dropped in order of time, so that the remaining events have no hole.
     * - The horizon is committed before anything older is dropped. Readers may report too much as
     *   dropped, but never too little.
     */
    private static final Logger LOGGER = System.getLogger(Retention.class.getName());

    private static final int PARTITIONS = 12;
    private static final int AHEAD = 3;
    private static final int FAILURES_BEFORE_WARNING = 10;
    private static final Duration SHORTEST_PARTITION = Duration.ofMillis(250);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
    private static final Duration FUNCTION_DEDUP_WINDOW = Duration.ofMinutes(2);
    private static final Duration NODES_KEPT = Duration.ofDays(1);
    private static final Pattern NAME = Pattern.compile("event_(\\d+)_(\\d+)");

    private final Database database;
    private final EventStore store;
    private final PostgresSettings settings;
    private final String schema;
    private final long partitionMillis;
    private int failures; // in a row; confined to the thread that sweeps
    private final Thread thread =
            Thread.ofVirtual().name("longwave-postgres-retention").unstarted(this::run);

    /** A partition for times from {@code start} to before {@code end}, in epoch milliseconds. */
    private record Partition(String name, long start, long end) {
        static @Nullable Partition named(String name) {
            Matcher parts = NAME.matcher(name);
            return parts.matches()
                    ? new Partition(
                            name, Long.parseLong(parts.group(1)), Long.parseLong(parts.group(2)))
                    : null;
        }
    }

    Retention(Database database, EventStore store, PostgresSettings settings) {
        this.database = database;
        this.store = store;
        this.settings = settings;
        this.schema = settings.quotedSchema();
        this.partitionMillis =
                Math.max(
                        SHORTEST_PARTITION.toMillis(),
                        settings.retentionAge().dividedBy(PARTITIONS).toMillis());
    }

    void start() {
        sweep();
        thread.start();
    }

    private void run() {
        long pause = Math.min(LONGEST_PAUSE.toMillis(), partitionMillis / 2);
        try {
            while (true) {
                Thread.sleep(pause);
                sweep();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // retention is closed
        } catch (IllegalStateException _) {
            // The database is closed.
        }
    }

    /** Does the work that is due. A step that fails is repeated next time. */
    private void sweep() {
        try {
            Instant now = exclusively("create partitions", this::createAhead);
            Instant horizon = now.minus(settings.retentionAge());
            exclusively(
                    "set the horizon",
                    connection -> {
                        execute(
                                connection,
                                "UPDATE %s.meta SET trimmed_before = '%s' WHERE trimmed_before < '%s'"
                                        .formatted(schema, horizon, horizon));
                        return now;
                    });
            exclusively("drop partitions", connection -> dropBefore(connection, horizon));
            exclusively("delete expired rows", this::deleteExpired);
            eraseDeleted();
            failures = 0;
        } catch (BrokerException e) {
            failures++;
            LOGGER.log(
                    Level.DEBUG,
                    "retention failed, and is repeated later schema=" + settings.schema(),
                    e);
            if (failures == FAILURES_BEFORE_WARNING) {
                LOGGER.log(
                        Level.WARNING,
                        "old events cannot be dropped; a long-running transaction may hold a lock"
                                + " schema={0} attempts={1}",
                        settings.schema(),
                        failures);
            }
        }
    }

    /**
     * Runs {@code work} in a transaction; {@return its result, or the time if another node works}
     */
    private Instant exclusively(String what, Database.Work<Instant> work) {
        return database.maintain(
                what,
                connection -> {
                    connection.setAutoCommit(false);
                    try {
                        execute(connection, "SET LOCAL lock_timeout = '250ms'");
                        Instant result =
                                tryLock(connection) ? work.run(connection) : now(connection);
                        connection.commit();
                        return result;
                    } catch (SQLException e) {
                        rollback(connection, e);
                        throw e;
                    } finally {
                        restore(connection);
                    }
                });
    }

    private Instant createAhead(Connection connection) throws SQLException {
        Instant now = now(connection);
        long covered = 0;
        for (Partition each : partitions(connection)) {
            covered = Math.max(covered, each.end);
        }
        long wanted = now.toEpochMilli() + AHEAD * partitionMillis;
        while (covered < wanted) {
            long start = Math.max(covered, floor(now.toEpochMilli()));
            long end = floor(start) + partitionMillis;
            make(connection, new Partition("event_" + start + '_' + end, start, end));
            covered = end;
        }
        return now;
    }

    private long floor(long millis) {
        return millis - millis % partitionMillis;
    }

    private void make(Connection connection, Partition partition) throws SQLException {
        var before = connection.setSavepoint();
        try {
            execute(
                    connection,
                    "CREATE TABLE %s.%s (LIKE %s.event INCLUDING DEFAULTS INCLUDING CONSTRAINTS)"
                            .formatted(schema, partition.name, schema));
            execute(
                    connection,
                    "ALTER TABLE %s.event ATTACH PARTITION %s.%s FOR VALUES FROM ('%s') TO ('%s')"
                            .formatted(
                                    schema,
                                    schema,
                                    partition.name,
                                    Instant.ofEpochMilli(partition.start),
                                    Instant.ofEpochMilli(partition.end)));
        } catch (SQLException e) {
            connection.rollback(before);
            LOGGER.log(
                    Level.DEBUG,
                    "cannot create a partition, its events stay in the default one " + partition,
                    e);
        }
    }

    private Instant dropBefore(Connection connection, Instant horizon) throws SQLException {
        execute(
                connection,
                "DELETE FROM %s.event_default WHERE at < '%s'".formatted(schema, horizon));
        for (Partition each : partitions(connection)) {
            if (each.end <= horizon.toEpochMilli()) {
                execute(connection, "DROP TABLE %s.%s".formatted(schema, each.name));
            }
        }
        return horizon;
    }

    /** Removes what is left of deleted topics whose node could not do it. */
    private void eraseDeleted() {
        Map<Long, Long> due =
                database.read(
                        "find deleted topics",
                        connection -> {
                            try (Statement statement = connection.createStatement();
                                    ResultSet row =
                                            statement.executeQuery(
                                                    ("SELECT id, deleted_seq FROM %s.topic WHERE"
                                                         + " erase_due AND deleted_at <"
                                                         + " clock_timestamp() - interval '1"
                                                         + " minute'")
                                                            .formatted(schema))) {
                                var found = new HashMap<Long, Long>();
                                while (row.next()) {
                                    found.put(row.getLong(1), row.getLong(2));
                                }
                                return found;
                            }
                        });
        due.forEach((id, upTo) -> store.erase(database, id, upTo));
    }

    private Instant deleteExpired(Connection connection) throws SQLException {
        Instant now = now(connection);
        execute(
                connection,
                "DELETE FROM %s.dedupe WHERE at < '%s'"
                        .formatted(schema, now.minus(longestDedupWindow())));
        execute(
                connection,
                "DELETE FROM %s.node WHERE seen_at < '%s'"
                        .formatted(schema, now.minus(NODES_KEPT)));
        for (String table : List.of("claim", "presence")) {
            execute(
                    connection,
                    "DELETE FROM %s.%s WHERE expires_at < '%s'".formatted(schema, table, now));
        }
        return now;
    }

    /** {@return the longer deduplication window, that of the nodes or of longwave_publish} */
    private Duration longestDedupWindow() {
        Duration ours = settings.dedupWindow();
        return ours.compareTo(FUNCTION_DEDUP_WINDOW) < 0 ? FUNCTION_DEDUP_WINDOW : ours;
    }

    private List<Partition> partitions(Connection connection) throws SQLException {
        var partitions = new ArrayList<Partition>();
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
                                + " WHERE i.inhparent = ?::regclass")) {
            statement.setString(1, schema + ".event");
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    Partition partition = Partition.named(row.getString(1));
                    if (partition != null) {
                        partitions.add(partition);
                    }
                }
            }
        }
        partitions.sort(Comparator.comparingLong(Partition::start));
        return partitions;
    }

    private boolean tryLock(Connection connection) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "SELECT pg_try_advisory_xact_lock(hashtextextended(?, 0))")) {
            statement.setString(1, settings.channel() + ":retention");
            try (ResultSet row = statement.executeQuery()) {
                return row.next() && row.getBoolean(1);
            }
        }
    }

    private static Instant now(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT clock_timestamp()")) {
            row.next();
            return row.getObject(1, OffsetDateTime.class).toInstant();
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static void rollback(Connection connection, SQLException cause) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }

    private static void restore(Connection connection) throws SQLException {
        if (!connection.isClosed()) {
            connection.setAutoCommit(true);
        }
    }

    @Override
    public void close() {
        Threads.stop(thread);
    }
}
