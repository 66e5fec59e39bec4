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
 * All settings of a server but its broker's own.
 *
 * @param listener where it listens
 * @param connections how many connections it takes
 * @param sse streams
 * @param publish publishing and history
 * @param hub topics and their logs
 * @param brokerType which broker it uses
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
     * How many connections a server takes.
     *
     * @param max at a time
     * @param maxPerAddress from one address, 0 for no limit
     * @param maxStreams open requests on one HTTP/2 connection
     */
    public record Connections(int max, int maxPerAddress, int maxStreams) {}

    /**
     * Reads all sections.
     *
     * @throws BrokerConfigurationException if one of them is wrong
     */
    public static ServerSettings read(Settings settings) {
        return new ServerSettings(
                listener(settings),
                connections(settings),
                SseSettings.read(settings),
                PublishSettings.read(settings),
                hub(settings),
                settings.section("broker")
                        .text("type", "memory", "Which broker carries the events."));
    }

    /**
     * {@return every setting there is, the broker's own apart, in the order of the reference table}
     */
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
                                        "The port to listen on; 0 takes any free one."),
                        server.duration(
                                "drain-timeout",
                                Duration.ofSeconds(10),
                                Duration.ZERO,
                                Duration.ofMinutes(10),
                                "How long open streams may take to end when the server stops."));
        boolean open =
                server.flag(
                        "open",
                        false,
                        "Lets everybody who can reach the server publish and subscribe. Needed to"
                            + " listen on an address that is not loopback, as long as there are no"
                            + " keys.");
        if (!open && !isLoopback(listener.host())) {
            throw new BrokerConfigurationException(
                    ("the server would be open to everybody who can reach it: set server.host to a"
                         + " loopback address, or server.open to true if something in front of it"
                         + " checks who may come in host=%s")
                            .formatted(listener.host()));
        }
        return listener;
    }

    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            throw new BrokerConfigurationException(
                    "setting server.host is no address of this machine value=" + host, e);
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
                                "How many connections there may be at a time."),
                (int)
                        limits.number(
                                "connections-per-address",
                                0,
                                0,
                                10_000_000,
                                "How many of them may come from one address; 0 for no limit. Behind"
                                        + " a proxy all come from one."),
                (int)
                        limits.number(
                                "streams-per-connection",
                                256,
                                1,
                                100_000,
                                "How many requests one HTTP/2 connection may have open."));
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
                                "How many events of a topic are kept encoded on this node, so that"
                                        + " readers need not go to the broker's history."),
                hub.size(
                        "topic-log-bytes",
                        defaults.topicLogBytes(),
                        1 << 10,
                        1 << 30,
                        "How long these may be together."),
                hub.duration(
                        "topic-linger",
                        defaults.topicLinger(),
                        Duration.ZERO,
                        Duration.ofHours(1),
                        "How long a topic is kept on this node after its last subscriber left."),
                (int)
                        hub.number(
                                "page-events",
                                defaults.pageEvents(),
                                1,
                                10_000,
                                "How many events are read from the broker's history at once."),
                (int)
                        hub.size(
                                "page-bytes",
                                defaults.pageBytes(),
                                1 << 10,
                                64 << 20,
                                "How long these may be together."),
                (int)
                        hub.number(
                                "fan-out-threads",
                                defaults.fanOutThreads(),
                                "CPUs, up to 4",
                                1,
                                64,
                                "How many threads wake the subscribers of large topics."),
                rules::lagPolicy);
    }
}
