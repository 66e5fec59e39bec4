package dev.longwave.broker.redis;

import dev.longwave.broker.BrokerConfigurationException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Where the server is, and who we are to it.
 *
 * @param tls whether to speak TLS, with the server's name checked
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
     * @throws BrokerConfigurationException if it is none; the message shows nothing of the text,
     *     which may hold a password
     */
    static RedisAddress parse(String text) {
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException _) { // it would show the text
            throw malformed("it is no URI; a password needs its special characters as %XX");
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
            throw malformed("it has no query and no fragment");
        }
        if (uri.getPort() == 0 || uri.getPort() > MAX_PORT) {
            throw malformed("the port must be 1 to " + MAX_PORT);
        }
        String login = uri.getRawUserInfo();
        String user = null;
        String password = null;
        if (login != null) {
            int colon = login.indexOf(':');
            // As the registered scheme has it, a word alone is the user.
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

    /** {@return the same place, with what is given in place of what the URI said} */
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
            // Said below.
        }
        throw malformed("the path must be the number of a database");
    }

    private static @Nullable String textOrNull(String raw) {
        // A plus sign is itself here: the decoder is made for forms.
        String text = URLDecoder.decode(raw.replace("+", "%2B"), StandardCharsets.UTF_8);
        return text.isEmpty() ? null : text;
    }

    private static BrokerConfigurationException malformed(String why) {
        return new BrokerConfigurationException(
                "setting broker.redis.uri must be redis://[user:password@]host[:port][/database]"
                        + ", or rediss:// for TLS: "
                        + why);
    }

    /** {@return it without its secrets} */
    @Override
    public String toString() {
        return (tls ? "rediss://" : "redis://") + host + ':' + port + '/' + database;
    }
}
