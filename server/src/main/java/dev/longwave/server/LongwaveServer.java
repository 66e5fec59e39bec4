package dev.longwave.server;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.BrokerContext;
import dev.longwave.broker.BrokerFactory;
import dev.longwave.broker.BrokerProvider;
import dev.longwave.broker.Message;
import dev.longwave.broker.Settings;
import dev.longwave.core.Hub;
import dev.longwave.server.auth.Access;
import dev.longwave.server.auth.Authenticator;
import dev.longwave.server.auth.Cors;
import dev.longwave.server.auth.Keys;
import dev.longwave.server.auth.Policy;
import dev.longwave.server.auth.Revocations;
import dev.longwave.server.centrifuge.Centrifuge;
import dev.longwave.server.centrifuge.RoomMembers;
import dev.longwave.server.centrifuge.Services;
import dev.longwave.server.explain.FlightRecorder;
import dev.longwave.server.hooks.Hooks;
import dev.longwave.server.http.EventSpans;
import dev.longwave.server.http.LoopbackNames;
import dev.longwave.server.http.Memory;
import dev.longwave.server.http.Problems;
import dev.longwave.server.http.RefusalCounts;
import dev.longwave.server.http.TraceContext;
import dev.longwave.server.http.TrustedProxies;
import dev.longwave.server.net.ClientFaults;
import dev.longwave.server.net.Deadlines;
import dev.longwave.server.net.Listener;
import dev.longwave.server.net.ListenerSettings;
import dev.longwave.server.net.MemoryBudget;
import dev.longwave.server.net.PlatformThreads;
import dev.longwave.server.net.Tls;
import dev.longwave.server.net.helidon.Exchange;
import dev.longwave.server.net.helidon.HelidonEngines;
import dev.longwave.server.net.helidon.ServiceDiscovery;
import dev.longwave.server.ops.AccessLog;
import dev.longwave.server.ops.AdminAccess;
import dev.longwave.server.ops.AdminListener;
import dev.longwave.server.ops.BrokerHealth;
import dev.longwave.server.ops.BrokerProbe;
import dev.longwave.server.ops.BrokerSpans;
import dev.longwave.server.ops.ClusterNode;
import dev.longwave.server.ops.ClusterNodes;
import dev.longwave.server.ops.FiguresHandler;
import dev.longwave.server.ops.FiguresSampler;
import dev.longwave.server.ops.HealthHandler;
import dev.longwave.server.ops.Metrics;
import dev.longwave.server.ops.MetricsHandler;
import dev.longwave.server.ops.NodeFigures;
import dev.longwave.server.ops.OpsSettings;
import dev.longwave.server.ops.ProcessFigures;
import dev.longwave.server.plugin.BrokenPlugin;
import dev.longwave.server.plugin.Brokers;
import dev.longwave.server.presence.Rooms;
import dev.longwave.server.publish.EventPublisher;
import dev.longwave.server.publish.LineRequests;
import dev.longwave.server.publish.Publishing;
import dev.longwave.server.session.Reconnects;
import dev.longwave.server.session.Sessions;
import dev.longwave.server.sse.BlockLimit;
import dev.longwave.server.sse.ProbeHandler;
import dev.longwave.server.tracing.Tracing;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A running server: its listeners, hub, and broker, started and stopped together. */
public final class LongwaveServer implements AutoCloseable {

    private static final System.Logger LOGGER = System.getLogger(LongwaveServer.class.getName());

    private static final Duration FIGURES_INTERVAL = Duration.ofSeconds(1);

    /** How much of its ID is enough to tell a node from the others. */
    private static final int NODE_LENGTH = 8;

