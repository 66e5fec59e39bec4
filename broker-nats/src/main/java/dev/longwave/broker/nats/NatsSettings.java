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
 * How the servers are reached, and what they keep. Does not print: it holds secrets.
 *
 * @param mode whether there is a log
 * @param servers addresses, with or without a scheme
 * @param login who we are
 * @param tls stores for TLS
 * @param inboxPrefix what the subjects of answers begin with
 * @param prefix what all other subjects begin with
 * @param stream name of the stream
 * @param replicas of the stream
 * @param retentionCount messages kept per topic
 * @param retentionAge how long a message is kept
 * @param maxBytes of the stream on disk; 0 for no bound
 * @param dedupWindow how long the id of a message is remembered
 * @param maxMessageBytes length of the longest data accepted
 * @param timeout for connecting, and for an answer
 * @param pingInterval how often to make sure that the server is there
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

    /** What the broker is made of. */
    enum Mode {
        /** With a log: nothing is lost in silence. */
        JETSTREAM,
        /** Without: who is not listening misses it. */
        CORE
    }

    /** Who we are to the servers: nobody, or one of four kinds. */
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
                        "settings broker.nats.user, token, credentials-file and nkey-file exclude"
                                + " each other: set one of them");
            }
            if (user.isPresent() != password.isPresent()) {
                throw new BrokerConfigurationException(
                        "settings broker.nats.user and password go together: set both or none");
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

    /** Key stores in the JVM's formats; without any, the JVM's own trust store is used. */
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
    private static final int RESYNCS_KEPT = 10; // what the feed asks of a log

    // Dots separate the tokens of a subject, and stars and greater-thans match any.
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
                    "stream must be 1 to 64 letters, digits, dashes and underscores",
                    "length=" + stream.length());
        }
        if (retentionAge.compareTo(resyncPeriod.multipliedBy(RESYNCS_KEPT)) < 0) {
            throw bad(
                    "retention-age must be ten resync-periods or more",
                    "retention-age=%s resync-period=%s".formatted(retentionAge, resyncPeriod));
        }
        if (dedupWindow.compareTo(retentionAge) > 0) {
            throw bad(
                    "dedup-window must not be longer than retention-age",
                    "dedup-window=%s retention-age=%s".formatted(dedupWindow, retentionAge));
        }
        // What brings no answer is sent again, with the same id.
        if (dedupWindow.compareTo(timeout.multipliedBy(2)) < 0) {
            throw bad(
                    "dedup-window must be two timeouts or more",
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
            // Its message holds the address, and that a password.
        }
        throw bad(
                "servers must be addresses like nats://127.0.0.1:4222",
                "length=" + server.length());
    }

    private static void checkSubject(String key, String subject) {
        if (subject.length() > LONGEST_PREFIX || !SUBJECT.matcher(subject).matches()) {
            throw bad(
                    key
                            + " must be 1 to 64 letters, digits, dashes and underscores, with dots"
                            + " between",
                    "length=" + subject.length());
        }
    }

    private static BrokerConfigurationException bad(String rule, String facts) {
        return new BrokerConfigurationException("setting " + SECTION + rule + ' ' + facts);
    }

    private static String withScheme(String server) {
        return server.contains("://") ? server : "nats://" + server;
    }

    /** {@return the servers for people to read, without what may be secret} */
    String addresses() {
        return String.join(",", servers.stream().map(NatsSettings::address).toList());
    }

    private static String address(String server) {
        URI uri = URI.create(withScheme(server));
        return uri.getPort() < 0 ? uri.getHost() : uri.getHost() + ':' + uri.getPort();
    }

    /** {@return whether each connection is to be by TLS: there is no mixture} */
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
                        "With a log in JetStream, or core NATS alone: no history, no resuming."),
                settings.list(
                        "servers",
                        List.of("nats://127.0.0.1:4222"),
                        "The servers, as nats://host:port; with tls:// by TLS."),
                login(settings),
                tls(settings),
                settings.text(
                        "inbox-prefix",
                        "_INBOX",
                        "What the subjects of answers begin with, where permissions are by that."),
                settings.text(
                        "prefix",
                        "longwave",
                        "What all subjects begin with; deployments that share servers need one"
                                + " each."),
                settings.text(
                        "stream",
                        "LONGWAVE",
                        "The stream's name; created at the start if it is not there."),
                (int)
                        settings.number(
                                "replicas",
                                1,
                                1,
                                5,
                                "How many servers hold the stream: 3 in a cluster."),
                settings.number(
                        "retention-count",
                        10_000,
                        1,
                        100_000_000,
                        "How many events each topic keeps for readers that come back."),
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
                        "How large the stream may grow before the oldest events go; 0B for as large"
                                + " as the servers allow."),
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
                                512 << 10,
                                1,
                                32 << 20,
                                "The length of the longest event data that is accepted; the"
                                        + " servers' max_payload must be 8 KiB more."),
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
                        "How often to make sure that the server is there; after three without"
                                + " answer the next one is tried."),
                settings.duration(
                        "resync-period",
                        Feed.RESYNC_PERIOD,
                        Duration.ofMillis(10),
                        Duration.ofMinutes(1),
                        "How often to look for events whose live delivery was lost."));
    }

    private static Login login(Settings settings) {
        return new Login(
                settings.text("user", "The user."),
                settings.text("password", "The user's password."),
                settings.text("token", "The token, in place of user and password."),
                settings.text(
                                "credentials-file",
                                "A .creds file, with the user's JWT and NKey seed.")
                        .map(Path::of),
                settings.text("nkey-file", "A file with the user's NKey seed.").map(Path::of));
    }

    private static Tls tls(Settings settings) {
        return new Tls(
                settings.text("trust-store", "A key store with the authorities to trust.")
                        .map(Path::of),
                settings.text("trust-store-password", "Its password."),
                settings.text("key-store", "A key store with our certificate.").map(Path::of),
                settings.text("key-store-password", "Its password."),
                settings.flag(
                        "tls-first", false, "Whether TLS begins before the server says anything."));
    }

    @Override
    public String toString() {
        return "NatsSettings[servers=" + addresses() + ", stream=" + stream + ']';
    }
}
