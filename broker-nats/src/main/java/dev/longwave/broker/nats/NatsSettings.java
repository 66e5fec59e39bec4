package dev.longwave.broker.nats;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.Settings;
import dev.longwave.broker.feed.Feed;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * How to connect to the servers, and what the stream keeps. Its text form has no secrets.
 *
 * @param mode whether there is a log
 * @param servers the servers' addresses, with or without a scheme
 * @param login the login to the servers
 * @param tls the key stores for TLS
 * @param inboxPrefix the prefix of the subjects of answers
 * @param prefix the prefix of all other subjects
 * @param stream the name of the stream
 * @param replicas the number of servers that store the stream
 * @param retentionCount how many messages of a topic are kept
 * @param retentionAge how long a message is kept
 * @param maxBytes the size of the stream on disk; 0 for no limit
 * @param dedupWindow how long the id of a message is remembered
 * @param maxMessageBytes the length of the longest data accepted
 * @param timeout how long to wait for a connection or an answer
 * @param pingInterval how often to check that the server responds
 * @param resyncPeriod how often the tails are checked
 */
record NatsSettings(
        Mode mode,
        List<String> servers,
        Login login,
        Tls tls,
        String inboxPrefix,
        String prefix,
        String stream,
        int replicas,
        long retentionCount,
        Duration retentionAge,
        long maxBytes,
        Duration dedupWindow,
        int maxMessageBytes,
        Duration timeout,
        Duration pingInterval,
        Duration resyncPeriod) {

    /** What the broker uses. */
    enum Mode {
        /** JetStream, as a log from which nodes read what they miss. */
        JETSTREAM,
        /** Core NATS only: readers that are not connected miss events. */
        CORE
    }

    /** The login to the servers: none, or one of four kinds. */
    record Login(
            Optional<String> user,
            Optional<String> password,
            Optional<String> token,
            Optional<Path> credentialsFile,
            Optional<Path> nkeyFile) {

        Login {
            long kinds = count(user) + count(token) + count(credentialsFile) + count(nkeyFile);
            if (kinds > 1) {
                throw new BrokerConfigurationException(
                        "settings broker.nats.user, token, credentials-file, and nkey-file exclude"
                                + " each other: set only one of them");
            }
            if (user.isPresent() != password.isPresent()) {
                throw new BrokerConfigurationException(
                        "settings broker.nats.user and password belong together: set both or"
                                + " neither");
            }
        }

        private static long count(Optional<?> option) {
            return option.stream().count();
        }

        @Override
        public String toString() {
            return "Login[***]";
        }
    }

    /** Key stores in the JVM's formats; without a trust store, the JVM's own is used. */
    record Tls(
            Optional<Path> trustStore,
            Optional<String> trustStorePassword,
            Optional<Path> keyStore,
            Optional<String> keyStorePassword,
            boolean first) {

        @Override
        public String toString() {
            return "Tls[***]";
        }
    }

    private static final String SECTION = "broker.nats.";
    private static final Duration LONGEST = Duration.ofDays(3650);

    /** For how many resync periods a message must be kept: what the feed requires of a log. */
    static final int RESYNCS_KEPT = 10;

    // Dots separate the tokens of a subject; "*" and ">" are wildcards.
    private static final Pattern SUBJECT = Pattern.compile("[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*");
    private static final Pattern STREAM = Pattern.compile("[A-Za-z0-9_-]{1,64}");
    private static final Pattern SCHEME = Pattern.compile("nats|tls|opentls|ws|wss");
    private static final int LONGEST_PREFIX = 64;

    NatsSettings {
        servers = List.copyOf(servers);
        servers.forEach(NatsSettings::check);
        checkSubject("prefix", prefix);
        checkSubject("inbox-prefix", inboxPrefix);
        if (!STREAM.matcher(stream).matches()) {
            throw bad(
                    "stream must be 1 to 64 letters, digits, dashes, and underscores",
                    "length=" + stream.length());
        }
        if (retentionAge.compareTo(resyncPeriod.multipliedBy(RESYNCS_KEPT)) < 0) {
            throw bad(
                    "retention-age must be at least ten times resync-period",
                    "retention-age=%s resync-period=%s".formatted(retentionAge, resyncPeriod));
        }
        if (dedupWindow.compareTo(retentionAge) > 0) {
            throw bad(
                    "dedup-window must not be longer than retention-age",
                    "dedup-window=%s retention-age=%s".formatted(dedupWindow, retentionAge));
        }
        // A message without an answer is sent again with the same id.
        if (dedupWindow.compareTo(timeout.multipliedBy(2)) < 0) {
            throw bad(
                    "dedup-window must be at least two times timeout",
                    "dedup-window=%s timeout=%s".formatted(dedupWindow, timeout));
        }
    }

    private static void check(String server) {
        try {
            URI uri = new URI(withScheme(server));
            if (uri.getHost() != null && SCHEME.matcher(uri.getScheme()).matches()) {
                return;
            }
        } catch (URISyntaxException _) {
            // Its message contains the address, possibly with a password.
        }
        throw bad(
                "servers must be addresses such as nats://127.0.0.1:4222",
                "length=" + server.length());
    }

    private static void checkSubject(String key, String subject) {
        if (subject.length() > LONGEST_PREFIX || !SUBJECT.matcher(subject).matches()) {
            throw bad(
                    key
                            + " must be 1 to 64 letters, digits, dashes, and underscores, separated"
                            + " by single dots",
                    "length=" + subject.length());
        }
    }

    private static BrokerConfigurationException bad(String rule, String facts) {
        return new BrokerConfigurationException("setting " + SECTION + rule + ' ' + facts);
    }

    private static String withScheme(String server) {
        return server.contains("://") ? server : "nats://" + server;
    }

    /** {@return the servers' addresses for messages, without logins} */
    String addresses() {
        return String.join(",", servers.stream().map(NatsSettings::address).toList());
    }

    private static String address(String server) {
        URI uri = URI.create(withScheme(server));
        return uri.getPort() < 0 ? uri.getHost() : uri.getHost() + ':' + uri.getPort();
    }

    /** {@return whether connections use TLS: either all do or none} */
    boolean wantsTls() {
        return tls.trustStore().isPresent()
                || tls.keyStore().isPresent()
                || tls.first()
                || servers.stream()
                        .anyMatch(server ->
                                server.startsWith("tls://") || server.startsWith("wss://"));
    }

    static NatsSettings read(Settings settings) {
        return new NatsSettings(
                settings.choice(
                        "mode",
                        Mode.JETSTREAM,
                        Mode.class,
                        "With JetStream as the log, or with core NATS only: no history, no"
                                + " resuming."),
                settings.list(
                        "servers",
                        List.of("nats://127.0.0.1:4222"),
                        "The servers, as nats://host:port, or tls://host:port for TLS."),
                login(settings),
                tls(settings),
                settings.text(
                        "inbox-prefix",
                        "_INBOX",
                        "The prefix of the subjects of answers, for permissions that depend on"
                                + " it."),
                settings.text(
                        "prefix",
                        "longwave",
                        "The prefix of all subjects. Deployments that share servers need different"
                                + " ones."),
                settings.text(
                        "stream",
                        "LONGWAVE",
                        "The name of the stream, which is created if it does not exist."),
                (int)
                        settings.number(
                                "replicas",
                                1,
                                1,
                                5,
                                "How many servers store the stream: use 3 in a cluster."),
                settings.number(
                        "retention-count",
                        10_000,
                        1,
                        100_000_000,
                        "How many events of each topic are kept for readers that reconnect."),
                settings.duration(
                        "retention-age",
                        Duration.ofHours(24),
                        Duration.ofSeconds(1),
                        LONGEST,
                        "How long an event is kept."),
                settings.size(
                        "max-bytes",
                        0,
                        0,
                        Long.MAX_VALUE,
                        "The size of the stream on disk, above which the oldest events are removed;"
                                + " 0B for no limit but the servers' own."),
                settings.duration(
                        "dedup-window",
                        Duration.ofMinutes(2),
                        Duration.ofSeconds(1),
                        LONGEST,
                        "How long a message id is remembered, to drop a repeated publish."),
                (int)
                        settings.size(
                                "max-message-bytes",
                                512 << 10,
                                1,
                                32 << 20,
                                "The length of the longest event data accepted; the servers'"
                                        + " max_payload must be at least 12 KiB more."),
                settings.duration(
                        "timeout",
                        Duration.ofSeconds(5),
                        Duration.ofMillis(500),
                        Duration.ofMinutes(1),
                        "How long to wait for a connection or an answer."),
                settings.duration(
                        "ping-interval",
                        Duration.ofSeconds(3),
                        Duration.ofMillis(100),
                        Duration.ofMinutes(2),
                        "How often to check that the server responds; after three intervals"
                                + " without an answer, another server is tried."),
                settings.duration(
                        "resync-period",
                        Feed.RESYNC_PERIOD,
                        Duration.ofMillis(10),
                        Duration.ofMinutes(1),
                        "How often to check for events whose live delivery was lost."));
    }

    private static Login login(Settings settings) {
        return new Login(
                settings.text("user", "The user."),
                settings.text("password", "The user's password."),
                settings.text("token", "The token, instead of user and password."),
                settings.text(
                                "credentials-file",
                                "A .creds file with the user's JWT and NKey seed.")
                        .map(Path::of),
                settings.text("nkey-file", "A file with the user's NKey seed.").map(Path::of));
    }

    private static Tls tls(Settings settings) {
        return new Tls(
                settings.text("trust-store", "A key store with the trusted authorities.")
                        .map(Path::of),
                settings.text("trust-store-password", "The trust store's password."),
                settings.text("key-store", "A key store with the node's own certificate.")
                        .map(Path::of),
                settings.text("key-store-password", "The key store's password."),
                settings.flag(
                        "tls-first",
                        false,
                        "Whether TLS starts before the server sends anything (handshake_first)."));
    }

    @Override
    public String toString() {
        return "NatsSettings[servers=" + addresses() + ", stream=" + stream + ']';
    }
}
