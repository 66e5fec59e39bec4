package dev.longwave.broker.postgres;

import dev.longwave.broker.BrokerRefusedException;
import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.Entry;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Start;
import dev.longwave.broker.feed.ForeignEntries;
import dev.longwave.broker.feed.SharedLog;
import dev.longwave.broker.feed.Tail;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Reads the table of events. */
final class EventLog implements SharedLog {
    /*
     * A query reads the counter and the events in one statement, and therefore in one snapshot; see Slice
     * for what follows from them. The queries for a page differ only in where they begin.
     *
     * New events of many topics are read in one query; see EventFetcher.
     *
     * A page is limited in bytes without fetching what is beyond: octet_length does not read the
     * data. Others may have written the events: of what is longer than it may be, only so much is read
     * that this shows.
     */
    private static final int MAX_NEW = 1024;
    private static final int MAX_NEW_PER_TOPIC = 256;
    private static final int MAX_NEW_BYTES = 1 << 20;

    private static final String AFTER = "?::bigint";
    private static final String LAST = "greatest(coalesce(t.seq, 0) - ?, 0)";
    private static final String SINCE =
            """
            coalesce((SELECT e.seq FROM @.event e WHERE e.topic_id = t.id AND e.at >= ? ORDER BY e.seq LIMIT 1) - 1,
                     t.seq, 0)
            """;
    private static final String AFTER_LOSS =
            """
            coalesce(least((SELECT e.seq FROM @.event e WHERE e.topic_id = t.id AND e.at >= ? ORDER BY e.seq LIMIT 1),
                           (SELECT min(e.seq) FROM @.event e WHERE e.topic_id = t.id AND e.seq >= ?)) - 1,
                     t.seq, 0)
            """;

    private final Database database;
    private final Interest interest;
    private final Epochs epochs;
    private final ForeignEntries foreign;
    private final Consumer<String> onRefusal;
    private final String readAfter;
    private final String readLast;
    private final String readSince;
    private final String readAfterLoss;
    private final String readNew;
    private final String tails;

    /**
     * A log.
     *
     * @param onRefusal told in a few words why the server refuses to say where the topics end
     */
    EventLog(
            Database database,
            PostgresSettings settings,
            Epochs epochs,
            Interest interest,
            ForeignEntries foreign,
            Consumer<String> onRefusal) {
        this.database = database;
        this.epochs = epochs;
        this.interest = interest;
        this.foreign = foreign;
        this.onRefusal = onRefusal;
        String schema = settings.quotedSchema();
        // The columns of an event, limited in length.
        String columns =
                ("#.seq, #.at, left(#.message_id, 1000), left(#.type, 1000), left(#.key, 1000),"
                                + " substring(#.data, 1, %d), left(#.attributes, 10000), #.ends")
                        .formatted(settings.maxMessageBytes() + 1);
        readAfter = read(schema, columns, AFTER);
        readLast = read(schema, columns, LAST);
        readSince = read(schema, columns, SINCE);
        readAfterLoss = read(schema, columns, AFTER_LOSS);
        readNew = readNew(schema, columns);
        tails =
                """
                SELECT m.epoch, t.name, t.seq, t.at, t.deleted_seq
                FROM @.meta m LEFT JOIN @.topic t ON t.name = ANY (?)
                """
                        .replace("@", schema);
    }

    /** {@return the query for a page: of the log, and of the event or nulls} */
    private static String read(String schema, String columns, String low) {
        return """
        SELECT m.epoch, b.tail, b.tail_at, b.low,
               CASE WHEN p.nth IS NULL OR (p.nth = 1 AND p.seq <> b.low + 1)
                    THEN (SELECT e.at FROM @.event e WHERE e.topic_id = b.id AND e.seq = b.low) END,
               m.trimmed_before, b.deleted_seq, b.deleted_at,
               p.prev_at, %s
        FROM @.meta m
        CROSS JOIN (SELECT t.id, coalesce(t.seq, 0) AS tail, t.at AS tail_at, t.deleted_at,
                           coalesce(t.deleted_seq, 0) AS deleted_seq, %s AS low
                    FROM (SELECT) one LEFT JOIN @.topic t ON t.name = ?) b
        LEFT JOIN LATERAL (
            SELECT * FROM (
                SELECT f.*, row_number() OVER w AS nth,
                       sum(octet_length(f.data)::bigint + coalesce(octet_length(f.attributes), 0)) OVER w AS bytes
                FROM (SELECT e.* FROM @.event e
                      WHERE e.topic_id = b.id AND e.seq > b.low AND e.seq > b.deleted_seq AND e.seq <= ?
                      ORDER BY e.seq LIMIT ?) f
                WINDOW w AS (ORDER BY f.seq)) g
            WHERE g.bytes <= ? OR g.nth = 1) p ON true
        ORDER BY p.seq
        """
                .formatted(columns.replace('#', 'p'), low)
                .replace("@", schema);
    }

