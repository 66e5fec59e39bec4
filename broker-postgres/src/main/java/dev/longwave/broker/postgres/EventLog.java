package dev.longwave.broker.postgres;

import dev.longwave.broker.Attributes;
import dev.longwave.broker.Coverage;
import dev.longwave.broker.Durability;
import dev.longwave.broker.Entry;
import dev.longwave.broker.Message;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Publication;
import dev.longwave.broker.Published;
import dev.longwave.broker.Start;
import dev.longwave.broker.feed.SharedLog;
import dev.longwave.broker.feed.Tail;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The table of events. */
final class EventLog implements SharedLog {
    /*
     * A topic's sequence has no holes and its counter is never deleted, so missing events can be
     * counted. A query reads the counter and the events in one statement, and therefore in one
     * snapshot. If the first event is not the one after the cursor, those in between were trimmed.
     *
     * New events of many topics are read in one query; see EventFetcher.
     *
     * A page is limited in bytes without fetching what is beyond: octet_length does not read the
     * data.
     */
    private static final int MAX_NEW = 1024;
    private static final int MAX_NEW_PER_TOPIC = 256;
    private static final int MAX_NEW_BYTES = 1 << 20;

    private final Database database;
    private final PostgresSettings settings;
    private final Interest interest;
    private final Epochs epochs = new Epochs();
    private final String append;
    private final String appendAll;
    private final String readAfter;
    private final String readSince;
    private final String readNew;
    private final String tails;

    EventLog(Database database, PostgresSettings settings, Interest interest) {
        this.database = database;
        this.settings = settings;
        this.interest = interest;
        String schema = settings.quotedSchema();
        append =
                "SELECT o_incarnation, o_seq, o_at, o_duplicate,"
                        + " current_setting('synchronous_commit') <> 'off' AND"
                        + " current_setting('fsync') = 'on' FROM "
                        + schema
                        + ".append(?, ?, ?, ?, ?, ?, ?, make_interval(secs => ?), ?)";
        appendAll =
                """
                SELECT a.o_incarnation, a.o_seq, a.o_at, a.o_duplicate,
                       current_setting('synchronous_commit') <> 'off' AND current_setting('fsync') = 'on',
                       m.nth
                FROM (SELECT * FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::bytea[], ?::text[],
                                           ?::boolean[])
                          WITH ORDINALITY u (topic, id, type, key, data, attributes, ends, nth)
                      ORDER BY nth) m
                CROSS JOIN LATERAL @.append(m.topic, m.id, m.type, m.key, m.data, m.attributes, m.ends,
                                            make_interval(secs => ?), ?) a
                """
                        .replace("@", schema);
        readAfter = read(schema, "e.seq > b.low", "");
        readSince = read(schema, "e.at >= ?", ", (SELECT trimmed_before FROM " + schema + ".meta)");
        readNew = readNew(schema);
        tails =
                "SELECT (SELECT %s.incarnation()), name, seq FROM (SELECT) one LEFT JOIN %s.topic ON name = ANY (?)"
                        .formatted(schema, schema);
    }

    /** {@return the query for a page: incarnation, tail, horizon, then the event or nulls} */
    private static String read(String schema, String begin, String horizon) {
        String none = horizon.isEmpty() ? ", NULL::timestamptz" : horizon;
        return """
        SELECT (SELECT @.incarnation()), b.tail%s, p.seq, p.at, p.message_id, p.type, p.key, p.data,
               p.attributes, p.ends
        FROM (SELECT t.id, coalesce(t.seq, 0) AS tail,
                     CASE WHEN ?::boolean THEN greatest(coalesce(t.seq, 0) - ?, 0) ELSE ? END AS low
              FROM (SELECT) one LEFT JOIN @.topic t ON t.name = ?) b
        LEFT JOIN LATERAL (
            SELECT * FROM (
                SELECT f.*, row_number() OVER w AS nth,
                       sum(octet_length(f.data)::bigint + coalesce(octet_length(f.attributes), 0)) OVER w AS bytes
                FROM (SELECT e.* FROM @.event e
                      WHERE e.topic_id = b.id AND %s AND e.seq <= ?
                      ORDER BY e.seq LIMIT ?) f
                WINDOW w AS (ORDER BY f.seq)) g
            WHERE g.bytes <= ? OR g.nth = 1) p ON true
        ORDER BY p.seq
        """
                .formatted(none, begin)
                .replace("@", schema);
    }

