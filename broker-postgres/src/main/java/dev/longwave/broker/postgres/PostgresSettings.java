package dev.longwave.broker.postgres;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.Settings;
import dev.longwave.broker.feed.Feed;
import java.time.Duration;
import java.util.regex.Pattern;

/**
 * Where the database is, and what it keeps. Does not print: it holds the password.
 *
 * @param url JDBC address for all but listening
 * @param listenUrl JDBC address for listening, past any pooler
 * @param user empty if the addresses say it, as is {@code password}
 * @param schema of all tables and functions
 * @param poolSize connections at most, without the one that listens
 * @param timeout how long to wait for an answer, in whole seconds
 * @param retentionAge how long an event is kept at least
 * @param dedupWindow how long the id of a message is remembered
 * @param resyncPeriod how often the tails are checked
 * @param maxMessageBytes length of the longest data accepted
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
    private static final int RESYNCS_KEPT = 10; // what the feed asks of a log

    PostgresSettings {
        if (!SCHEMA.matcher(schema).matches()) {
            throw new BrokerConfigurationException(
                    "schema must be 1 to 40 of a-z, 0-9 and _, no digit first length="
                            + schema.length());
        }
        refuseSecretIn(url);
        refuseSecretIn(listenUrl);
        if (retentionAge.compareTo(resyncPeriod.multipliedBy(RESYNCS_KEPT)) < 0) {
            throw new BrokerConfigurationException(
                    "retention-age must be ten resync-periods or more retention-age=%s resync-period=%s"
                            .formatted(retentionAge, resyncPeriod));
        }
    }

    /**
     * The driver would take {@code user:password@host} for a host's name, and say so in messages.
     */
    private static void refuseSecretIn(String url) {
        if (BEFORE_HOST.matcher(url).find()) {
            throw new BrokerConfigurationException(
                    "the address has an @ before its host; user and password are settings of their"
                            + " own, broker.postgres.user and broker.postgres.password length="
                            + url.length());
        }
    }

    static PostgresSettings read(Settings settings) {
        String url =
                settings.text(
                        "url",
                        "jdbc:postgresql://127.0.0.1/longwave",
                        "The JDBC address of the database.");
        return new PostgresSettings(
                url,
                settings.text(
                        "listen-url",
                        url,
                        "The address for LISTEN, if url leads to a pooler that pools by"
                                + " transaction."),
                settings.text("user", "", "The database role; it owns its schema."),
                settings.text("password", "", "The role's password."),
                settings.text(
                        "schema",
                        "longwave",
                        "The schema of all tables; made at the start if it is not there."),
                (int)
                        settings.number(
                                "pool-size",
                                10,
                                2,
                                1000,
                                "How many connections a node has at most; one more listens."),
                settings.duration(
                        "timeout",
                        Duration.ofSeconds(4),
                        Duration.ofSeconds(1),
                        Duration.ofMinutes(1),
                        "How long to wait for a connection or an answer; whole seconds."),
                settings.duration(
                        "retention-age",
                        Duration.ofHours(24),
                        Duration.ofMillis(100),
                        LONGEST,
                        "How long an event is kept at least; a twelfth longer at most."),
                settings.duration(
                        "dedup-window",
                        Duration.ofMinutes(2),
                        Duration.ZERO,
                        LONGEST,
                        "How long a message id is remembered, so that a repeated publish is kept"
                                + " once."),
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
                                "The length of the longest event data that is accepted."));
    }

    /** {@return the schema as SQL wants it} */
    String quotedSchema() {
        return '"' + schema + '"';
    }

    /** {@return the channel of notifications} */
    String channel() {
        return "longwave:" + schema;
    }

    @Override
    public String toString() {
        return "PostgresSettings[schema=" + schema + ", user=" + user + ", password=***]";
    }
}