    private final ServerSettings settings;
    private final AtomicReference<Policy> policy; // may change while the server runs
    private final Reload reload;
    private final @Nullable Tls tls;
    private final Broker broker;
    private final HealthHandler health;
    private final Hub hub;
    private final FlightRecorder recorder;
    private final String streamPrefix; // of the IDs of streams; says which node it is
    private final Sessions sessions;
    private final Hooks hooks;
    private final Rooms rooms;
    private final TrustedProxies proxies;
    private final Memory memory;
    private final @Nullable Revocations revocations; // if clients sign in
    private final @Nullable Authenticator authenticator; // likewise
    private final Access access;
    private final PlatformThreads platformThreads = new PlatformThreads();
    private final LineRequests lines = new LineRequests();
    private final ClientFaults faults = new ClientFaults();
    private final Deadlines deadlines;
    private final FiguresSampler sampler;
    private final FiguresHandler figuresHandler;
    private final Metrics metrics = new Metrics();
    private final RefusalCounts refusals = new RefusalCounts();
    private final Reconnects reconnects;
    private final BrokerProbe probe;
    private final ClusterNodes nodes;
    private final @Nullable AccessLog accessLog; // if it is on
    private final @Nullable Tracing tracing; // likewise
    private final Centrifuge centrifuge;
    private final ProbeHandler probeHandler;
    private final Listener listener;
    private final AdminListener admin;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final AtomicBoolean draining = new AtomicBoolean();

    /**
     * Starts a server.
     *
     * @param settings all settings; nothing in them may be unknown
     * @param plugins the folder of broker modules, which need not exist
     * @throws BrokerConfigurationException if the settings are wrong, or the port is taken
     * @throws dev.longwave.broker.BrokerUnavailableException if the broker cannot be reached
     */
    public static LongwaveServer start(Settings settings, Path plugins) {
        return start(() -> settings, plugins);
    }

    /**
     * Starts a server that can be told to read its settings again.
     *
     * @param source reads all settings; nothing in them may be unknown
     * @param plugins the folder of broker modules, which need not exist
     * @throws BrokerConfigurationException if the settings are wrong, or the port is taken
     * @throws dev.longwave.broker.BrokerUnavailableException if the broker cannot be reached
     */
    public static LongwaveServer start(Supplier<Settings> source, Path plugins) {
        ServiceDiscovery.begin();
        Settings settings = source.get();
        ServerSettings read = ServerSettings.read(settings);
        Brokers installed = Brokers.find(plugins);
        BrokerProvider provider = installed.provider(read.brokerType());
        installed.broken().forEach(LongwaveServer::warn);
        BrokerFactory factory =
                provider.settings(settings.section("broker").section(provider.type()));
        settings.refuseUnknown(); // before the broker touches its servers
        Keys keys = Keys.open(read.auth());
        var origin = new Origin(source, new Reload.Configuration(settings, read), provider);
        try {
            return start(origin, keys, factory);
        } catch (RuntimeException e) {
            keys.close();
            throw e;
        }
    }

    /** Where the settings come from, and what they were at the start. */
    private record Origin(
            Supplier<Settings> source, Reload.Configuration started, BrokerProvider provider) {

        ServerSettings settings() {
            return started.read();
        }
    }

    private static LongwaveServer start(Origin origin, Keys keys, BrokerFactory factory) {
        Tls tls = origin.settings().tls().open();
        try {
            return start(origin, keys, tls, factory);
        } catch (RuntimeException e) {
            close(tls);
            throw e;
        }
    }

    private static LongwaveServer start(
            Origin origin, Keys keys, @Nullable Tls tls, BrokerFactory factory) {
        var health = new BrokerHealth(origin.provider().type(), InstantSource.system());
        String node = UUID.randomUUID().toString();
        BrokerContext context = BrokerContext.builder(node).onStatus(health).build();
        var wait =
                new BrokerWait(
                        origin.settings().listener().waitForBroker(),
                        health,
                        () -> openForHealth(origin.settings(), health),
                        BrokerWait.Time.MACHINE);
        Broker broker = wait.until(() -> factory.connect(context));
        try {
            return new LongwaveServer(origin, keys, tls, broker, health, node);
        } catch (RuntimeException e) {
            broker.close();
            throw e;
        }
    }

    /** It does not concern this server's broker. */
    private static void warn(BrokenPlugin plugin) {
        LOGGER.log(System.Logger.Level.WARNING, "a plugin cannot be used: {0}", plugin.line());
    }

