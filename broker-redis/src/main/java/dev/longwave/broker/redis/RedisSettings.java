package dev.longwave.broker.redis;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.Settings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How to reach the servers, and what they keep.
 *
 * @param address the servers and the login
 * @param sentinelUser the user for the Sentinels; null for their default user
 * @param sentinelPassword the password for the Sentinels; null for none
 * @param addressMap what to connect to instead of an address that a Sentinel or a cluster tells
 * @param tlsFiles certificates to trust, and to show
 * @param namespace the prefix of all keys and channels
 * @param retentionCount entries kept per topic; the server trims in steps and may keep more
 * @param retentionAge how long an entry is kept
 * @param dedupWindow how long the id of a message is remembered
 * @param maxMessageBytes the longest data accepted
 * @param timeout for connecting, for a reply (counted from the first byte written), and for a free
 *     connection
 * @param connections the maximum number of connections to each primary, not counting the one for
 *     live messages
 */
record RedisSettings(
        RedisAddress address,
        @Nullable String sentinelUser,
        @Nullable String sentinelPassword,
        AddressMap addressMap,
        Tls.PemFiles tlsFiles,
        String namespace,
        long retentionCount,
        Duration retentionAge,
        Duration dedupWindow,
        int maxMessageBytes,
        Duration timeout,
        int connections) {

    private static final Duration LONGEST = Duration.ofDays(3650);
    private static final Duration SHORTEST_TAIL_RETENTION = Duration.ofDays(1);

    // No braces, which delimit the hash tag, and no colons, which separate the parts of a key.
    private static final Pattern NAMESPACE = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    RedisSettings {
        if (!NAMESPACE.matcher(namespace).matches()) {
            throw new BrokerConfigurationException(
                    "setting broker.redis.namespace must be 1 to 64 letters, digits, dots, dashes"
                            + " and underscores length="
                            + namespace.length());
        }
        if (address.user() != null && address.password() == null) {
            throw new BrokerConfigurationException(
                    "a user needs a password, see broker.redis.password: without one, the broker"
                            + " would be logged in as the default user");
        }
        if (!tlsFiles.isEmpty() && !address.tls()) {
            throw new BrokerConfigurationException(
                    "settings broker.redis.tls-ca-file, tls-cert-file and tls-key-file require"
                            + " TLS: broker.redis.uri must begin with rediss:// or"
                            + " rediss- uri="
                            + address);
        }
        if (sentinelPassword != null && address.kind() != RedisAddress.Kind.SENTINEL) {
            throw new BrokerConfigurationException(
                    "setting broker.redis.sentinel-password requires Sentinels:"
                            + " broker.redis.uri must begin with redis-sentinel:// uri="
                            + address);
        }
        if (sentinelUser != null && sentinelPassword == null) {
            throw new BrokerConfigurationException(
                    "a user needs a password, see broker.redis.sentinel-password");
        }
        // A publish without a reply is repeated with the same id.
        if (dedupWindow.compareTo(timeout.multipliedBy(2)) < 0) {
            throw new BrokerConfigurationException(
                    "setting broker.redis.dedup-window must be at least twice the timeout"
                            + " dedup-window=%s timeout=%s".formatted(dedupWindow, timeout));
        }
    }

    /**
     * {@return how long the newest position of a topic is kept} It is small, and kept much longer
     * than the entries, so that a client that returns to a quiet topic is not told of a gap.
     */
    Duration tailRetention() {
        Duration twice = retentionAge.multipliedBy(2);
        return twice.compareTo(SHORTEST_TAIL_RETENTION) < 0 ? SHORTEST_TAIL_RETENTION : twice;
    }

    static RedisSettings read(Settings settings) {
        RedisAddress address =
                RedisAddress.parse(
                        settings.text(
                                "uri",
                                "redis://127.0.0.1:6379",
                                "The server, as redis://user:password@host:port/database; or"
                                        + " redis-sentinel://host:port,host:port/0?master=name;"
                                        + " or redis-cluster://host:port,host:port. With rediss"
                                        + " for TLS."));
        address =
                address.withLogin(
                        settings.text("user", "The user; replaces the one in the URI.")
                                .orElse(null),
                        settings.text("password", "The password; replaces the one in the URI.")
                                .orElse(null));
        return new RedisSettings(
                address,
                settings.text("sentinel-user", "The user for the Sentinels.").orElse(null),
                settings.text("sentinel-password", "The password for the Sentinels.").orElse(null),
                AddressMap.parse(
                        settings.text(
                                        "address-map",
                                        "For a network that translates addresses: what to connect"
                                                + " to instead of the addresses that Sentinels and"
                                                + " cluster members tell, as"
                                                + " host:port=host:port,host:port=host:port.")
                                .orElse("")),
                new Tls.PemFiles(
                        settings.text(
                                        "tls-ca-file",
                                        "A PEM file with the certificates to trust instead of the"
                                                + " JVM's trust store.")
                                .map(Path::of)
                                .orElse(null),
                        settings.text(
                                        "tls-cert-file",
                                        "A PEM file with the certificate to show to the servers,"
                                                + " and those in between if there are any.")
                                .map(Path::of)
                                .orElse(null),
                        settings.text(
                                        "tls-key-file",
                                        "A PEM file with the private key of that certificate, in"
                                                + " PKCS #8.")
                                .map(Path::of)
                                .orElse(null)),
                settings.text(
                        "namespace",
                        "longwave",
                        "The prefix of all keys and channels; each deployment that shares a"
                                + " server needs its own."),
                settings.number(
                        "retention-count",
                        10_000,
                        1,
                        10_000_000,
                        "How many events each topic keeps."),
                settings.duration(
                        "retention-age",
                        Duration.ofHours(1),
                        Duration.ofMinutes(1),
                        LONGEST,
                        "How long an event is kept."),
                settings.duration(
                        "dedup-window",
                        Duration.ofMinutes(2),
                        Duration.ofSeconds(1),
                        LONGEST,
                        "How long a message id is remembered. A repeated publish within this time"
                                + " is dropped."),
                (int)
                        settings.size(
                                "max-message-bytes",
                                1 << 20,
                                1,
                                1 << 26,
                                "The longest event data that is accepted."),
                settings.duration(
                        "timeout",
                        Duration.ofSeconds(2),
                        Duration.ofMillis(100),
                        Duration.ofMinutes(1),
                        "How long to wait for a connection, and for a reply."),
                (int)
                        settings.number(
                                "connections",
                                16,
                                2,
                                1000,
                                "The maximum number of connections to each primary for publishing"
                                        + " and reading; one more receives live messages."));
    }
}
