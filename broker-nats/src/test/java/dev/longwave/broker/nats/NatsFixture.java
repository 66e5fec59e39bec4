package dev.longwave.broker.nats;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerProvider;
import dev.longwave.broker.Position;
import dev.longwave.broker.testing.DeploymentFixture;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Nodes of this broker. A test says where the servers are, and which stream is its own. */
abstract class NatsFixture extends DeploymentFixture {

    static final @Nullable Position NO_BOUND = null;

    private final List<Broker> nodes = new ArrayList<>();

    @Override
    protected final BrokerProvider provider() {
        return new NatsBrokerProvider();
    }

    @Override
    protected final Map<String, String> settingsToKeep(int entries) {
        return Map.of();
    }

    @Override
    protected final void connected(Broker node) {
        nodes.add(node);
    }

    /** Closes the nodes, for a test that is about to close what they are connected to. */
    final void closeNodes() {
        nodes.forEach(Broker::close);
    }
}