    /**
     * {@return the query for new events: the topic's index in the parameters, incarnation, event}
     */
    private static String readNew(String schema) {
        return """
        SELECT g.nth, (SELECT @.incarnation()),
               g.seq, g.at, g.message_id, g.type, g.key, g.data, g.attributes, g.ends
        FROM (SELECT w.nth, p.*, row_number() OVER o AS n,
                     sum(octet_length(p.data)::bigint + coalesce(octet_length(p.attributes), 0)) OVER o AS bytes
              FROM unnest(?::text[], ?::bigint[]) WITH ORDINALITY w (name, low, nth)
              JOIN @.topic t ON t.name = w.name
              CROSS JOIN LATERAL (SELECT e.* FROM @.event e
                                  WHERE e.topic_id = t.id AND e.seq > w.low
                                  ORDER BY e.seq LIMIT %d) p
              WINDOW o AS (ORDER BY w.nth, p.seq)) g
        WHERE (g.bytes <= %d AND g.n <= %d) OR g.n = 1
        ORDER BY g.nth, g.seq
        """
                .formatted(MAX_NEW_PER_TOPIC, MAX_NEW_BYTES, MAX_NEW)
                .replace("@", schema);
    }

    /** Appends a message, in a transaction of its own. */
    Appended append(String topic, Message message) {
        return database.call("publish", connection -> append(connection, topic, message));
    }

    /** The result of a publish. */
    record Appended(Published answer, Entry entry) {}

