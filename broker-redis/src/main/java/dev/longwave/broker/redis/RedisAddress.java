package dev.longwave.broker.redis;

import dev.longwave.broker.BrokerConfigurationException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The server's address and the login.
 *
 * @param tls whether to use TLS and verify the server's name
 * @param user null for the server's default user
 * @param password null for none
 * @param database the number of the database
 */
record RedisAddress(
        String host,
        int port,
        boolean tls,
        @Nullable String user,
        @Nullable String password,
        int database) {

    private static final int DEFAULT_PORT = 6379;
    private static final int MAX_PORT = 0xffff;

    /**
     * Reads {@code redis://[[user]:password@]host[:port][/database]}, or {@code rediss://} for TLS.
     *
     * @throws BrokerConfigurationException if it is malformed; the message does not quote the text,
     *     which may contain a password
     */
    static RedisAddress parse(String text) {
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException _) { // its message quotes the text
            throw malformed(
                    "it is not a URI; special characters in a password must be written as %XX");
        }
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        if (!scheme.equals("redis") && !scheme.equals("rediss")) {
            throw malformed("the scheme must be redis or rediss");
        }
        String host = uri.getHost();
        if (host == null || host.isEmpty()) {
            throw malformed("it needs a host");
        }
        if (uri.getRawQuery() != null || uri.getRawFragment() != null) {
            throw malformed("query and fragment are not supported");
        }
        if (uri.getPort() == 0 || uri.getPort() > MAX_PORT) {
            throw malformed("the port must be 1 to " + MAX_PORT);
        }
        String login = uri.getRawUserInfo();
        String user = null;
        String password = null;
        if (login != null) {
            int colon = login.indexOf(':');
            // In the registered URI scheme, a login without a colon is the user.
            user = textOrNull(colon < 0 ? login : login.substring(0, colon));
            password = colon < 0 ? null : textOrNull(login.substring(colon + 1));
        }
        return new RedisAddress(
                host.startsWith("[") ? host.substring(1, host.length() - 1) : host,
                uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort(),
                scheme.equals("rediss"),
                user,
                password,
                database(uri.getRawPath()));
    }

    /** {@return the same address, with the user and password replaced by those that are given} */
    RedisAddress withLogin(@Nullable String otherUser, @Nullable String otherPassword) {
        return new RedisAddress(
                host,
                port,
                tls,
                otherUser == null ? user : otherUser,
                otherPassword == null ? password : otherPassword,
                database);
    }

    private static int database(@Nullable String path) {
        if (path == null || path.isEmpty() || path.equals("/")) {
            return 0;
        }
        try {
            int number = Integer.parseInt(path.substring(1));
            if (number >= 0) {
                return number;
            }
        } catch (NumberFormatException _) {
            // Reported below.
        }
        throw malformed("the path must be the number of a database");
    }

    private static @Nullable String textOrNull(String raw) {
        // The decoder is meant for forms, and would turn a plus sign into a space.
        String text = URLDecoder.decode(raw.replace("+", "%2B"), StandardCharsets.UTF_8);
        return text.isEmpty() ? null : text;
    }

    private static BrokerConfigurationException malformed(String why) {
        return new BrokerConfigurationException(
                "setting broker.redis.uri must be redis://[user:password@]host[:port][/database]"
                        + ", or rediss:// for TLS: "
                        + why);
    }

    /** {@return the address without user and password} */
    @Override
    public String toString() {
        return (tls ? "rediss://" : "redis://") + host + ':' + port + '/' + database;
    }
}
