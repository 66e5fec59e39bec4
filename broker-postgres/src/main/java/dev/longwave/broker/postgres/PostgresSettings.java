package dev.longwave.broker.postgres;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.Settings;
import dev.longwave.broker.feed.Feed;
import java.time.Duration;
import java.util.regex.Pattern;

/**
 * How to reach the database, and what it keeps. {@code toString} omits the password and addresses.
 *
 * @param url JDBC URL for everything but LISTEN
 * @param listenUrl JDBC URL for LISTEN, which bypasses any pooler
 * @param user empty if the URLs contain it, as is {@code password}
 * @param schema the schema of all tables and functions
 * @param poolSize the maximum number of connections for reading and storing; one more listens, and
 *     a few more wait for topics that others hold
 * @param timeout how long to wait for a connection or a reply, in whole seconds
 * @param retentionAge the minimum time an event is kept
 * @param dedupWindow how long the id of a message is remembered
 * @param resyncPeriod how often the tails are checked
 * @param maxMessageBytes the longest data accepted
 */
record PostgresSettings(
        String url,
        String listenUrl,
        String user,
        String password,
        String schema,
        int poolSize,
        Duration timeout,
        Duration retentionAge,
        Duration dedupWindow,
        Duration resyncPeriod,
        int maxMessageBytes) {

    private static final Pattern SCHEMA = Pattern.compile("[a-z_][a-z0-9_]{0,39}");
    private static final Pattern BEFORE_HOST = Pattern.compile("^[a-z:]*//[^/?]*@");
    private static final Duration LONGEST = Duration.ofDays(3650);
    private static final int RESYNC_PERIODS_KEPT = 10; // required by the feed

    PostgresSettings {
        if (!SCHEMA.matcher(schema).matches()) {
            throw new BrokerConfigurationException(
                    "setting broker.postgres.schema must be 1 to 40 of a-z, 0-9 and _, and must not"
                            + " begin with a digit length="
                            + schema.length());
        }
        refuseSecretIn(url);
        refuseSecretIn(listenUrl);
        if (retentionAge.compareTo(resyncPeriod.multipliedBy(RESYNC_PERIODS_KEPT)) < 0) {
            throw new BrokerConfigurationException(
                    "setting broker.postgres.retention-age must be at least ten times the"
                            + " resync-period retention-age=%s resync-period=%s"
                                    .formatted(retentionAge, resyncPeriod));
        }
    }

    /**
     * The driver would take {@code user:password@host} for a host name, and quote it in messages.
     */
    private static void refuseSecretIn(String url) {
        if (BEFORE_HOST.matcher(url).find()) {
            throw new BrokerConfigurationException(
                    "the JDBC URL must not contain a user and password before the host; set"
                            + " broker.postgres.user and broker.postgres.password length="
                            + url.length());
        }
    }

    static PostgresSettings read(Settings settings) {
        String url =
                settings.text(
                        "url",
                        "jdbc:postgresql://127.0.0.1/longwave",
                        "The JDBC URL of the database.");
        return new PostgresSettings(
                url,
                settings.text(
                        "listen-url",
                        url,
                        "The JDBC URL for LISTEN, if url leads to a pooler in transaction mode."),
                settings.text("user", "", "The database role, which owns the schema."),
                settings.text("password", "", "The role's password."),
                settings.text(
                        "schema",
                        "longwave",
                        "The schema of all tables; created at the start if it does not exist."),
                (int)
                        settings.number(
                                "pool-size",
                                10,
                                2,
                                1000,
                                "The maximum number of connections per node for reading and"
                                        + " storing; up to three more listen and wait."),
                settings.duration(
                        "timeout",
                        Duration.ofSeconds(4),
                        Duration.ofSeconds(1),
                        Duration.ofMinutes(1),
                        "How long to wait for a connection or a reply; whole seconds."),
                settings.duration(
                        "retention-age",
                        Duration.ofHours(24),
                        Duration.ofMillis(100),
                        LONGEST,
                        "How long an event is kept; up to a twelfth longer."),
                settings.duration(
                        "dedup-window",
                        Duration.ofMinutes(2),
                        Duration.ZERO,
                        LONGEST,
                        "How long a message id is remembered. A repeated publish within this time"
                                + " is dropped."),
                settings.duration(
                        "resync-period",
                        Feed.RESYNC_PERIOD,
                        Duration.ofMillis(10),
                        Duration.ofMinutes(1),
                        "How often to look for events whose notification was lost."),
                (int)
                        settings.size(
                                "max-message-bytes",
                                1 << 20,
                                1,
                                64 << 20,
                                "The longest event data that is accepted."));
    }

    /** {@return the schema as a quoted identifier} */
    String quotedSchema() {
        return '"' + schema + '"';
    }

    /** {@return how many connections store events} */
    int writers() {
        return Math.max(1, poolSize * 2 / 5);
    }

    /** {@return how many connections do all else} */
    int readers() {
        return poolSize - writers();
    }

    /** {@return what all nodes of a deployment have in common, as one line} */
    String shared() {
        return "retention-age=%s dedup-window=%s max-message-bytes=%d"
                .formatted(retentionAge, dedupWindow, maxMessageBytes);
    }

    /** {@return the notification channel} */
    String channel() {
        return "longwave:" + schema;
    }

    @Override
    public String toString() {
        return "PostgresSettings[schema=" + schema + ", user=" + user + ", password=***]";
    }
}
