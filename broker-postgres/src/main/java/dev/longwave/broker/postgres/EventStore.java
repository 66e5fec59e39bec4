package dev.longwave.broker.postgres;

import dev.longwave.broker.Attributes;
import dev.longwave.broker.Durability;
import dev.longwave.broker.Entry;
import dev.longwave.broker.Message;
import dev.longwave.broker.Position;
import dev.longwave.broker.Publication;
import dev.longwave.broker.Published;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Writes to the table of events. */
final class EventStore {
    /*
     * A deletion first marks the topic, in one short transaction: from then on nobody reads the old events. Their rows
     * go away afterwards, a portion at a time, while the topic is published to. What is left when that fails, Retention
     * removes.
     */
    private static final String DELETE = "delete a topic";
    private static final int PORTION = 1000;

    /** No client can name this topic, and no page or pattern shows it. */
    private static final String PROBE_TOPIC = "\u0001probe";

    private static final int PROBE_CHARS = 16 << 10;

    private final Epochs epochs;
    private final Duration dedupWindow;
    private final Duration timeout;
    private final String store;
    private final String mark;
    private final String erase;
    private final String forget;
    private final String erased;
    private final String unprobe;

    /**
     * The result of storing a message.
     *
     * @param entry the message in the log; meaningless for a duplicate
     * @param previous the position of the event before it
     */
    record Stored(Published answer, Entry entry, Position previous) {}

    EventStore(PostgresSettings settings, Epochs epochs) {
        this.epochs = epochs;
        this.dedupWindow = settings.dedupWindow();
        this.timeout = settings.timeout();
        String schema = settings.quotedSchema();
        store =
                """
                SELECT o_nth, o_epoch, o_seq, o_at, o_prev_at, o_duplicate, o_flushed
                FROM @.store(?, ?, ?, ?, ?, ?, ?, make_interval(secs => ?), ?)
                """
                        .replace("@", schema);
        mark =
                """
                WITH marked AS (
                    UPDATE @.topic t SET deleted_seq = t.seq, deleted_at = clock_timestamp(), erase_due = true
                    WHERE t.name = ? RETURNING t.id, t.seq, t.at)
                SELECT m.epoch, d.id, coalesce(d.seq, 0), d.at FROM @.meta m LEFT JOIN marked d ON true
                """
                        .replace("@", schema);
        erase =
                """
                WITH old AS (SELECT e.seq, e.at FROM @.event e WHERE e.topic_id = ? AND e.seq <= ?
                             ORDER BY e.seq LIMIT %d)
                DELETE FROM @.event e USING old WHERE e.topic_id = ? AND e.seq = old.seq AND e.at = old.at
                """
                        .formatted(PORTION)
                        .replace("@", schema);
        forget = "DELETE FROM " + schema + ".dedupe WHERE topic_id = ? AND seq <= ?";
        // A topic that is held is left to Retention.
        erased =
                """
                UPDATE @.topic SET erase_due = false
                WHERE id = (SELECT t.id FROM @.topic t WHERE t.id = ? AND t.deleted_seq = ? FOR UPDATE SKIP LOCKED)
                """
                        .replace("@", schema);
        unprobe =
                "DELETE FROM @.event WHERE topic_id = (SELECT id FROM @.topic WHERE name = ?)"
                        .replace("@", schema);
    }

