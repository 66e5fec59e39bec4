package dev.longwave.server;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.Settings;
import dev.longwave.core.HubOptions;
import dev.longwave.server.auth.AuthSettings;
import dev.longwave.server.auth.CorsSettings;
import dev.longwave.server.auth.QuotaSettings;
import dev.longwave.server.centrifuge.CentrifugeSettings;
import dev.longwave.server.hooks.HookSettings;
import dev.longwave.server.http.TrustedProxies;
import dev.longwave.server.net.AddressRanges;
import dev.longwave.server.net.Deadlines;
import dev.longwave.server.ops.AdminPassword;
import dev.longwave.server.ops.OpsSettings;
import dev.longwave.server.presence.PresenceSettings;
import dev.longwave.server.publish.PublishSettings;
import dev.longwave.server.sse.SseSettings;
import dev.longwave.server.tracing.TracingSettings;
import dev.longwave.server.ws.WsSettings;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All settings of a server except those of its broker.
 *
 * @param listener where the server listens
 * @param admin where its admin listener listens
 * @param connections the limits on connections
 * @param memory the limits on what clients make the server hold
 * @param deadlines how long clients may make no progress
 * @param auth sign-in and permissions
 * @param cors which pages of other origins may use the server
 * @param quotas how much each client may do
 * @param tls TLS of the public listener
 * @param sse event streams
 * @param ws WebSockets
 * @param publish publishing and history
 * @param centrifuge the Centrifuge protocol
 * @param presence who is in which topic
 * @param hooks what the application is told and asked
 * @param ops what operators see
 * @param tracing where spans go
 * @param hub topics and their logs
 * @param brokerType the type of its broker
 */
