package dev.longwave.server.ops;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.server.http.Problems;
import dev.longwave.server.http.Resource;
import dev.longwave.server.http.Routes;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http1.Http1Config;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The listener for operators and their tools: health, metrics, the node's own figures, and
 * commands, over HTTP/1.1. It is Helidon's own server, since it has few clients and needs nothing
 * that the public listener adds.
 */
public final class AdminListener implements AutoCloseable {
    /*
     * By default only clients on the same machine reach it. It is bounded all the same: the number of connections and
     * of streams, the time in which a request must arrive, and the time in which a response must be read. HTTP/2 is
     * off: it needs the guards that only the public listener has.
     *
     * Helidon reports a listener that cannot start only in the log, so the port is tried first.
     */
    private static final System.Logger LOGGER = System.getLogger(AdminListener.class.getName());
    private static final int MAX_CONNECTIONS = 64;
    private static final int SEND_BUFFER_BYTES = 16 << 10;
    private static final Duration DEADLINE = Duration.ofSeconds(10);
    private static final Duration IDLE_TIMEOUT = Duration.ofMinutes(1);
    private static final Duration GRACE = Duration.ofMillis(500);

    private final String host;
    private final WebServer server;
    private final int port;
    private final ScheduledExecutorService sweeper =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("longwave-admin-sweeper").factory());

    /**
     * Opens the listener.
     *
     * @param host the address to listen on
     * @param port 0 for any that is free
     * @param metrics what it tells Prometheus
     * @param more what else it has, by path
     * @param access which requests it answers
     * @throws BrokerConfigurationException if the port is taken, or the address is not one of this
     *     machine
     */
    public static AdminListener open(
            String host,
            int port,
            HealthHandler health,
            FiguresHandler figures,
            MetricsHandler metrics,
            Map<String, Resource> more,
            AdminAccess access) {
        return open(host, port, health, figures, metrics, more, access, DEADLINE);
    }

    /**
     * Opens the listener of a node that is not running yet: it answers health checks, and nothing
     * else. The node closes it before it opens its own.
     *
     * @throws BrokerConfigurationException as {@link #open}
     */
    public static AdminListener openForHealth(
            String host, int port, HealthHandler health, AdminAccess access) {
        return open(host, port, health, null, null, Map.of(), access, DEADLINE);
    }

    /**
     * {@return {@code port}, or 0, any that is free, if something else listens there} For a port
     * that nobody has chosen: it must not keep a server from starting.
     */
    public static int portOrAny(String host, int port) {
        try {
            tryOut(host, port);
            return port;
        } catch (BindException _) {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    "the port of the admin listener is taken, and it uses another; set admin.port"
                            + " port={0,number,#}",
                    port);
            return 0;
        } catch (IOException | RuntimeException _) {
            return port; // opening it says what is wrong
        }
    }

    private static void tryOut(String host, int port) throws IOException {
        try (var probe = ServerSocketChannel.open()) {
            var _ = probe.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            var _ = probe.bind(new InetSocketAddress(host, port));
        }
    }

    /** As {@link #open}, with a deadline for requests and responses. */
    static AdminListener open(
            String host,
            int port,
            HealthHandler health,
            @Nullable FiguresHandler figures,
            @Nullable MetricsHandler metrics,
            Map<String, Resource> more,
            AdminAccess access,
            Duration deadline) {
        try {
            tryOut(host, port);
        } catch (IOException | RuntimeException e) {
            throw cannotListen(host, port, e);
        }
        return new AdminListener(host, port, health, figures, metrics, more, access, deadline);
    }

    private AdminListener(
            String host,
            int port,
            HealthHandler health,
            @Nullable FiguresHandler figures,
            @Nullable MetricsHandler metrics,
            Map<String, Resource> more,
            AdminAccess access,
            Duration deadline) {
        var deadlines = new RequestDeadlines(deadline, System::nanoTime);
        HttpRouting.Builder routing = HttpRouting.builder().addFilter(deadlines);
        route(routing, health, figures, metrics, more, access);
        this.host = host;
        this.server =
                WebServer.builder()
                        .shutdownHook(false)
                        .featuresDiscoverServices(false)
                        .host(host)
                        .port(port)
                        .protocolsDiscoverServices(false)
                        .addProtocol(Http1Config.builder().sendKeepAliveHeader(false).build())
                        .useNio(false)
                        .connectionOptions(new ReadDeadline(deadline, SEND_BUFFER_BYTES))
                        .maxTcpConnections(MAX_CONNECTIONS)
                        .idleConnectionTimeout(IDLE_TIMEOUT)
                        .shutdownGracePeriod(GRACE)
                        .routing(routing)
                        .build()
                        .start();
        if (!server.isRunning()) {
            sweeper.shutdownNow();
            throw cannotListen(host, port, null);
        }
        this.port = server.port();
        long period = Math.max(1, deadline.toMillis() / 4);
        var _ =
                sweeper.scheduleWithFixedDelay(
                        deadlines::enforce, period, period, TimeUnit.MILLISECONDS);
    }

    /** Adds the routes of the listener, to which {@code access} applies, to {@code routing}. */
    static void route(
            HttpRouting.Builder routing,
            HealthHandler health,
            @Nullable FiguresHandler figures,
            @Nullable MetricsHandler metrics,
            Map<String, Resource> more,
            AdminAccess access) {
        var routes =
                Routes.create()
                        .add("/health", Resource.create().get(health::ready))
                        .add("/health/live", Resource.create().get(health::live))
                        .add("/health/ready", Resource.create().get(health::ready));
        Map<String, Resource> forOperators = new HashMap<>(more);
        if (figures != null) {
            forOperators.put("/figures", Resource.create().get(figures, FiguresHandler.PARAMETERS));
        }
        if (metrics != null) {
            forOperators.put("/metrics", Resource.create().get(metrics));
        }
        forOperators.forEach((path, resource) -> routes.add(path, access.forOperators(resource)));
        routing.any(access.forAnyone(routes));
        Problems.handle(routing);
    }

    private static BrokerConfigurationException cannotListen(
            String host, int port, @Nullable Exception cause) {
        return new BrokerConfigurationException(
                ("the admin listener cannot listen: the port is taken, or the address is not one of"
                                + " this machine; set admin.port, or admin.host host=%s port=%d")
                        .formatted(host, port),
                cause);
    }

    /** {@return the port it listens on} */
    public int port() {
        return port;
    }

    /** {@return the base of its URLs} */
    public String url() {
        return "http://%s:%d".formatted(host, port);
    }

    /** Stops listening and closes all connections. */
    @Override
    public void close() {
        sweeper.shutdownNow();
        server.stop();
    }
}