    /** The admin listener as long as there is nothing but health to ask for. */
    private static AdminListener openForHealth(ServerSettings settings, BrokerHealth health) {
        ServiceDiscovery.await();
        return AdminListener.openForHealth(
                settings.admin().host(),
                adminPort(settings.admin()),
                new HealthHandler(health, () -> false, () -> false),
                adminAccess(settings, new ClientFaults()));
    }

    private static AdminAccess adminAccess(ServerSettings settings, ClientFaults faults) {
        return new AdminAccess(
                settings.listener().loopbackNamesOnly(), settings.admin().password(), faults);
    }

    private static void close(@Nullable Tls tls) {
        if (tls != null) {
            tls.close();
        }
    }

    private LongwaveServer(
            Origin origin,
            Keys keys,
            @Nullable Tls tls,
            Broker broker,
            BrokerHealth health,
            String node) {
        this.settings = origin.settings();
        this.policy = new AtomicReference<>(origin.started().policy());
        this.tls = tls;
        this.tracing =
                Tracing.open(
                        settings.tracing(), node, ProcessFigures.VERSION, settings.brokerType());
        this.broker = metrics.measured(broker, tracing == null ? BrokerSpans.NONE : tracing);
        this.deadlines = new Deadlines(settings.deadlines());
        this.hub = new Hub(this.broker, settings.hub());
        this.proxies =
                new TrustedProxies(
                        settings.connections().trustedProxies(),
                        settings.connections().forwardedField(),
                        faults);
        AccessLog log = accessLog();
        this.accessLog = log;
        this.recorder = new FlightRecorder(settings.ops().explainBytes(), InstantSource.system());
        this.streamPrefix = node.substring(0, NODE_LENGTH);
        this.sessions =
                new Sessions(
                        settings.sse().heartbeatInterval(),
                        InstantSource.system(),
                        streamPrefix,
                        log == null ? recorder : recorder.andThen(log));
        this.reconnects =
                new Reconnects(
                        settings.sse().retry(),
                        settings.sse().reconnectsPerSecond(),
                        sessions::count);
        this.hooks = Hooks.open(this.broker, settings.hooks(), settings.publish().maxDataBytes());
        this.rooms = Rooms.open(this.broker, settings.presence(), hooks.rooms());
        this.reload =
                new Reload(
                        origin.source(),
                        origin.started(),
                        origin.provider(),
                        keys,
                        tls,
                        policy,
                        sessions);
        var requests = new MemoryBudget(settings.memory().requestBytes());
        var responses = new MemoryBudget(settings.memory().responseBytes());
        this.memory = new Memory(requests, responses, faults, proxies);
        this.revocations =
                settings.auth().isOn()
                        ? new Revocations(this.broker, sessions, InstantSource.system())
                        : null;
        this.authenticator = revocations == null ? null : authenticator(keys, revocations);
        keys.onChange(this::endStreamsWithoutRight);
        Access known = authenticator == null ? Access.OPEN : authenticator;
        this.access = log == null ? known : new LoggedAccess(known);
        this.probe = BrokerProbe.start(broker, node, settings.ops().probeDeadline());
        this.health = new HealthHandler(health, sessions::draining, probe::deaf);
        Instant since = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        this.nodes = ClusterNodes.start(broker, () -> describe(since));
        this.sampler = new FiguresSampler(this::figures, InstantSource.system(), FIGURES_INTERVAL);
        this.figuresHandler = new FiguresHandler(sampler, health, nodes, hub::busiest);
        this.centrifuge = centrifuge(node);
        this.probeHandler =
                new ProbeHandler(
                        proxies, settings.sse().heartbeatInterval(), InstantSource.system());
        this.listener = open();
        new NodeMetrics(metrics, sessions)
                .with(reconnects)
                .with(hub)
                .with(listener)
                .with(faults, refusals)
                .with(health, probe, InstantSource.system())
                .with(nodes)
                .with(settings, listener, hub, requests, responses)
                .with(hooks)
                .with(log)
                .info(settings.brokerType());
        this.admin = openAdmin();
    }

    private Authenticator authenticator(Keys keys, Revocations ended) {
        return new Authenticator(
                settings.auth(),
                policy::get,
                proxies,
                keys,
                broker,
                settings.brokerType().equals("memory"),
                ended,
                recorder::refused,
                InstantSource.system());
    }

