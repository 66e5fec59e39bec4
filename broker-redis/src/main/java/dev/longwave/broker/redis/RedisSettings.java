package dev.longwave.broker.redis;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.Settings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * How to reach the server, and what it keeps.
 *
 * @param address the server and the login
 * @param tlsCaFile certificates to trust in place of the JVM's trust store
 * @param namespace the prefix of all keys and channels
 * @param retentionCount entries kept per topic; the server trims in steps and may keep more
 * @param retentionAge how long an entry is kept
 * @param dedupWindow how long the id of a message is remembered
 * @param maxMessageBytes the longest data accepted
 * @param timeout for connecting, for a reply (counted from the first byte written), and for a free
 *     connection
 * @param connections the maximum number of connections, not counting the one for live messages
 */
record RedisSettings(
        RedisAddress address,
        Optional<Path> tlsCaFile,
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
        if (tlsCaFile.isPresent() && !address.tls()) {
            throw new BrokerConfigurationException(
                    "setting broker.redis.tls-ca-file requires TLS: broker.redis.uri must begin"
                            + " with rediss:// uri="
                            + address);
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
                                "The server, as redis://user:password@host:port/database, or"
                                        + " rediss:// for TLS."));
        address =
                address.withLogin(
                        settings.text("user", "The user; replaces the one in the URI.")
                                .orElse(null),
                        settings.text("password", "The password; replaces the one in the URI.")
                                .orElse(null));
        return new RedisSettings(
                address,
                settings.text(
                                "tls-ca-file",
                                "A PEM file with the certificates to trust instead of the JVM's"
                                        + " trust store.")
                        .map(Path::of),
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
                                "The maximum number of connections for publishing and reading; one"
                                        + " more receives live messages."));
    }
}
