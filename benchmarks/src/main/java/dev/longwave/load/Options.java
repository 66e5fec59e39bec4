package dev.longwave.load;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;

/** The options of the command line. */
@Command(
        name = "load",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "Loads an event-stream server and measures what a delivery costs.",
        description = {
            "Without --rate and --window, events are published to the probe's topic only."
        })
final class Options {
    /** How events get to the server. */
    enum Publish {
        /** One request per event. */
        POST,
        /** One long request per topic. */
        STREAM,
        /** The WebSockets of the subscribers. */
        SOCKETS
    }

    private static final int FEW_TOPICS = 16;
    private static final int MANY_EVENTS = 1 << 16;

    @Option(names = "--target", description = "${COMPLETION-CANDIDATES}; default longwave")
    Target target = Target.LONGWAVE;

    @Option(
            names = "--transport",
            description =
                    "sse, ws (WebSocket; with Socket.IO, its protocol) or centrifuge (WebSocket"
                        + " with Centrifuge's JSON protocol: longwave and centrifugo); default sse")
    Transport transport = Transport.SSE;

    @Option(
            names = "--address",
            required = true,
            paramLabel = "HOST:PORT",
            converter = AddressConverter.class)
    InetSocketAddress address = new InetSocketAddress(0);

    @Option(
            names = "--publish-address",
            paramLabel = "HOST:PORT",
            converter = AddressConverter.class,
            description = "another node, to publish to; default: the same")
    Optional<InetSocketAddress> publishAddress = Optional.empty();

    @Option(
            names = "--pid",
            split = ",",
            paramLabel = "PID",
            description = "the server's processes, whose CPU time and memory are read")
    List<Long> pids = List.of();

    @Option(names = "--connections", paramLabel = "N")
    int connections = 1000;

    @Option(
            names = "--http2",
            paramLabel = "S",
            description = "HTTP/2 with prior knowledge, with that many streams per connection")
    int streamsPerConnection;

    @Option(
            names = "--topics",
            paramLabel = "N",
            description = "subscriber i listens to topic i %% N")
    int topics = 1;

    @Option(
            names = "--rate",
            paramLabel = "N",
            description = "events per second in total, on a fixed schedule")
    double rate;

    @Option(
            names = "--window",
            paramLabel = "N",
            description = "as fast as possible, with at most that many events of a topic in flight")
    int window;

    @Option(names = "--size", paramLabel = "BYTES", description = "data of one event; default 256")
    int size = 256;

    @Option(names = "--seconds", paramLabel = "N", description = "measured; default 10")
    double seconds = 10;

    @Option(
            names = "--warmup-seconds",
            paramLabel = "N",
            description = "before that, the first half as fast as possible; default 5")
    double warmupSeconds = 5;

    @Option(
            names = "--publishers",
            paramLabel = "N",
            description = "keep-alive connections that publish; default 1")
    int publishers = 1;

    @Option(
            names = "--publish",
            description =
                    "post (a request per event), stream (a long request per publisher, Longwave"
                            + " only) or sockets (each subscriber over its own WebSocket, in turn);"
                            + " default post")
    Publish publish = Publish.POST;

    @Option(
            names = "--slow-share",
            paramLabel = "SHARE",
            description = "share of the subscribers that read slowly, from 0 to 1")
    double slowShare;

    @Option(names = "--slow-bytes-per-second", paramLabel = "N", description = "default 512")
    int slowBytesPerSecond = 512;

    @Option(
            names = "--frozen-share",
            paramLabel = "SHARE",
            description = "share of the subscribers that read nothing once they have subscribed")
    double frozenShare;

    @Option(
            names = "--churn",
            paramLabel = "N",
            description = "additional subscribers per second that connect and leave again")
    int churn;

    @Option(
            names = "--local-addresses",
            paramLabel = "N",
            description =
                    "number of source addresses, from 127.0.0.2 on; each carries about 28,000"
                            + " connections")
    int localAddresses;

    @Option(names = "--connect-rate", paramLabel = "N", description = "per second; default 5000")
    int connectRate = 5000;

    @Option(
            names = "--probe-topic",
            paramLabel = "NAME",
            description =
                    "a topic with one subscriber and an event each 20 ms, whose latency is"
                            + " reported separately")
    Optional<String> probeTopic = Optional.empty();

    @Option(
            names = "--own-core",
            description =
                    "this process has a processor core to itself and never lets it sleep, so the"
                            + " server does not have to wake it")
    boolean ownCore;

    @Option(
            names = "--idle",
            description =
                    "connects and waits --warmup-seconds, reports memory, and what the heartbeats"
                            + " of the following --seconds cost")
    boolean idle;

    @Option(
            names = "--token",
            paramLabel = "JWT",
            description =
                    "token for publishing and subscribing, or API key, where the target needs one")
    Optional<String> token = Optional.empty();

    @Option(
            names = "--tls",
            description = "HTTPS, whatever certificate the server has; HTTP/1.1 only")
    boolean tls;

    @Option(names = "--json", paramLabel = "FILE", description = "also writes the result to FILE")
    Optional<Path> json = Optional.empty();

    /** {@return what is wrong with these options, if anything} */
    Optional<String> mistake() {
        if (size < EventData.MARK) {
            return Optional.of("--size must be at least " + EventData.MARK);
        }
        if (rate > 0 && window > 0) {
            return Optional.of("--rate and --window exclude each other");
        }
        if (connections < 1 || topics < 1 || publishers < 1 || connectRate < 1) {
            return Optional.of(
                    "--connections, --topics, --publishers and --connect-rate must be at least 1");
        }
        if (window > Topic.LEAST_REMEMBERED / 2) {
            return Optional.of("--window must be at most " + Topic.LEAST_REMEMBERED / 2);
        }
        if (publish == Publish.STREAM && target != Target.LONGWAVE) {
            return Optional.of("--publish stream works with Longwave only");
        }
        if (tls && (streamsPerConnection > 0 || slowShare > 0 || publish == Publish.STREAM)) {
            return Optional.of("--tls works without --http2, --slow-share, and --publish stream");
        }
        return transportMistake();
    }

    private Optional<String> transportMistake() {
        boolean centrifuge = target == Target.LONGWAVE || target == Target.CENTRIFUGO;
        boolean supported =
                switch (transport) {
                    case SSE -> target != Target.SOCKETIO;
                    case WS -> target != Target.CENTRIFUGO && target != Target.MERCURE;
                    case CENTRIFUGE -> centrifuge;
                };
        if (!supported) {
            return Optional.of(
                    "--target " + nameOf(target) + " has no --transport " + nameOf(transport));
        }
        if (transport == Transport.SSE && publish == Publish.SOCKETS) {
            return Optional.of("--publish sockets works with a --transport over WebSocket only");
        }
        if (transport != Transport.SSE && streamsPerConnection > 0) {
            return Optional.of("--http2 works with --transport sse only");
        }
        return Optional.empty();
    }

    /**
     * {@return how many events a topic remembers} At a fixed rate, a server that is too slow has
     * any number of them on the way.
     */
    int remembered() {
        return topics <= FEW_TOPICS ? MANY_EVENTS : Topic.LEAST_REMEMBERED;
    }

    /** Reads {@code host:port}. */
    static final class AddressConverter implements ITypeConverter<InetSocketAddress> {
        @Override
        public InetSocketAddress convert(String text) {
            int colon = text.lastIndexOf(':');
            return new InetSocketAddress(
                    text.substring(0, colon), Integer.parseInt(text, colon + 1, text.length(), 10));
        }
    }

    /** {@return the name of {@code constant} as it stands on the command line} */
    static String nameOf(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
