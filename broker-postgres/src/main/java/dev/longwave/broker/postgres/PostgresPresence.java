package dev.longwave.broker.postgres;

import dev.longwave.broker.Presence;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Function;

/** Presence as a table of leases, by the database's clock. Retention deletes expired ones. */
final class PostgresPresence implements Presence {

    private final Database database;

    /** How many leases one statement renews. */
    private static final int MAX_LEASES = 1000;

    private final String put;
    private final String remove;
    private final String members;
    private final String count;

    /** Sets the parameters of a statement. */
    private interface Binding {
        void bind(PreparedStatement statement) throws SQLException;
    }

    PostgresPresence(Database database, String schema) {
        this.database = database;
        put =
                """
                INSERT INTO %s.presence (topic, member, info, expires_at)
                SELECT t, m, i, clock_timestamp() + make_interval(secs => ?)
                FROM unnest(?::text[], ?::text[], ?::text[]) AS leases (t, m, i)
                ON CONFLICT (topic, member) DO UPDATE SET info = excluded.info, expires_at = excluded.expires_at
                """
                        .formatted(schema);
        remove = "DELETE FROM " + schema + ".presence WHERE topic = ? AND member = ?";
        String present = schema + ".presence WHERE topic = ? AND expires_at > clock_timestamp()";
        members = "SELECT member, info FROM " + present + " AND member > ? ORDER BY member LIMIT ?";
        count = "SELECT count(*) FROM " + present;
    }

    @Override
    public void put(String topic, Member member, Duration ttl) {
        putAll(List.of(Lease.of(topic, member)), ttl);
    }

    @Override
    public void putAll(List<Lease> leases, Duration ttl) {
        if (!ttl.isPositive()) {
            throw new IllegalArgumentException("a lease needs a time to live ttl=" + ttl);
        }
        // A statement changes a row once. In one order, so that no two nodes wait for each other.
        var each = new TreeMap<String, Lease>();
        leases.forEach(lease -> each.put(lease.topic() + '\n' + lease.member().id(), lease));
        List<Lease> distinct = List.copyOf(each.values());
        for (int from = 0; from < distinct.size(); from += MAX_LEASES) {
            int to = Math.min(distinct.size(), from + MAX_LEASES);
            putTogether(distinct.subList(from, to), ttl.toMillis() / 1000.0);
        }
    }

    private void putTogether(List<Lease> leases, double seconds) {
        database.call(
                "keep members",
                connection -> {
                    try (PreparedStatement statement = connection.prepareStatement(put)) {
                        statement.setDouble(1, seconds);
                        statement.setArray(2, texts(connection, leases, Lease::topic));
                        statement.setArray(
                                3, texts(connection, leases, lease -> lease.member().id()));
                        statement.setArray(
                                4, texts(connection, leases, lease -> lease.member().info()));
                        return statement.executeUpdate();
                    }
                });
    }

    private static Array texts(
            Connection connection, List<Lease> leases, Function<Lease, String> text)
            throws SQLException {
        return connection.createArrayOf("text", leases.stream().map(text).toArray());
    }

    @Override
    public void remove(String topic, String memberId) {
        update(
                "remove a member",
                remove,
                statement -> {
                    statement.setString(1, topic);
                    statement.setString(2, memberId);
                });
    }

    private void update(String what, String sql, Binding binding) {
        database.call(
                what,
                connection -> {
                    try (PreparedStatement statement = connection.prepareStatement(sql)) {
                        binding.bind(statement);
                        return statement.executeUpdate();
                    }
                });
    }

    @Override
    public List<Member> members(String topic, int max) {
        return members(topic, "", max);
    }

    @Override
    public List<Member> members(String topic, String after, int max) {
        return database.read(
                "read members",
                connection -> {
                    try (PreparedStatement statement = connection.prepareStatement(members)) {
                        statement.setString(1, topic);
                        statement.setString(2, after);
                        statement.setInt(3, max);
                        try (ResultSet row = statement.executeQuery()) {
                            var found = new ArrayList<Member>();
                            while (row.next()) {
                                found.add(Member.of(row.getString(1), row.getString(2)));
                            }
                            return found;
                        }
                    }
                });
    }

    @Override
    public long count(String topic) {
        return database.read(
                "count members",
                connection -> {
                    try (PreparedStatement statement = connection.prepareStatement(count)) {
                        statement.setString(1, topic);
                        try (ResultSet row = statement.executeQuery()) {
                            row.next();
                            return row.getLong(1);
                        }
                    }
                });
    }
}
