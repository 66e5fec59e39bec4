package dev.longwave.broker.nats;

import dev.longwave.broker.testing.BrokerFaults;
import dev.longwave.broker.testing.NatsServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

final class OldNatsContractIT extends NatsContract {

    private static NatsServer server;

    @BeforeAll
    static void startServer() {
        server = NatsServer.start(NatsServer.Generation.OLD);
    }

    @AfterAll
    static void closeServer() {
        if (server != null) {
            server.close();
        }
    }

    @Override
    NatsServer server() {
        return server;
    }

    @Override
    BrokerFaults.Injected kill() {
        server.process().kill();
        return () -> server.process().restart();
    }

    @Override
    BrokerFaults.Injected freeze() {
        server.process().freeze();
        return () -> server.process().thaw();
    }
}