    /** {@return the query for new events: the topic's index in the parameters, epoch, event} */
    private static String readNew(String schema, String columns) {
        return """
        SELECT g.nth, (SELECT m.epoch FROM @.meta m),
               g.prev_at, %s
        FROM (SELECT w.nth, p.*, row_number() OVER o AS n,
                     sum(octet_length(p.data)::bigint + coalesce(octet_length(p.attributes), 0)) OVER o AS bytes
              FROM unnest(?::text[], ?::bigint[]) WITH ORDINALITY w (name, low, nth)
              JOIN @.topic t ON t.name = w.name
              CROSS JOIN LATERAL (SELECT e.* FROM @.event e
                                  WHERE e.topic_id = t.id AND e.seq > w.low AND e.seq > t.deleted_seq
                                  ORDER BY e.seq LIMIT %d) p
              WINDOW o AS (ORDER BY w.nth, p.seq)) g
        WHERE (g.bytes <= %d AND g.n <= %d) OR g.n = 1
        ORDER BY g.nth, g.seq
        """
                .formatted(columns.replace('#', 'g'), MAX_NEW_PER_TOPIC, MAX_NEW_BYTES, MAX_NEW)
                .replace("@", schema);
    }

    /** {@return the epoch of the last query; every subscription starts with one} */
    long epoch() {
        return epochs.latest();
    }

    @Override
    public void listen(String topic) {
        // One channel announces all topics, see NotificationReceiver. This selects those to fetch.
        interest.begin(topic);
    }

    @Override
    public void unlisten(String topic) {
        interest.end(topic);
    }

    @Override
    public Map<String, Tail> tails(Collection<String> topics) {
        try {
            return database.read("read the tails", connection -> tails(topics, connection));
        } catch (BrokerUnavailableException e) {
            if (e.getCause() instanceof BrokerRefusedException refused) {
                onRefusal.accept(PostgresFailure.summary(refused));
            }
            throw e;
        }
    }

