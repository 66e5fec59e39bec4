package dev.longwave.server;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.Settings;
import dev.longwave.core.HubOptions;
import dev.longwave.server.http.PublishSettings;
import dev.longwave.server.sse.SseSettings;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * All settings of a server except those of its broker.
 *
 * @param listener where the server listens
 * @param connections the limits on connections
 * @param sse event streams
 * @param publish publishing and history
 * @param hub topics and their logs
 * @param brokerType the type of its broker
 */
public record ServerSettings(
        Listener listener,
        Connections connections,
        SseSettings sse,
        PublishSettings publish,
        HubOptions hub,
        String brokerType) {

    /**
     * Where a server listens.
     *
     * @param host an address or host name
     * @param port a port, 0 for any free one
     * @param drainTimeout how long open streams may take to end when the server stops
     */
    public record Listener(String host, int port, Duration drainTimeout) {}

    /**
     * The limits on connections.
     *
     * @param max the maximum number of open connections
     * @param maxPerAddress the maximum number from one address, 0 for no limit
     * @param maxStreams the maximum number of open requests on one HTTP/2 connection
     */
    public record Connections(int max, int maxPerAddress, int maxStreams) {}

    /**
     * Reads all sections.
     *
     * @throws BrokerConfigurationException if a setting is invalid
     */
    public static ServerSettings read(Settings settings) {
        return new ServerSettings(
                listener(settings),
                connections(settings),
                SseSettings.read(settings),
                PublishSettings.read(settings),
                hub(settings),
                settings.section("broker")
                        .text("type", "memory", "The broker that carries the events."));
    }

    /** {@return all settings except those of the broker, in the order of the reference table} */
    public static List<Settings.Known> reference() {
        var settings = new Settings(Map.of());
        var _ = read(settings);
        TopicRules.describe(settings);
        return settings.known();
    }

    private static Listener listener(Settings settings) {
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
                                "When the server stops: how long open streams may take to end."));
        boolean open =
                server.flag(
                        "open",
                        false,
                        "Lets everyone who can reach the server publish and subscribe. Required to"
                            + " listen on an address other than loopback as long as there are no"
                            + " keys.");
        if (!open && !isLoopback(listener.host())) {
            throw new BrokerConfigurationException(
                    ("the server would be open to everyone who can reach it: set server.host to a"
                         + " loopback address, or set server.open to true if a proxy in front of it"
                         + " controls access host=%s")
                            .formatted(listener.host()));
        }
        return listener;
    }

    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            throw new BrokerConfigurationException(
                    "setting server.host is not an address of this machine value=" + host, e);
        }
    }

    private static Connections connections(Settings settings) {
        Settings limits = settings.section("limits");
        return new Connections(
                (int)
                        limits.number(
                                "connections",
                                100_000,
                                1,
                                10_000_000,
                                "The maximum number of open connections."),
                (int)
                        limits.number(
                                "connections-per-address",
                                0,
                                0,
                                10_000_000,
                                "The maximum number of open connections from one address; 0 for no"
                                        + " limit. Behind a proxy, all connections come from one"
                                        + " address."),
                (int)
                        limits.number(
                                "streams-per-connection",
                                256,
                                1,
                                100_000,
                                "The maximum number of open requests on one HTTP/2 connection."));
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
                                1,
                                64,
                                "The number of threads that signal the subscribers of large"
                                        + " topics."),
                rules::lagPolicy);
    }
}
