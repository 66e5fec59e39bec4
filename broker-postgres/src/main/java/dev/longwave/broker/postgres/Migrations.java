package dev.longwave.broker.postgres;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.BrokerException;
import dev.longwave.broker.BrokerUnavailableException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;

/** Creates the schema, or migrates it to the version that this broker needs. */
final class Migrations {
    /*
     * All migrations run in one transaction under an advisory lock. Of several nodes that start
     * together, one does the work, and a node that dies half-way leaves nothing behind. The lock
     * ends with the transaction; a session lock would outlive it behind a pooler.
     */
    static final int VERSION = 3;

    private final PostgresSettings settings;

    Migrations(PostgresSettings settings) {
        this.settings = settings;
    }

    /**
     * Runs the missing migrations.
     *
     * @throws BrokerConfigurationException if the role lacks a privilege, or the schema is newer
     * @throws BrokerUnavailableException if the server cannot be reached
     */
    void run() {
        try (Connection connection = PostgresDataSource.pooled(settings).getConnection()) {
            connection.setAutoCommit(false);
            lock(connection);
            checkEncoding(connection);
            int version = version(connection);
            if (version > VERSION) {
                throw new BrokerConfigurationException(
                        ("the schema was created by a newer version of Longwave schema=%s"
                                        + " version=%d supported=%d")
                                .formatted(settings.schema(), version, VERSION));
            }
            for (int next = version + 1; next <= VERSION; next++) {
                apply(connection, next);
            }
            connection.commit();
        } catch (SQLException e) {
            throw translated(e);
        }
    }

    private void lock(Connection connection) throws SQLException {
        try (PreparedStatement lock =
                connection.prepareStatement(
                        "SELECT pg_advisory_xact_lock(hashtextextended(?, 0))")) {
            lock.setString(1, settings.channel() + ":migrations");
            lock.execute();
        }
    }

    private static void checkEncoding(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT current_setting('server_encoding')")) {
            row.next();
            String encoding = row.getString(1);
            if (!"UTF8".equals(encoding)) {
                throw new BrokerConfigurationException(
                        "the database must be encoded in UTF8 encoding=" + encoding);
            }
        }
    }

    /** {@return the version of the schema, 0 if there is none} */
    private int version(Connection connection) throws SQLException {
        // CREATE SCHEMA IF NOT EXISTS needs a privilege that the owner of a schema may lack.
        if (!exists(connection, "SELECT to_regnamespace(?) IS NOT NULL", settings.quotedSchema())) {
            execute(connection, "CREATE SCHEMA " + settings.quotedSchema());
            return 0;
        }
        String meta = settings.quotedSchema() + ".meta";
        if (!exists(connection, "SELECT to_regclass(?) IS NOT NULL", meta)) {
            return 0;
        }
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT version FROM " + meta)) {
            row.next();
            return row.getInt(1);
        }
    }

    private static boolean exists(Connection connection, String sql, String name)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, name);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() && row.getBoolean(1);
            }
        }
    }

    private void apply(Connection connection, int version) throws SQLException {
        execute(
                connection,
                script(version)
                        .replace("@schema@", settings.quotedSchema())
                        .replace("@channel@", settings.channel()));
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String script(int version) {
        String name = "schema-" + version + ".sql";
        try (InputStream in =
                Objects.requireNonNull(Migrations.class.getResourceAsStream(name), name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private BrokerException translated(SQLException e) {
        String state = Objects.requireNonNullElse(e.getSQLState(), "");
        String facts =
                " user=%s schema=%s %s"
                        .formatted(settings.user(), settings.schema(), ErrorText.of(e));
        if (state.equals("42501")) {
            return new BrokerConfigurationException(
                    "the role may neither create the schema nor use it; as an administrator, run"
                            + " CREATE SCHEMA … AUTHORIZATION …"
                            + facts,
                    e);
        }
        if (state.startsWith("28")) {
            return new BrokerConfigurationException("the server refused the login" + facts, e);
        }
        if (state.startsWith("3D")) {
            return new BrokerConfigurationException("the database does not exist" + facts, e);
        }
        if (state.equals("25006")) {
            return new BrokerUnavailableException("the server is read-only" + facts, e);
        }
        if (state.startsWith("42") || state.startsWith("0A")) {
            return new BrokerConfigurationException(
                    "the schema cannot be created or migrated" + facts, e);
        }
        return new BrokerUnavailableException("the server cannot be reached" + facts, e);
    }
}