    private Appended append(Connection connection, String topic, Message message)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(append)) {
            statement.setString(1, topic);
            statement.setString(2, message.id());
            statement.setString(3, message.type());
            statement.setString(4, message.key());
            statement.setBytes(5, message.data());
            statement.setString(6, encoded(message.attributes()));
            statement.setBoolean(7, message.end());
            statement.setDouble(8, seconds(settings.dedupWindow()));
            statement.setString(9, lockTimeout());
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return appended(row, message);
            }
        }
    }

    /**
     * Appends messages in one transaction: either all of them are in the log afterwards, or none.
     * Messages of one topic keep their order.
     *
     * @return what was appended, in the order of {@code publications}
     */
    List<Appended> appendAll(List<Publication> publications) {
        return database.call("publish", connection -> appendAll(connection, publications));
    }

    private List<Appended> appendAll(Connection connection, List<Publication> publications)
            throws SQLException {
        // In the order of topics: two transactions that lock counters in different orders deadlock.
        List<Integer> order =
                IntStream.range(0, publications.size())
                        .boxed()
                        .sorted(Comparator.comparing(i -> publications.get(i).topic()))
                        .toList();
        List<Message> messages = order.stream().map(i -> publications.get(i).message()).toList();
        try (PreparedStatement statement = connection.prepareStatement(appendAll)) {
            setArray(statement, 1, "text", order, i -> publications.get(i).topic());
            setArray(statement, 2, "text", messages, Message::id);
            setArray(statement, 3, "text", messages, Message::type);
            setArray(statement, 4, "text", messages, Message::key);
            byte[][] data = messages.stream().map(Message::data).toArray(byte[][]::new);
            statement.setArray(5, connection.createArrayOf("bytea", data));
            setArray(statement, 6, "text", messages, message -> encoded(message.attributes()));
            setArray(statement, 7, "boolean", messages, Message::end);
            statement.setDouble(8, seconds(settings.dedupWindow()));
            statement.setString(9, lockTimeout());
            try (ResultSet row = statement.executeQuery()) {
                var appended = new @Nullable Appended[publications.size()];
                while (row.next()) {
                    int index = order.get(row.getInt(6) - 1);
                    appended[index] = appended(row, publications.get(index).message());
                }
                return Arrays.stream(appended).map(Objects::requireNonNull).toList();
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

    private Appended appended(ResultSet row, Message message) throws SQLException {
        var position = new Position(epochs.of(row.getString(1)), row.getLong(2));
        var durability = row.getBoolean(5) ? Durability.FLUSHED : Durability.STORED;
        return new Appended(
                row.getBoolean(4)
                        ? Published.duplicate(position, durability)
                        : Published.of(position, durability),
                Entry.of(position, instant(row, 3), message));
    }

    private String lockTimeout() {
        return settings.timeout().toMillis() + "ms";
    }

    private static @Nullable String encoded(Attributes attributes) {
        return attributes.isEmpty()
                ? null
                : new String(attributes.encode(), StandardCharsets.UTF_8);
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
        return database.call(
                "read the tails",
                connection -> {
                    try (PreparedStatement statement = connection.prepareStatement(tails)) {
                        statement.setArray(1, connection.createArrayOf("text", topics.toArray()));
                        try (ResultSet row = statement.executeQuery()) {
                            return tails(topics, row);
                        }
                    }
                });
    }

    private Map<String, Tail> tails(Collection<String> topics, ResultSet row) throws SQLException {
        var found = new HashMap<String, Tail>();
        long epoch = 0;
        while (row.next()) {
            epoch = epochs.of(row.getString(1));
            String name = row.getString(2);
            if (name != null) {
                found.put(name, Tail.at(new Position(epoch, row.getLong(3))));
            }
        }
        // Not Tail.empty: a topic without a counter never had an event, and a topic whose events
        // were all trimmed still has its counter.
        Tail unused = Tail.at(new Position(epoch, 0));
        topics.forEach(topic -> found.putIfAbsent(topic, unused));
        found.forEach((topic, tail) -> interest.covers(topic, tail.position()));
        return found;
    }

    @Override
    public Page read(
            String topic, Start start, @Nullable Position until, int maxEntries, int maxBytes) {
        // Only the result shows whether `until` or the cursor is of another epoch.
        return database.call(
                "read the log",
                connection -> {
                    Slice slice = slice(connection, topic, start, until, maxEntries, maxBytes);
                    boolean anew =
                            start instanceof Start.After after
                                    && after.position().epoch() != slice.epoch;
                    Position bound = until == null || until.epoch() == slice.epoch ? until : null;
                    if (anew || (bound == null && until != null)) {
                        Start from = anew ? Start.earliest() : start;
                        slice = slice(connection, topic, from, bound, maxEntries, maxBytes);
                    }
                    return slice.page(start, bound);
                });
    }

    /** An entry and its topic. */
    record TopicEntry(String topic, Entry entry) {}

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
        return database.call(
                "read new events",
                connection -> {
                    try (PreparedStatement statement = connection.prepareStatement(readNew)) {
                        statement.setArray(1, connection.createArrayOf("text", topics.toArray()));
                        statement.setArray(2, connection.createArrayOf("bigint", lows.toArray()));
                        try (ResultSet row = statement.executeQuery()) {
                            var found = new ArrayList<TopicEntry>();
                            while (row.next()) {
                                String topic = topics.get(row.getInt(1) - 1);
                                long epoch = epochs.of(row.getString(2));
                                found.add(new TopicEntry(topic, entry(epoch, row, 3)));
                            }
                            return found;
                        }
                    }
                });
    }

    private Slice slice(
            Connection connection,
            String topic,
            Start start,
            @Nullable Position until,
            int maxEntries,
            int maxBytes)
            throws SQLException {
        boolean since = false;
        long last = 0;
        long after = 0;
        switch (start) {
            case Start.Earliest _ -> {} // after 0
            case Start.After cursor -> after = cursor.position().major();
            case Start.Since _ -> since = true;
            case Start.Last newest -> last = newest.count();
            default -> throw start.unsupported();
        }
        try (PreparedStatement statement =
                connection.prepareStatement(since ? readSince : readAfter)) {
            int next = 1;
            statement.setBoolean(next++, last > 0);
            statement.setLong(next++, last);
            statement.setLong(next++, after);
            statement.setString(next++, topic);
            if (start instanceof Start.Since from) {
                statement.setObject(next++, from.time().atOffset(ZoneOffset.UTC));
            }
            statement.setLong(next++, until == null ? Long.MAX_VALUE : until.major());
            statement.setInt(next++, maxEntries);
            statement.setLong(next, maxBytes);
            try (ResultSet rows = statement.executeQuery()) {
                return slice(rows);
            }
        }
    }

    private Slice slice(ResultSet row) throws SQLException {
        long epoch = 0;
        long tail = 0;
        Instant horizon = Instant.EPOCH;
        var entries = new ArrayList<Entry>();
        while (row.next()) {
            epoch = epochs.of(row.getString(1));
            tail = row.getLong(2);
            if (row.getObject(3) != null) {
                horizon = instant(row, 3);
            }
            if (row.getObject(4) != null) {
                entries.add(entry(epoch, row, 4));
            }
        }
        return new Slice(epoch, tail, horizon, entries);
    }

    /** {@return the event whose columns begin with {@code first}} Others may have written it. */
    private static Entry entry(long epoch, ResultSet row, int first) throws SQLException {
        String attributes = row.getString(first + 6);
        Message message =
                Message.builder(row.getBytes(first + 5))
                        .id(row.getString(first + 2))
                        .type(row.getString(first + 3))
                        .key(row.getString(first + 4))
                        .encodedAttributes(
                                attributes == null
                                        ? null
                                        : attributes.getBytes(StandardCharsets.UTF_8))
                        .end(row.getBoolean(first + 7))
                        .buildFromLog();
        return Entry.of(new Position(epoch, row.getLong(first)), instant(row, first + 1), message);
    }

    private static Instant instant(ResultSet row, int column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    private static double seconds(Duration time) {
        return time.toMillis() / 1000.0;
    }

    /**
     * The result of a query for a page, from one snapshot.
     *
     * @param tail the newest sequence of the topic
     * @param horizon entries before this time may have been dropped; read only for {@code Since}
     */
    record Slice(long epoch, long tail, Instant horizon, List<Entry> entries) {

        /** {@return the page for a reader that asked for {@code start} up to {@code until}} */
        Page page(Start start, @Nullable Position until) {
            long end = until == null ? tail : Math.min(tail, until.major());
            long first = entries.isEmpty() ? end + 1 : entries.getFirst().position().major();
            long before = first - 1;
            Coverage coverage = Coverage.COMPLETE;
            switch (start) {
                case Start.After cursor -> {
                    Position position = cursor.position();
                    long after = position.major();
                    if (position.epoch() != epoch) {
                        coverage = Coverage.OTHER_EPOCH;
                    } else if (after > tail) {
                        return Page.of(
                                List.of(), Coverage.AHEAD_OF_LOG, new Position(epoch, tail), false);
                    } else if (after >= before) {
                        return Page.of(entries, Coverage.COMPLETE, position, isMore(end));
                    } else {
                        coverage = Coverage.TRIMMED;
                    }
                }
                case Start.Since since -> {
                    // Dropped entries are older than the horizon, but by how much is unknown.
                    if (before > 0 && since.time().isBefore(horizon)) {
                        coverage = Coverage.TRIMMED;
                    }
                }
                case Start.Earliest _, Start.Last _ -> {
                    // All that the log has was asked for.
                }
                default -> throw start.unsupported();
            }
            return Page.of(entries, coverage, new Position(epoch, before), isMore(end));
        }

        private boolean isMore(long end) {
            return !entries.isEmpty() && entries.getLast().position().major() < end;
        }
    }
}