    private Map<String, Tail> tails(Collection<String> topics, Connection connection)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(tails)) {
            statement.setArray(1, connection.createArrayOf("text", topics.toArray()));
            try (ResultSet row = statement.executeQuery()) {
                return tails(topics, row);
            }
        }
    }

    private Map<String, Tail> tails(Collection<String> topics, ResultSet row) throws SQLException {
        var found = new HashMap<String, Tail>();
        long epoch = 0;
        while (row.next()) {
            epoch = epochs.of(row.getString(1));
            String name = row.getString(2);
            if (name != null) {
                long sequence = row.getLong(3);
                var end =
                        new Position(epoch, sequence)
                                .stamped(sequence == 0 ? 0 : Rows.millis(row, 4));
                long deleted = row.getLong(5);
                interest.endsAt(name, end);
                found.put(
                        name,
                        Tail.at(end).erased(deleted == 0 ? null : new Position(epoch, deleted)));
            }
        }
        // Not Tail.empty: a topic without a counter never had an event, and a topic whose events
        // were all trimmed still has its counter.
        var unused = new Position(epoch, 0);
        for (String topic : topics) {
            if (found.putIfAbsent(topic, Tail.at(unused)) == null) {
                interest.endsAt(topic, unused);
            }
        }
        return found;
    }

    @Override
    public Page read(
            String topic, Start start, @Nullable Position until, int maxEntries, int maxBytes) {
        return database.read(
                "read the log",
                connection ->
                        new Reading(connection, topic, maxEntries, maxBytes).page(start, until));
    }

    /** The reading of one page. */
    private final class Reading {

        private final Connection connection;
        private final String topic;
        private final int maxEntries;
        private final int maxBytes;

        Reading(Connection connection, String topic, int maxEntries, int maxBytes) {
            this.connection = connection;
            this.topic = topic;
            this.maxEntries = maxEntries;
            this.maxBytes = maxBytes;
        }

        Page page(Start start, @Nullable Position until) throws SQLException {
            // Only the result shows whether `until` or the cursor is of another epoch.
            Slice slice = slice(start, until);
            Position cursor = start instanceof Start.After after ? after.position() : null;
            boolean anew = cursor != null && cursor.epoch() != slice.epoch();
            Position bound = until == null || until.epoch() == slice.epoch() ? until : null;
            if (anew || (bound == null && until != null)) {
                slice = slice(anew ? Start.earliest() : start, bound);
            }
            return cursor != null && slice.hasLost(cursor, bound)
                    ? sliceAfterLoss(cursor, bound).pageAfterLoss(bound)
                    : slice.page(start, bound);
        }

        private Slice slice(Start start, @Nullable Position until) throws SQLException {
            return switch (start) {
                case Start.Earliest _ -> slice(readAfter, until, 0L);
                case Start.After after -> slice(readAfter, until, after.position().major());
                case Start.Last last -> slice(readLast, until, (long) last.count());
                case Start.Since since ->
                        slice(readSince, until, since.time().atOffset(ZoneOffset.UTC));
                default -> throw start.unsupported();
            };
        }

        /** What was written since the event at {@code cursor}: later than it, or in its place. */
        private Slice sliceAfterLoss(Position cursor, @Nullable Position until)
                throws SQLException {
            OffsetDateTime later =
                    cursor.stamp() == 0
                            ? OffsetDateTime.MAX // which is infinity
                            : Instant.ofEpochMilli(cursor.stamp() + 1).atOffset(ZoneOffset.UTC);
            return slice(readAfterLoss, until, later, cursor.major());
        }

        private Slice slice(String query, @Nullable Position until, Object... begin)
                throws SQLException {
            try (PreparedStatement statement = connection.prepareStatement(query)) {
                int next = 1;
                for (Object each : begin) {
                    statement.setObject(next++, each);
                }
                statement.setString(next++, topic);
                statement.setLong(next++, until == null ? Long.MAX_VALUE : until.major());
                statement.setInt(next++, maxEntries);
                statement.setLong(next, maxBytes);
                try (ResultSet rows = statement.executeQuery()) {
                    return slice(rows);
                }
            }
        }

        private Slice slice(ResultSet row) throws SQLException {
            if (!row.next()) {
                throw new SQLException("the table meta is empty", "42000");
            }
            long epoch = epochs.of(row.getString(1));
            var tail = new Slice.Place(row.getLong(2), Rows.millis(row, 3));
            var low = new Slice.Place(row.getLong(4), Rows.millis(row, 5));
            long horizon = Rows.millis(row, 6);
            var deleted = new Slice.Place(row.getLong(7), Rows.millis(row, 8));
            long previousTime = Rows.millis(row, 9);
            var entries = new ArrayList<Entry>();
            do {
                if (row.getObject(10) != null) {
                    entries.add(entry(epoch, row, 10));
                }
            } while (row.next());
            return new Slice(epoch, tail, low, horizon, deleted, previousTime, entries);
        }
    }

    /**
     * A new event.
     *
     * @param previous the position of the event before it
     */
    record TopicEntry(String topic, Position previous, Entry entry) {}

    /**
     * {@return the events after these positions, in order within each topic; only the first ones if
     * there are many}
     */
    List<TopicEntry> readNew(Map<String, Position> after) {
        var topics = new ArrayList<String>();
        var lows = new ArrayList<Long>();
        after.forEach((topic, position) -> {
            topics.add(topic);
            lows.add(position.major());
        });
        return database.read(
                "read new events",
                connection -> {
                    try (PreparedStatement statement = connection.prepareStatement(readNew)) {
                        statement.setArray(1, connection.createArrayOf("text", topics.toArray()));
                        statement.setArray(2, connection.createArrayOf("bigint", lows.toArray()));
                        try (ResultSet row = statement.executeQuery()) {
                            var found = new ArrayList<TopicEntry>();
                            while (row.next()) {
                                Entry entry = entry(epochs.of(row.getString(2)), row, 4);
                                Position previous =
                                        Rows.previous(entry.position(), Rows.millis(row, 3));
                                found.add(
                                        new TopicEntry(
                                                topics.get(row.getInt(1) - 1), previous, entry));
                            }
                            return found;
                        }
                    }
                });
    }

    /** {@return the event whose columns begin with {@code first}} Others may have written it. */
    private Entry entry(long epoch, ResultSet row, int first) throws SQLException {
        OffsetDateTime at = row.getObject(first + 1, OffsetDateTime.class);
        Position position = new Position(epoch, row.getLong(first)).stamped(Rows.millis(at));
        return foreign.entry(position, at.toInstant(), Rows.message(row, first + 2), null);
    }
}
