package dev.longwave.broker.nats;

import dev.longwave.broker.testing.NatsServer;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;

/** Nodes of one server, which has a stream for each test. */
abstract class StreamFixture extends NatsFixture {

    static NatsServer server;

    /** The stream of this test, and its prefix. */
    String name = "";

    @BeforeAll
    static void startServer() {
        server = NatsServer.start(NatsServer.Generation.CURRENT);
    }

    @AfterAll
    static void closeServer() {
        if (server != null) {
            server.close();
        }
    }

    @BeforeEach
    final void nameTheStream(TestInfo test) {
        name = test.getTestMethod().orElseThrow().getName();
    }

    @Override
    protected final Map<String, String> deployment() {
        return Map.of("servers", server.uri(), "stream", name, "prefix", name, "timeout", "PT15S");
    }

    /** The nodes are closed first, as they create their stream again if it is gone. */
    @AfterEach
    final void deleteTheStream() {
        closeNodes();
        Streams.deleteAll(server.uri(), name);
    }
}
