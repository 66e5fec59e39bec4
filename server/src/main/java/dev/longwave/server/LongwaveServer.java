package dev.longwave.server;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.BrokerContext;
import dev.longwave.broker.BrokerFactory;
import dev.longwave.broker.BrokerProvider;
import dev.longwave.broker.Message;
import dev.longwave.broker.Settings;
import dev.longwave.core.Hub;
import dev.longwave.server.http.BatchHandler;
import dev.longwave.server.http.ConsoleHandler;
import dev.longwave.server.http.HealthHandler;
import dev.longwave.server.http.HistoryHandler;
import dev.longwave.server.http.Problems;
import dev.longwave.server.http.PublishHandler;
import dev.longwave.server.ops.BrokerHealth;
import dev.longwave.server.request.TopicsToRead;
import dev.longwave.server.sse.Streams;
import dev.longwave.server.sse.SubscribeHandler;
import dev.longwave.server.wire.BusyThreads;
import dev.longwave.server.wire.Door;
import dev.longwave.server.wire.DoorSettings;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;

/** A running server: door, hub and broker, started and stopped together. */
public final class LongwaveServer implements AutoCloseable {

    private final ServerSettings settings;
    private final Broker broker;
    private final BrokerHealth health;
    private final Hub hub;
    private final Streams streams;
    private final BusyThreads busyThreads = new BusyThreads();
    private final Door door;
    private final AtomicBoolean closed = new AtomicBoolean();

    /**
     * Starts a server.
     *
     * @param settings all settings; nothing in them may be unknown
     * @param plugins the folder of broker modules, which need not exist
     * @throws BrokerConfigurationException if the settings are wrong, or the port is taken
     * @throws dev.longwave.broker.BrokerUnavailableException if the broker cannot be reached
     */
    public static LongwaveServer start(Settings settings, Path plugins) {
        ServerSettings read = ServerSettings.read(settings);
        BrokerProvider provider = Brokers.provider(read.brokerType(), plugins);
        BrokerFactory factory =
                provider.settings(settings.section("broker").section(provider.type()));
        settings.refuseUnknown(); // before the broker touches its servers
        var health = new BrokerHealth(provider.type(), InstantSource.system());
        Broker broker =
                factory.connect(
                        BrokerContext.builder(UUID.randomUUID().toString())
                                .onStatus(health)
                                .build());
        try {
            return new LongwaveServer(read, broker, health);
        } catch (RuntimeException e) {
            broker.close();
            throw e;
        }
    }

    private LongwaveServer(ServerSettings settings, Broker broker, BrokerHealth health) {
        this.settings = settings;
        this.broker = broker;
        this.health = health;
        this.hub = new Hub(broker, settings.hub());
        this.streams = new Streams(settings.sse());
        this.door = open();
    }

    private Door open() {
        HttpRouting.Builder routing = HttpRouting.builder();
        route(routing);
        ServerSettings.Listener listener = settings.listener();
        try {
            return Door.open(
                    new DoorSettings(
                            listener.host(),
                            listener.port(),
                            settings.connections().max(),
                            settings.connections().maxPerAddress(),
                            settings.connections().maxStreams(),
                            settings.sse().writeDeadline()),
                    busyThreads,
                    routing);
        } catch (IOException e) {
            streams.close();
            hub.close();
            throw new BrokerConfigurationException(
                    ("cannot listen: the port is taken, or the address is not of this machine"
                                    + " host=%s port=%d")
                            .formatted(listener.host(), listener.port()),
                    e);
        }
    }

    private void route(HttpRouting.Builder routing) {
        InstantSource clock = InstantSource.system();
        var toRead = new TopicsToRead(hub, settings.brokerType());
        var subscribe = new SubscribeHandler(hub, toRead, streams, settings.sse(), clock);
        var publish = new PublishHandler(hub, settings.publish(), busyThreads);
        var console = new ConsoleHandler();
        var healthHandler = new HealthHandler(health, streams::draining);
        routing.addFilter(LongwaveServer::closeIfAsked)
                .get("/events", subscribe)
                .get("/events/*", subscribe)
                .post("/events/*", publish)
                .post("/publish", new BatchHandler(hub, settings.publish(), busyThreads))
                .get("/history/*", new HistoryHandler(hub, toRead, settings.publish(), clock))
                .get("/health/live", healthHandler::live)
                .get("/health/ready", healthHandler::ready)
                .get("/", console)
                .get(ConsoleHandler.PREFIX + "*", console)
                .any("/events/*", Problems::methodNotAllowed)
                .any("/publish", Problems::methodNotAllowed)
                .any("/history/*", Problems::methodNotAllowed);
        Problems.handle(routing);
    }

    /**
     * Helidon announces {@code Connection: close} and leaves closing to the client: RFC 9112,
     * section 9.6.
     */
    private static void closeIfAsked(
            FilterChain chain, RoutingRequest request, RoutingResponse response) {
        chain.proceed();
        if (request.headers().contains(HeaderNames.CONNECTION)
                && request.headers().containsToken(HeaderValues.CONNECTION_CLOSE)
                && response.isSent()) {
            throw new CloseConnectionException("the client asked to close the connection");
        }
    }

    /** {@return the port it listens on} */
    public int port() {
        return door.port();
    }

    /** {@return the address it serves, as a browser wants it} */
    public String url() {
        return "http://%s:%d".formatted(settings.listener().host(), port());
    }

    /** {@return how many streams are open} */
    public int openStreams() {
        return streams.count();
    }

    /** {@return how many connections there are} */
    public int connections() {
        return door.connections();
    }

    /** {@return how many topics this node has an interest in} */
    public int topics() {
        return hub.topicCount();
    }

    /** {@return how many subscriptions there are} */
    public long subscriptions() {
        return hub.subscriptionCount();
    }

    /** Publishes from within this process; see {@link Hub#publish}. */
    public void publish(String topic, Message message) {
        var _ = hub.publish(topic, message);
    }

    /**
     * Ends the streams, then stops listening, then the hub and the broker. Does nothing the second
     * time.
     */
    @Override
    public void close() {
        if (closed.getAndSet(true)) {
            return;
        }
        streams.drain(settings.listener().drainTimeout());
        door.close();
        streams.close();
        hub.close();
        broker.close();
    }
}