    /**
     * Stores messages in one transaction: either all of them are in the log afterwards, or none.
     * Messages of one topic keep their order.
     *
     * @param lockTimeout how long to wait for a topic that another transaction holds
     * @return what was stored, in the order of {@code publications}
     */
    List<Stored> store(Connection connection, List<Publication> publications, Duration lockTimeout)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(store)) {
            setArray(statement, 1, "text", publications, Publication::topic);
            setArray(statement, 2, "text", publications, it -> it.message().id());
            setArray(statement, 3, "text", publications, it -> it.message().type());
            setArray(statement, 4, "text", publications, it -> it.message().key());
            byte[][] data =
                    publications.stream().map(it -> it.message().data()).toArray(byte[][]::new);
            statement.setArray(5, connection.createArrayOf("bytea", data));
            setArray(statement, 6, "text", publications, it -> encoded(it.message().attributes()));
            setArray(statement, 7, "boolean", publications, it -> it.message().end());
            statement.setDouble(8, dedupWindow.toMillis() / 1000.0);
            statement.setString(9, lockTimeout.toMillis() + "ms");
            try (ResultSet row = statement.executeQuery()) {
                var stored = new @Nullable Stored[publications.size()];
                while (row.next()) {
                    int index = row.getInt(1) - 1;
                    stored[index] = stored(row, publications.get(index).message());
                }
                return Arrays.stream(stored).map(Objects::requireNonNull).toList();
            }
        }
    }

    private static <T> void setArray(
            PreparedStatement statement,
            int parameter,
            String type,
            List<T> values,
            Function<T, @Nullable Object> element)
            throws SQLException {
        var elements = new @Nullable Object[values.size()];
        for (int i = 0; i < elements.length; i++) {
            elements[i] = element.apply(values.get(i));
        }
        statement.setArray(parameter, statement.getConnection().createArrayOf(type, elements));
    }

    private Stored stored(ResultSet row, Message message) throws SQLException {
        long epoch = epochs.of(row.getString(2));
        OffsetDateTime at = row.getObject(4, OffsetDateTime.class);
        Position position = new Position(epoch, row.getLong(3)).stamped(Rows.millis(at));
        OffsetDateTime previousAt = row.getObject(5, OffsetDateTime.class);
        var durability = row.getBoolean(7) ? Durability.FLUSHED : Durability.STORED;
        return new Stored(
                row.getBoolean(6)
                        ? Published.duplicate(position, durability)
                        : Published.of(position, durability),
                Entry.of(position, at.toInstant(), message),
                Rows.previous(position, Rows.millis(previousAt)));
    }

    private static @Nullable String encoded(Attributes attributes) {
        return attributes.isEmpty()
                ? null
                : new String(attributes.encode(), StandardCharsets.UTF_8);
    }

    /**
     * Deletes the events of a topic.
     *
     * @return the position of the last one that is deleted
     */
    Position delete(Database database, String topic) {
        Deleted deleted = database.call(DELETE, connection -> mark(connection, topic));
        if (deleted.id != 0) {
            erase(database, deleted.id, deleted.upTo.major());
        }
        return deleted.upTo;
    }

    /**
     * A topic that was marked.
     *
     * @param id its id; 0 if nobody ever published to it
     */
    private record Deleted(long id, Position upTo) {}

    private Deleted mark(Connection connection, String topic) throws SQLException {
        connection.setAutoCommit(false);
        try (PreparedStatement limit =
                        connection.prepareStatement("SELECT set_config('lock_timeout', ?, true)");
                PreparedStatement statement = connection.prepareStatement(mark)) {
            limit.setString(1, timeout.toMillis() + "ms");
            limit.execute();
            statement.setString(1, topic);
            Deleted deleted;
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                var upTo = new Position(epochs.of(row.getString(1)), row.getLong(3));
                deleted = new Deleted(row.getLong(2), upTo.stamped(Rows.millis(row, 4)));
            }
            connection.commit();
            return deleted;
        }
    }

    /** Removes the rows of deleted events. */
    void erase(Database database, long topicId, long upTo) {
        while (database.call(
                        DELETE, connection -> update(connection, erase, topicId, upTo, topicId))
                == PORTION) {
            // There are more.
        }
        database.call(
                DELETE,
                connection ->
                        update(connection, forget, topicId, upTo)
                                + update(connection, erased, topicId, upTo));
    }

    private static int update(Connection connection, String sql, long... parameters)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setLong(i + 1, parameters[i]);
            }
            return statement.executeUpdate();
        }
    }

    /** Stores an event that nobody receives, as long as those of publishers, and removes it. */
    void probe(Database database) {
        byte[] data = new byte[PROBE_CHARS];
        for (int i = 0; i < data.length; i++) {
            data[i] = (byte) ThreadLocalRandom.current().nextInt('0', 'z'); // nothing to compress
        }
        List<Publication> probe = List.of(Publication.of(PROBE_TOPIC, Message.of(data)));
        database.call(
                "store a probe",
                connection -> {
                    store(connection, probe, timeout);
                    try (PreparedStatement statement = connection.prepareStatement(unprobe)) {
                        statement.setString(1, PROBE_TOPIC);
                        return statement.executeUpdate();
                    }
                });
    }
}
