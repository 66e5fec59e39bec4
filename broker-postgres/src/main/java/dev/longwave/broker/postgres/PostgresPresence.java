package dev.longwave.broker.postgres;

import dev.longwave.broker.Presence;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Presence as a table of leases, by the database's clock. Retention deletes expired ones. */
final class PostgresPresence implements Presence {

    private final Database database;
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
                VALUES (?, ?, ?, clock_timestamp() + make_interval(secs => ?))
                ON CONFLICT (topic, member) DO UPDATE SET info = excluded.info, expires_at = excluded.expires_at
                """
                        .formatted(schema);
        remove = "DELETE FROM " + schema + ".presence WHERE topic = ? AND member = ?";
        String present = schema + ".presence WHERE topic = ? AND expires_at > clock_timestamp()";
        members = "SELECT member, info FROM " + present + " ORDER BY member LIMIT ?";
        count = "SELECT count(*) FROM " + present;
    }

    @Override
    public void put(String topic, Member member, Duration ttl) {
        if (!ttl.isPositive()) {
            throw new IllegalArgumentException("a lease needs a time to live ttl=" + ttl);
        }
        update(
                "keep a member",
                put,
                statement -> {
                    statement.setString(1, topic);
                    statement.setString(2, member.id());
                    statement.setString(3, member.info());
                    statement.setDouble(4, ttl.toMillis() / 1000.0);
                });
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
        return database.call(
                "read members",
                connection -> {
                    try (PreparedStatement statement = connection.prepareStatement(members)) {
                        statement.setString(1, topic);
                        statement.setInt(2, max);
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
        return database.call(
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
