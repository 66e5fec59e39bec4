package dev.longwave.broker.redis;

import dev.longwave.broker.BrokerConfigurationException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.HostAndPort;

/**
 * Where the servers are, and the login.
 *
 * @param kind what is at these addresses
 * @param servers the server, the Sentinels, or some members of the cluster; at least one
 * @param tls whether to use TLS and verify the servers' names
 * @param user null for the servers' default user
 * @param password null for none
 * @param database the number of the database
 * @param master the name by which Sentinels know the deployment; empty for the other kinds
 */
record RedisAddress(
        Kind kind,
        List<HostAndPort> servers,
        boolean tls,
        @Nullable String user,
        @Nullable String password,
        int database,
        String master) {

    private static final int MAX_PORT = 0xffff;
    private static final Pattern FORM =
            Pattern.compile(
                    "(?<scheme>[A-Za-z+-]+)://((?<login>[^@/?#]*)@)?(?<servers>[^@/?#]*)"
                            + "(?<path>/[^?#]*)?(\\?(?<query>[^#]*))?(#(?<fragment>.*))?");
    private static final Pattern SERVER =
            Pattern.compile("(?<host>[A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+\\])(:(?<port>[0-9]{1,5}))?");
    private static final Pattern MASTER = Pattern.compile("[A-Za-z0-9._-]{1,100}");
    private static final Pattern ENCODED = Pattern.compile("([^%\\s]|%[0-9A-Fa-f]{2})*");

    /** What is at an address. */
    enum Kind {
        /** One server. */
        SERVER("redis", 6379),
        /** Sentinels, which know the address of the primary. */
        SENTINEL("redis-sentinel", 26379),
        /** Members of a Redis Cluster. */
        CLUSTER("redis-cluster", 6379);

        private final String scheme;
        private final int defaultPort;

        Kind(String scheme, int defaultPort) {
            this.scheme = scheme;
            this.defaultPort = defaultPort;
        }

        private String scheme(boolean tls) {
            return tls ? scheme.replaceFirst("redis", "rediss") : scheme;
        }
    }

    RedisAddress {
        servers = List.copyOf(servers);
    }

    /**
     * Reads {@code redis://[[user]:password@]host[:port][/database]}, {@code
     * redis-sentinel://…host[:port],host[:port][/database]?master=name} or {@code
     * redis-cluster://…host[:port],host[:port]}; with {@code rediss} for TLS.
     *
     * @throws BrokerConfigurationException if it is malformed; the message does not quote the text,
     *     which may contain a password
     */
    static RedisAddress parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw malformed(
                    "it is not a URI; special characters in a password must be written as %XX");
        }
        String scheme = form.group("scheme").toLowerCase(Locale.ROOT);
        boolean tls = scheme.startsWith("rediss");
        Kind kind = kind(scheme, tls);
        String login = form.group("login");
        String user = null;
        String password = null;
        if (login != null) {
            int colon = login.indexOf(':');
            // In the registered URI scheme, a login without a colon is the user.
            user = textOrNull(colon < 0 ? login : login.substring(0, colon));
            password = colon < 0 ? null : textOrNull(login.substring(colon + 1));
        }
        int database = database(form.group("path"));
        if (kind == Kind.CLUSTER && database != 0) {
            throw malformed("a cluster has no databases");
        }
        return new RedisAddress(
                kind,
                servers(kind, form.group("servers")),
                tls,
                user,
                password,
                database,
                master(kind, form.group("query"), form.group("fragment")));
    }

    /**
     * {@return the server at {@code host[:port]}}
     *
     * @param defaultPort for an address without one
     * @throws BrokerConfigurationException if it is malformed
     */
    static HostAndPort server(String text, int defaultPort) {
        Matcher server = SERVER.matcher(text);
        if (!server.matches()) {
            throw malformed(text.isEmpty() ? "it needs a host" : "an address must be host[:port]");
        }
        String host = server.group("host");
        String port = server.group("port");
        int number = port == null ? defaultPort : Integer.parseInt(port);
        if (number == 0 || number > MAX_PORT) {
            throw malformed("the port must be 1 to " + MAX_PORT);
        }
        return new HostAndPort(
                host.startsWith("[") ? host.substring(1, host.length() - 1) : host, number);
    }

    /** {@return the same address, with the user and password replaced by those that are given} */
    RedisAddress withLogin(@Nullable String otherUser, @Nullable String otherPassword) {
        return new RedisAddress(
                kind,
                servers,
                tls,
                otherUser == null ? user : otherUser,
                otherPassword == null ? password : otherPassword,
                database,
                master);
    }

    private static Kind kind(String scheme, boolean tls) {
        for (Kind kind : Kind.values()) {
            if (scheme.equals(kind.scheme(tls))) {
                return kind;
            }
        }
        throw malformed(
                "the scheme must be redis, redis-sentinel, or redis-cluster, or the same with"
                        + " rediss for TLS");
    }

    private static List<HostAndPort> servers(Kind kind, String text) {
        var servers = new ArrayList<HostAndPort>();
        for (String each : text.split(",", -1)) {
            servers.add(server(each, kind.defaultPort));
        }
        if (kind == Kind.SERVER && servers.size() > 1) {
            throw malformed(
                    "it names several servers: write redis-sentinel:// or redis-cluster:// for"
                            + " these");
        }
        return servers;
    }

    private static String master(Kind kind, @Nullable String query, @Nullable String fragment) {
        if (kind != Kind.SENTINEL) {
            if (query != null || fragment != null) {
                throw malformed("query and fragment are not supported");
            }
            return "";
        }
        String name = fragment;
        if (query != null) {
            if (!query.startsWith("master=") || fragment != null) {
                throw malformed("the only parameter is master");
            }
            name = query.substring("master=".length());
        }
        if (name == null || !MASTER.matcher(name).matches()) {
            throw malformed(
                    "it needs the name by which the Sentinels know the primary, as ?master=name");
        }
        return name;
    }

    private static int database(@Nullable String path) {
        if (path == null || path.equals("/")) {
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
        if (!ENCODED.matcher(raw).matches()) {
            throw malformed("special characters in a password must be written as %XX");
        }
        // The decoder is meant for forms, and would turn a plus sign into a space.
        String text = URLDecoder.decode(raw.replace("+", "%2B"), StandardCharsets.UTF_8);
        return text.isEmpty() ? null : text;
    }

    private static BrokerConfigurationException malformed(String why) {
        return new BrokerConfigurationException(
                "setting broker.redis.uri must be redis://[user:password@]host[:port][/database]"
                        + ", redis-sentinel://host[:port],…[/database]?master=name, or"
                        + " redis-cluster://host[:port],…, each with rediss for TLS: "
                        + why);
    }

    /** {@return the address without user and password} */
    @Override
    public String toString() {
        return kind.scheme(tls)
                + "://"
                + servers.stream().map(HostAndPort::toString).collect(Collectors.joining(","))
                + (kind == Kind.CLUSTER ? "" : "/" + database)
                + (master.isEmpty() ? "" : "?master=" + master);
    }
}