    private @Nullable AccessLog accessLog() {
        OpsSettings ops = settings.ops();
        return ops.accessLog() == AccessLog.Format.OFF
                ? null
                : new AccessLog(
                        ops.accessLog(), ops.accessLogFile(), proxies, InstantSource.system());
    }

    private Centrifuge centrifuge(String node) {
        var services =
                new Services(
                        hub,
                        access,
                        settings.centrifuge(),
                        settings.publish(),
                        publisher(),
                        RoomMembers.of(rooms),
                        settings.sse().heartbeatInterval(),
                        reconnects,
                        refusals,
                        node,
                        InstantSource.system());
        return new Centrifuge(services, sessions, deadlines, memory);
    }

    /** The node's own figures: the one place that gathers them. */
    private NodeFigures figures() {
        // The first client may come before the listener is assigned.
        return new NodeFigures(
                sessions.count(),
                sessions.figures().openByTransport(),
                listener == null ? 0 : listener.connections(),
                hub.topicCount(),
                hub.subscriptionCount(),
                hub.events(),
                sessions.delivered(),
                hub.gaps());
    }

    private ClusterNode describe(Instant since) {
        return new ClusterNode(
                streamPrefix, ProcessFigures.VERSION, since, sessions.count(), sessions.draining());
    }

    private static int adminPort(ServerSettings.Admin admin) {
        return admin.portIsChosen()
                ? admin.port()
                : AdminListener.portOrAny(admin.host(), admin.port());
    }

    private AdminListener openAdmin() {
        ServerSettings.Admin where = settings.admin();
        try {
            return AdminListener.open(
                    where.host(),
                    adminPort(where),
                    health,
                    figuresHandler,
                    new MetricsHandler(metrics),
                    adminRoutes().resources(),
                    adminAccess(settings, faults));
        } catch (RuntimeException e) {
            listener.close();
            abandon();
            throw e;
        }
    }

    /** Ends what a server has that could not be started. */
    private void abandon() {
        deadlines.close();
        probe.close();
        nodes.close();
        sessions.close();
        rooms.close();
        hooks.close();
        hub.close();
        if (accessLog != null) {
            accessLog.close();
        }
        if (tracing != null) {
            tracing.close();
        }
    }

    /**
     * Reads the settings again, and applies those that can change while the server runs. What
     * cannot is in the log.
     *
     * @throws BrokerConfigurationException if the settings are wrong; nothing has changed then
     */
    public void reload() {
        var _ = reload.run();
    }

    /** A key has changed: on a thread of its own, as a request has noticed it. */
    private void endStreamsWithoutRight() {
        Thread.ofVirtual().name("longwave-rights").start(sessions::endThoseWithoutRight);
    }

    private AdminRoutes adminRoutes() {
        return new AdminRoutes(
                settings,
                hub,
                sessions,
                recorder,
                streamPrefix,
                reload,
                this::startDraining,
                revocations,
                memory,
                faults);
    }

    private Listener open() {
        ServiceDiscovery.await();
        HttpRouting.Builder routing = HttpRouting.builder();
        if (accessLog != null) {
            routing.addFilter(accessLog);
        }
        if (tracing != null) {
            routing.addFilter(tracing);
        }
        routing.addFilter(this::sendElsewhereIfDraining);
        route(routing);
        ServerSettings.Listener where = settings.listener();
        var engines =
                new HelidonEngines(routing, settings.connections().maxStreams(), deadlines, faults);
        try {
            return Listener.open(
                    new ListenerSettings(
                            where.host(),
                            where.port(),
                            settings.connections().max(),
                            settings.connections().maxPerAddress(),
                            settings.connections().trustedProxies(),
                            settings.connections().proxyProtocol()),
                    tls,
                    deadlines,
                    platformThreads,
                    engines,
                    faults);
        } catch (IOException e) {
            engines.close();
            abandon();
            throw new BrokerConfigurationException(
                    ("cannot listen: the port is taken, or the address is not of this machine"
                                    + " host=%s port=%d")
                            .formatted(where.host(), where.port()),
                    e);
        }
    }

