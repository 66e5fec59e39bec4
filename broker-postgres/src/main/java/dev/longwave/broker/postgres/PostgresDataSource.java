package dev.longwave.broker.postgres;

import dev.longwave.broker.BrokerConfigurationException;
import org.postgresql.ds.PGSimpleDataSource;

/** Opens connections with time-outs, whose error messages contain no secrets. */
final class PostgresDataSource extends PGSimpleDataSource {

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
        setTargetServerType("primary"); // of several hosts, the one that accepts writes
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
}
