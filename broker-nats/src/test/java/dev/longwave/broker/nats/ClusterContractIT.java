package dev.longwave.broker.nats;

import dev.longwave.broker.testing.BrokerFaults;
import dev.longwave.broker.testing.NatsCluster;
import dev.longwave.broker.testing.NatsServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The contract with a stream on three servers, of which its leader is killed. */
final class ClusterContractIT extends NatsContract {

    private static NatsCluster cluster;

    @BeforeAll
    static void startCluster() {
        cluster = NatsCluster.start(NatsServer.Generation.CURRENT);
    }

    @AfterAll
    static void closeCluster() {
        if (cluster != null) {
            cluster.close();
        }
    }

    @Override
    int replicas() {
        return 3;
    }

    @Override
    NatsServer server() {
        return cluster.servers().getFirst();
    }

    @Override
    BrokerFaults.Injected kill() {
        NatsServer leader = cluster.server(Streams.leader(server().uri(), stream()));
        leader.process().kill();
        return () -> {
            leader.process().restart();
            cluster.awaitHealthy();
        };
    }

    @Override
    BrokerFaults.Injected freeze() {
        server().process().freeze();
        return () -> {
            server().process().thaw();
            cluster.awaitHealthy();
        };
    }
}
