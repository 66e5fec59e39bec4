package dev.longwave.broker.redis;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.Settings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * How the server is reached, and what it keeps.
 *
 * @param address the server
 * @param tlsCaFile certificates to trust in place of the JVM's trust store
 * @param namespace what all keys and channels begin with
 * @param retentionCount entries kept per topic; the server trims in steps, and keeps some more
 * @param retentionAge how long an entry is kept
 * @param dedupWindow how long the id of a message is remembered
 * @param maxMessageBytes length of the longest data accepted
 * @param timeout for connecting, for an answer from the first byte written on, and for a free
 *     connection
 * @param connections how many there are at most, besides the one for what is live
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
    private static final Duration SHORTEST_KNOWN = Duration.ofDays(1);

    // No braces: they are for the hash tag. No colons: they separate the parts of a key.
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
                    "a user of broker.redis needs a password, see broker.redis.password: without"
                            + " one the login would be that of the default user");
        }
        if (tlsCaFile.isPresent() && !address.tls()) {
            throw new BrokerConfigurationException(
                    "setting broker.redis.tls-ca-file is for TLS: broker.redis.uri must begin with"
                            + " rediss:// uri="
                            + address);
        }
        // What brings no answer is sent again, with the same id.
        if (dedupWindow.compareTo(timeout.multipliedBy(2)) < 0) {
            throw new BrokerConfigurationException(
                    "setting broker.redis.dedup-window must be two timeouts or more"
                            + " dedup-window=%s timeout=%s".formatted(dedupWindow, timeout));
        }
    }

    /**
     * {@return how long the newest position of a topic is known} Much longer than the entries are
     * kept, as it is small: who comes back to a quiet topic need not be told of a gap.
     */
    Duration knownFor() {
        Duration twice = retentionAge.multipliedBy(2);
        return twice.compareTo(SHORTEST_KNOWN) < 0 ? SHORTEST_KNOWN : twice;
    }

    static RedisSettings read(Settings settings) {
        RedisAddress address =
                RedisAddress.parse(
                        settings.text(
                                "uri",
                                "redis://127.0.0.1:6379",
                                "The server, as redis://user:password@host:port/database; with"
                                        + " rediss:// by TLS."));
        address =
                address.withLogin(
                        settings.text("user", "The user, in place of the one in the URI.")
                                .orElse(null),
                        settings.text("password", "The password, in place of the one in the URI.")
                                .orElse(null));
        return new RedisSettings(
                address,
                settings.text(
                                "tls-ca-file",
                                "A PEM file with the certificates to trust, in place of the JVM's"
                                        + " trust store.")
                        .map(Path::of),
                settings.text(
                        "namespace",
                        "longwave",
                        "What all keys and channels begin with; deployments that share a server"
                                + " need one each."),
                settings.number(
                        "retention-count",
                        10_000,
                        1,
                        10_000_000,
                        "How many events each topic keeps for readers that come back."),
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
                        "How long a message id is remembered, so that a repeated publish is kept"
                                + " once."),
                (int)
                        settings.size(
                                "max-message-bytes",
                                1 << 20,
                                1,
                                1 << 26,
                                "The length of the longest event data that is accepted."),
                settings.duration(
                        "timeout",
                        Duration.ofSeconds(2),
                        Duration.ofMillis(100),
                        Duration.ofMinutes(1),
                        "How long to wait for a connection, and for an answer."),
                (int)
                        settings.number(
                                "connections",
                                16,
                                2,
                                1000,
                                "How many connections to publish and read by; one more is for what"
                                        + " is live."));
    }
}
