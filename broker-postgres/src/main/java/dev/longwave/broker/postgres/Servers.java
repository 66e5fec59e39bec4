package dev.longwave.broker.postgres;

import dev.longwave.broker.BrokerConfigurationException;
import org.postgresql.ds.PGSimpleDataSource;

/** Makes connections that wait for nothing for ever, and tell no secret. */
final class Servers extends PGSimpleDataSource {

    private static final long serialVersionUID = 1L;

    private Servers(PostgresSettings settings, String url) {
        try {
            setUrl(url);
        } catch (IllegalArgumentException _) { // its message has the address, and so any password
            throw new BrokerConfigurationException(
                    "not an address of PostgreSQL, as jdbc:postgresql://host/database length="
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
        setSocketTimeout(seconds + 1); // the server gives up before
        setTcpKeepAlive(true);
        setApplicationName("longwave");
        setLogServerErrorDetail(false); // it quotes values
        setTargetServerType("primary"); // of several, the one that takes writes
    }

    /** {@return connections for all but listening} */
    static Servers pooled(PostgresSettings settings) {
        return new Servers(settings, settings.url());
    }

    /** {@return connections that notifications come by} */
    static Servers listening(PostgresSettings settings) {
        return new Servers(settings, settings.listenUrl());
    }

    /** Does nothing: the driver would start a thread for each connection. */
    @Override
    public void setLoginTimeout(int seconds) {
        // The connection's and the socket's time-outs bound the login as well.
    }
}
