package dev.longwave.broker.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Three NATS servers in one cluster: streams of three replicas survive the loss of one server. */
public final class NatsCluster implements AutoCloseable {

    private static final int SERVERS = 3;

    private final List<NatsServer> servers = new ArrayList<>();

    private NatsCluster() {}

    /** Starts a cluster, and waits until JetStream works on each of its servers. */
    public static NatsCluster start(NatsServer.Generation generation) {
        return start(generation, "");
    }

    /**
     * The same.
     *
     * @param configuration as for {@link NatsServer#start(NatsServer.Generation, String)}
     */
    static NatsCluster start(NatsServer.Generation generation, String configuration) {
        var cluster = new NatsCluster();
        try {
            cluster.startServers(generation, configuration);
            cluster.awaitHealthy();
        } catch (RuntimeException | Error e) {
            cluster.close();
            throw e;
        }
        return cluster;
    }

    private void startServers(NatsServer.Generation generation, String configuration) {
        var routePorts = new ArrayList<Integer>();
        for (int i = 0; i < SERVERS; i++) {
            routePorts.add(FreePort.find());
        }
        String routes =
                routePorts.stream()
                        .map(port -> "\"nats-route://127.0.0.1:" + port + '"')
                        .collect(Collectors.joining(", "));
        for (int i = 0; i < SERVERS; i++) {
            var server = new NatsServer(generation, "node-" + (i + 1));
            servers.add(server);
            // Clients learn no addresses: they stay on the way they were shown, as through a
            // FaultProxy.
            server.configure(
                    """
                    cluster {
                        name: longwave
                        listen: "127.0.0.1:%d"
                        routes: [%s]
                        no_advertise: true
                    }
                    %s
                    """
                            .formatted(routePorts.get(i), routes, configuration));
            // Not until it is healthy: it takes two for that.
            server.process().start(server.command());
        }
    }

    /** Waits until JetStream works on each server again, and fails if it does not. */
    public void awaitHealthy() {
        ServerProcess.eventually(
                "health of the cluster", () -> servers.stream().allMatch(NatsServer::isHealthy));
    }

    /** {@return the servers} */
    public List<NatsServer> servers() {
        return List.copyOf(servers);
    }

    /**
     * {@return the server of that name, such as a stream's leader}
     *
     * @throws IllegalArgumentException if there is none
     */
    public NatsServer server(String name) {
        return servers.stream()
                .filter(server -> server.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no such server name=" + name));
    }

    /** {@return the addresses for clients, separated by commas} */
    public String uris() {
        return servers.stream().map(NatsServer::uri).collect(Collectors.joining(","));
    }

    @Override
    public void close() {
        servers.forEach(NatsServer::close);
    }
}