public record ServerSettings(
        Listener listener,
        Admin admin,
        Connections connections,
        MemoryLimits memory,
        Deadlines.Limits deadlines,
        AuthSettings auth,
        CorsSettings cors,
        QuotaSettings quotas,
        TlsSettings tls,
        SseSettings sse,
        WsSettings ws,
        PublishSettings publish,
        CentrifugeSettings centrifuge,
        PresenceSettings presence,
        HookSettings hooks,
        OpsSettings ops,
        TracingSettings tracing,
        HubOptions hub,
        String brokerType) {

    private static final int ADMIN_PORT_OFFSET = 10;
    private static final Duration SHORTEST_DEADLINE = Duration.ofMillis(100);

    /**
     * Where a server listens.
     *
     * @param host an address or host name
     * @param port a port, 0 for any free one
     * @param drainTimeout how long open streams may take to end when the server stops
     * @param loopbackNamesOnly whether it only answers under loopback names
     * @param waitForBroker how long it waits at the start for a broker that cannot be reached
     */
    public record Listener(
            String host,
            int port,
            Duration drainTimeout,
            boolean loopbackNamesOnly,
            Duration waitForBroker) {}

    /**
     * The admin listener, and who else may see the figures.
     *
     * @param host an address or host name
     * @param port a port, 0 for any free one
     * @param portIsChosen whether that port is set; another will do for one that is not
     * @param publicFigures whether the public listener serves the figures too
     * @param password what requests need; null if they need none
     */
    public record Admin(
            String host,
            int port,
            boolean portIsChosen,
            boolean publicFigures,
            @Nullable AdminPassword password) {}

    /**
     * The limits on connections.
     *
     * @param max the maximum number of open connections
     * @param maxPerAddress the maximum number from one address, 0 for no limit
     * @param trustedProxies addresses without that limit, which are believed what they say of their
     *     clients
     * @param forwardedField in which header field they say it
     * @param proxyProtocol whether they say it before each connection
     * @param maxStreams the maximum number of open requests on one HTTP/2 connection
     */
    public record Connections(
            int max,
            int maxPerAddress,
            AddressRanges trustedProxies,
            TrustedProxies.Field forwardedField,
            boolean proxyProtocol,
            int maxStreams) {

        public Connections {
            if (proxyProtocol && trustedProxies.isEmpty()) {
                throw new BrokerConfigurationException(
                        "setting net.proxy-protocol needs the addresses of the proxies that speak"
                                + " it: set net.trusted-proxies");
            }
        }
    }

    /**
     * The limits on what all clients together make the server hold.
     *
     * @param requestBytes the maximum size of all requests that are being received
     * @param responseBytes the maximum size of all responses that wait for their clients
     */
    public record MemoryLimits(long requestBytes, long responseBytes) {}

    /**
     * Reads all sections.
     *
     * @throws BrokerConfigurationException if a setting is invalid
     */
    public static ServerSettings read(Settings settings) {
        AuthSettings auth = AuthSettings.read(settings);
        Listener listener = listener(settings, auth.isOn());
        TlsSettings tls = TlsSettings.read(settings);
        if (auth.clientCertificates() && tls.clientCertifiers() == null) {
            throw new BrokerConfigurationException(
                    "setting auth.client-certificates needs the authorities that certify clients:"
                            + " set tls.client-ca");
        }
        return new ServerSettings(
                listener,
                admin(settings, listener.port()),
                connections(settings),
                memory(settings),
                deadlines(settings),
                auth,
                CorsSettings.read(settings),
                QuotaSettings.read(settings),
                tls,
                SseSettings.read(settings),
                WsSettings.read(settings),
                PublishSettings.read(settings),
                CentrifugeSettings.read(settings),
                PresenceSettings.read(settings),
                HookSettings.read(settings),
                OpsSettings.read(settings),
                TracingSettings.read(settings),
                hub(settings),
                settings.section("broker")
                        .text("type", "memory", "The broker that carries the events."));
    }

    /** {@return all settings except those of the broker, in the order of the reference table} */
    public static List<Settings.Known> reference() {
        var settings = new Settings(Map.of());
        var _ = read(settings);
        AuthSettings.describe(settings);
        TlsSettings.describe(settings);
        TopicRules.describe(settings);
        return settings.known();
    }

    /** {@return whether the process that runs the server is to log in JSON} */
    public static boolean logsJson(Settings settings) {
        return OpsSettings.logFormat(settings) == OpsSettings.LogFormat.JSON;
    }

    private static Listener listener(Settings settings, boolean closed) {
        Settings server = settings.section("server");
        var listener =
                new Listener(
                        server.text("host", "127.0.0.1", "The address to listen on."),
                        (int)
                                server.number(
                                        "port",
                                        8080,
                                        0,
                                        65535,
                                        "The port to listen on; 0 selects any free port."),
                        server.duration(
                                "drain-timeout",
                                Duration.ofSeconds(10),
                                Duration.ZERO,
                                Duration.ofMinutes(10),
                                "When the server stops: how long open streams may take to end."),
                        server.flag(
                                "loopback-names-only",
                                false,
                                "Answers only requests to loopback names, such as localhost or"
                                        + " 127.0.0.1, that no page of another site sends: protects"
                                        + " an open server from pages in a browser on its machine."
                                        + " Development mode turns this on."),
                        server.duration(
                                "wait-for-broker",
                                Duration.ZERO,
                                Duration.ZERO,
                                Duration.ofDays(1),
                                "When the server starts: how long it waits for a broker that it"
                                        + " cannot reach yet. After that, and by default at once,"
                                        + " it exits with status 1."));
        boolean open =
                server.flag(
                        "open",
                        false,
                        "Lets everyone who can reach the server publish and subscribe. Required to"
                                + " listen on an address other than loopback unless sign-in is"
                                + " configured.");
        if (open && closed) {
            throw new BrokerConfigurationException(
                    "server.open lets everyone in, and the settings of auth do not: remove one of"
                            + " them; auth.rules can let anonymous clients read and publish");
        }
        if (!open && !closed && !isLoopback("server.host", listener.host())) {
            throw new BrokerConfigurationException(
                    ("the server would be open to everyone who can reach it: set auth.jwt.key-file"
                         + " to a file that longwave keygen makes, or server.host to a loopback"
                         + " address, or server.open to true if a proxy in front of it controls"
                         + " access host=%s")
                            .formatted(listener.host()));
        }
        return listener;
    }

    private static Admin admin(Settings settings, int serverPort) {
        Settings admin = settings.section("admin");
        var listener =
                new Admin(
                        admin.text("host", "127.0.0.1", "The address of the admin listener."),
                        (int)
                                admin.number(
                                        "port",
                                        adminPort(serverPort),
                                        "server.port + 10",
                                        0,
                                        65535,
                                        "The port of the admin listener; 0 selects any free port,"
                                                + " and is the default if server.port is 0. If the"
                                                + " default is taken, any free port is used."),
                        admin.names().contains("port"),
                        admin.flag(
                                "public-figures",
                                false,
                                "Whether the public listener also serves GET /figures, which the"
                                        + " console shows. Development mode turns this on."),
                        AdminPassword.read(admin));
        boolean open =
                admin.flag(
                        "open",
                        false,
                        "Lets everyone who can reach the admin listener use it. Required for an"
                                + " admin.host other than loopback, unless a password is set.");
        if (!open && listener.password() == null && !isLoopback("admin.host", listener.host())) {
            throw new BrokerConfigurationException(
                    ("everyone who can reach the admin listener could use it: set admin.host to a"
                         + " loopback address, admin.password-file, or admin.open to true if"
                         + " something in front of it controls access host=%s")
                            .formatted(listener.host()));
        }
        return listener;
    }

    private static int adminPort(int serverPort) {
        int port = serverPort + ADMIN_PORT_OFFSET;
        return serverPort == 0 || port > 65535 ? 0 : port;
    }

    private static boolean isLoopback(String setting, String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            throw new BrokerConfigurationException(
                    "setting %s is not an address of this machine value=%s"
                            .formatted(setting, host),
                    e);
        }
    }

    private static Connections connections(Settings settings) {
        Settings limits = settings.section("limits");
        Settings net = settings.section("net");
        int max =
                (int)
                        limits.number(
                                "connections",
                                100_000,
                                1,
                                10_000_000,
                                "The maximum number of open connections.");
        int maxPerAddress =
                (int)
                        limits.number(
                                "connections-per-address",
                                4096,
                                0,
                                10_000_000,
                                "The maximum number of open connections from one IPv4 address or"
                                        + " IPv6 network of 64 bits; 0 for no limit.");
        AddressRanges trustedProxies = trustedProxies(net);
        boolean proxyProtocol =
                net.flag(
                        "proxy-protocol",
                        false,
                        "Whether each connection from these proxies begins with a header of the"
                                + " PROXY protocol, version 1 or 2. Connections without one are"
                                + " then closed.");
        return new Connections(
                max,
                maxPerAddress,
                trustedProxies,
                net.choice(
                        "forwarded-field",
                        // A proxy that passes on connections passes on what clients write there.
                        proxyProtocol
                                ? TrustedProxies.Field.NONE
                                : TrustedProxies.Field.X_FORWARDED_FOR,
                        TrustedProxies.Field.class,
                        "The header field in which these proxies name their clients, which they"
                                + " must write or remove themselves: none for proxies that pass on"
                                + " connections, which is the default with net.proxy-protocol."
                                + " X-Forwarded-Proto belongs to x-forwarded-for."),
                proxyProtocol,
                (int)
                        limits.number(
                                "streams-per-connection",
                                256,
                                1,
                                100_000,
                                "The maximum number of open requests on one HTTP/2 connection."));
    }

    private static AddressRanges trustedProxies(Settings net) {
        List<String> proxies =
                net.list(
                        "trusted-proxies",
                        List.of(),
                        "Addresses and ranges, such as 10.0.0.0/8, of proxies in front of the"
                                + " server: limits.connections-per-address does not apply to"
                                + " them, and what they say of their clients is believed.");
        try {
            return AddressRanges.of(proxies);
        } catch (IllegalArgumentException e) {
            throw new BrokerConfigurationException(
                    "setting net.trusted-proxies has an entry that is neither an IP address nor a"
                            + " range of addresses",
                    e);
        }
    }

    private static MemoryLimits memory(Settings settings) {
        Settings limits = settings.section("limits");
        long heap = Runtime.getRuntime().maxMemory();
        return new MemoryLimits(
                limits.size(
                        "request-bytes",
                        heap / 8,
                        "an eighth of the heap",
                        64 << 10,
                        1L << 50,
                        "The maximum size of all request bodies, of all clients together, that the"
                                + " server holds while they arrive and are handled. Beyond it,"
                                + " requests are answered with 503."),
                limits.size(
                        "response-bytes",
                        heap / 4,
                        "a quarter of the heap",
                        64 << 10,
                        1L << 50,
                        "The maximum size of all pages of history, answers to batches, and console"
                                + " files that wait for their clients to take them. Beyond it,"
                                + " requests are answered with 503."));
    }

    private static Deadlines.Limits deadlines(Settings settings) {
        Settings net = settings.section("net");
        return new Deadlines.Limits(
                net.duration(
                        "idle-timeout",
                        Duration.ofMinutes(5),
                        SHORTEST_DEADLINE,
                        Duration.ofDays(1),
                        "How long a connection may be without a request, or an NDJSON request"
                                + " without a line, before it is closed."),
                net.duration(
                        "read-deadline",
                        Duration.ofSeconds(10),
                        SHORTEST_DEADLINE,
                        Duration.ofHours(1),
                        "How long a client may take for the head of a request, and for each"
                                + " net.read-bytes of its body, before its connection is"
                                + " closed."),
                (int)
                        net.size(
                                "read-bytes",
                                1 << 10,
                                1,
                                1 << 20,
                                "How many bytes of the body of a request must arrive within"
                                        + " net.read-deadline."),
                net.duration(
                        "write-deadline",
                        Duration.ofSeconds(30),
                        SHORTEST_DEADLINE,
                        Duration.ofHours(1),
                        "How long a client may take nothing of what is written to it before its"
                                + " connection is closed. Clients take what is written in steps of"
                                + " about 20 kB, so with less than 10 s, a slow but steady client"
                                + " may be closed, too."));
    }

    private static HubOptions hub(Settings settings) {
        Settings hub = settings.section("hub");
        HubOptions defaults = HubOptions.defaults();
        TopicRules rules = TopicRules.read(settings);
        return new HubOptions(
                (int)
                        hub.number(
                                "topic-log-events",
                                defaults.topicLogEvents(),
                                4,
                                1 << 20,
                                "The number of events that this node keeps encoded for each topic,"
                                        + " so that readers do not need the broker's history."),
                hub.size(
                        "topic-log-bytes",
                        defaults.topicLogBytes(),
                        1 << 10,
                        1 << 30,
                        "The maximum total size of these events, for each topic."),
                hub.duration(
                        "topic-linger",
                        defaults.topicLinger(),
                        Duration.ZERO,
                        Duration.ofHours(1),
                        "How long this node keeps a topic after its last subscriber has left."),
                (int)
                        hub.number(
                                "page-events",
                                defaults.pageEvents(),
                                1,
                                10_000,
                                "The number of events to read from the broker's history at a"
                                        + " time."),
                (int)
                        hub.size(
                                "page-bytes",
                                defaults.pageBytes(),
                                1 << 10,
                                64 << 20,
                                "The maximum total size of these events."),
                (int)
                        hub.number(
                                "fan-out-threads",
                                defaults.fanOutThreads(),
                                "CPUs, up to 4",
                                1,
                                64,
                                "The number of threads that signal the subscribers of large"
                                        + " topics."),
                rules::lagPolicy,
                rules::isEphemeral,
                (int)
                        hub.number(
                                "max-replays",
                                defaults.maxReplays(),
                                1,
                                10_000,
                                "The number of pages of history that are read for subscribers at"
                                        + " the same time. Others wait for their turn."));
    }
}
