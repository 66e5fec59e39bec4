package dev.longwave.cluster;

import dev.longwave.broker.testing.Bus;
import dev.longwave.broker.testing.Deployment;
import dev.longwave.testing.Protocol;
import dev.longwave.testing.Transport;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/** Nodes on one bus. */
final class Cluster implements AutoCloseable {

    private final Bus bus;
    private final List<Node> nodes = new ArrayList<>();

    private Cluster(Bus bus) {
        this.bus = bus;
    }

    /** Starts a bus and {@code nodes} nodes on it, and waits until all are ready. */
    static Cluster start(Deployment deployment, int nodes) {
        return start(deployment, nodes, List.of());
    }

    /** The same, with these settings as {@code key=value}. */
    static Cluster start(Deployment deployment, int nodes, List<String> settings) {
        var cluster = new Cluster(deployment.start());
        try {
            for (int i = 0; i < nodes; i++) {
                cluster.addNode(settings);
            }
            return cluster;
        } catch (RuntimeException e) {
            cluster.close();
            throw e;
        }
    }

    /** Starts one more node, and waits until it is ready. */
    Node addNode(List<String> settings) {
        var all = new ArrayList<>(bus.settingsForNextNode());
        all.addAll(settings);
        Node node = Node.start("longwave-" + nodes.size(), all);
        nodes.add(node);
        return node;
    }

    Bus bus() {
        return bus;
    }

    List<Node> nodes() {
        return nodes;
    }

    /** {@return the port of the door of one of the nodes, any} */
    int anyPort() {
        return nodes.get(ThreadLocalRandom.current().nextInt(nodes.size())).door().port();
    }

    /** {@return a transport that takes each request to any of the nodes, whatever its port} */
    Transport hopping(Protocol protocol) {
        return new Transport() {
            @Override
            public Exchange get(URI uri, Map<String, String> headers) throws IOException {
                String target = uri.getRawPath() + '?' + uri.getRawQuery();
                return protocol.get(URI.create("http://127.0.0.1:" + anyPort() + target), headers);
            }
        };
    }

    @Override
    public void close() {
        nodes.forEach(Node::close);
        bus.close();
    }
}
