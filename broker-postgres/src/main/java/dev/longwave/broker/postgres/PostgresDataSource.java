package dev.longwave.broker.postgres;

import dev.longwave.broker.BrokerConfigurationException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/** Opens connections with time-outs, whose error messages contain no secrets. */
sealed class PostgresDataSource extends PGSimpleDataSource permits PostgresDataSource.Persistent {

    private static final long serialVersionUID = 1L;

    private PostgresDataSource(PostgresSettings settings, String url) {
        try {
            setUrl(url);
        } catch (
                IllegalArgumentException
                        _) { // its message quotes the URL, which may contain a password
            throw new BrokerConfigurationException(
                    "the JDBC URL is malformed, expected jdbc:postgresql://host/database length="
                            + url.length());
        }
        if (!settings.user().isEmpty()) {
            setUser(settings.user());
        }
        if (!settings.password().isEmpty()) {
            setPassword(settings.password());
        }
        int seconds = (int) settings.timeout().toSeconds();
        setConnectTimeout(seconds);
        setSocketTimeout(seconds + 1); // the server gives up first
        setTcpKeepAlive(true);
        setApplicationName("longwave");
        setLogServerErrorDetail(false); // details quote values
        if (hasSeveralHosts()) {
            setTargetServerType("primary"); // the one that accepts writes
        }
    }

    final boolean hasSeveralHosts() {
        return getServerNames().length > 1;
    }

    /** {@return the source of connections for everything but LISTEN} */
    static PostgresDataSource pooled(PostgresSettings settings) {
        return new PostgresDataSource(settings, settings.url());
    }

    /** {@return the source of connections for LISTEN} */
    static PostgresDataSource listening(PostgresSettings settings) {
        return new PostgresDataSource(settings, settings.listenUrl());
    }

    /** Does nothing: the driver would start a thread per connection. */
    @Override
    public void setLoginTimeout(int seconds) {
        // The connect and socket time-outs also cover the login.
    }

    /**
     * The same for a pool, which pauses for longer and longer between its attempts to connect. So
     * that it has a connection soon after the server is back, one attempt lasts through many.
     */
    static final class Persistent extends PostgresDataSource {

        private static final long serialVersionUID = 1L;

        private static final Duration ATTEMPT = Duration.ofSeconds(30);
        private static final Duration PAUSE = Duration.ofMillis(100);

        private final int closingSeconds;
        private transient volatile @Nullable SQLException failure;
        private volatile boolean stopped;

        Persistent(PostgresSettings settings) {
            super(settings, settings.url());
            closingSeconds = (int) settings.timeout().toSeconds() + 1;
        }

        /** {@return for how long a pool that is closed waits for a connection that it opens} */
        @Override
        public int getLoginTimeout() {
            return closingSeconds;
        }

        /** {@return why there is no connection, since the last one was opened} */
        @Nullable SQLException failure() {
            return failure;
        }

        /** Makes the attempt that is running the last one. */
        void stop() {
            stopped = true;
        }

        @Override
        public Connection getConnection(@Nullable String user, @Nullable String password)
                throws SQLException {
            long begun = System.nanoTime();
            while (true) {
                try {
                    Connection connection = super.getConnection(user, password);
                    failure = null;
                    return connection;
                } catch (SQLException e) {
                    failure = e;
                    if (stopped || System.nanoTime() - begun > ATTEMPT.toNanos()) {
                        throw e;
                    }
                    pause(e);
                }
            }
        }

        private static void pause(SQLException reason) throws SQLException {
            try {
                Thread.sleep(PAUSE);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt(); // the pool is closed
                throw reason;
            }
        }
    }
}