    private Publishing publishing() {
        return new Publishing(
                hub,
                access,
                settings.publish(),
                new BlockLimit(settings.sse().maxBlockBytes())::check,
                hooks.publishOverHttp(),
                memory,
                platformThreads,
                lines,
                tracing == null ? TraceContext::of : tracing::of);
    }

    /** Publishes what clients send on connections of their own. */
    private EventPublisher publisher() {
        return new EventPublisher(
                publishing().with(hooks.publish()),
                refusals,
                tracing == null ? EventSpans.NONE : tracing::begin);
    }

    private void route(HttpRouting.Builder routing) {
        var paths =
                new PublicRoutes(
                        settings,
                        publishing(),
                        publisher(),
                        sessions,
                        reconnects,
                        rooms,
                        deadlines,
                        health,
                        figuresHandler,
                        probeHandler,
                        centrifuge,
                        authenticator);
        routing.any(new Cors(guarded(paths.routes()), () -> policy.get().cors()));
        Problems.handle(routing, refusals);
    }

    private void sendElsewhereIfDraining(
            FilterChain chain, RoutingRequest request, RoutingResponse response) {
        if (sessions.draining()) {
            Exchange.of(request).sendElsewhere(response);
        }
        chain.proceed();
    }

    /** {@return a handler that lets only those requests through to {@code routes} that may} */
    private Handler guarded(Handler routes) {
        return settings.listener().loopbackNamesOnly() ? new LoopbackNames(routes, faults) : routes;
    }

    /** {@return the port it listens on} */
    public int port() {
        return listener.port();
    }

    /** {@return the address it serves, as a browser wants it} */
    public String url() {
        return "%s://%s:%d"
                .formatted(tls == null ? "http" : "https", settings.listener().host(), port());
    }

    /** {@return the base of the admin listener's URLs} */
    public String adminUrl() {
        return admin.url();
    }

    /** {@return how many streams are open} */
    public int openStreams() {
        return sessions.count();
    }

    /** {@return how many connections there are} */
    public int connections() {
        return listener.connections();
    }

    /** {@return how many topics this node has an interest in} */
    public int topics() {
        return hub.topicCount();
    }

    /** {@return how many subscriptions there are} */
    public long subscriptions() {
        return hub.subscriptionCount();
    }

    /** The members of topics. */
    Rooms rooms() {
        return rooms;
    }

    /** Publishes from within this process; see {@link Hub#publish}. */
    public void publish(String topic, Message message) {
        var _ = hub.publish(topic, message);
    }

    /**
     * Begins to send all clients to other nodes, as {@link #close()} does first: no more streams
     * are opened, and those that are open are ended, on a thread of its own. Does nothing the
     * second time.
     *
     * @return how many streams are open
     */
    private int startDraining() {
        sessions.stopOpening();
        if (!draining.getAndSet(true)) {
            var _ =
                    Thread.ofPlatform()
                            .daemon()
                            .name("longwave-drain")
                            .start(() -> sessions.drain(settings.listener().drainTimeout()));
        }
        return sessions.count();
    }

    /** {@return how long open streams may take to end when the server is closed} */
    public Duration drainTimeout() {
        return settings.listener().drainTimeout();
    }

    /**
     * Ends the line-by-line requests, then the streams, then stops listening, then closes the hub
     * and the broker, and the admin listener last. Does nothing the second time.
     */
    @Override
    public void close() {
        if (closed.getAndSet(true)) {
            return;
        }
        lines.stop(); // first, so that subscribers get what their publishers are told is published
        probeHandler.close();
        sessions.drain(settings.listener().drainTimeout());
        probe.close();
        nodes.close();
        listener.close();
        close(tls);
        deadlines.close();
        centrifuge.close();
        sessions.close();
        rooms.close();
        hooks.close();
        hub.close();
        broker.close();
        access.close();
        sampler.close();
        if (accessLog != null) {
            accessLog.close();
        }
        if (tracing != null) {
            tracing.close();
        }
        admin.close();
    }
}
