package dev.longwave.broker.testing;

import static dev.longwave.broker.testing.ServerProcess.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longwave.broker.Broker;
import dev.longwave.broker.testing.BrokerFaults.Fault;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each fault as a node sees it that has one connection for requests, and one for live messages. */
final class ProxyFaultsIT {

    private static final int DEADLINE_MILLIS = 300_000;
    private static final int SILENCE_MILLIS = 200; // a shorter one could only hide a failure

    private static RedisServer server;

    private final Broker node = node();
    private ProxyFaults faults;
    private int port;
    private int livePort;

    @BeforeAll
    static void startServer() {
        server = RedisServer.start(RedisServer.Product.REDIS);
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @BeforeEach
    void openProxies() {
        faults = ProxyFaults.withLiveConnection(server.process());
        port = faults.nextPort();
        livePort = faults.nextLivePort();
    }

    @AfterEach
    void closeProxies() {
        faults.close();
    }

    @Test
    void cutsAllConnectionsOfANode() throws IOException {
        faults.connected(node);
        try (var requests = new Client(port);
                var live = new Client(livePort)) {
            faults.inject(Fault.CUT, node).close();

            assertThat(requests.isBroken()).isTrue();
            assertThat(live.isBroken()).isTrue();
        }
        assertWell();
    }

    @Test
    void refusesNewConnectionsUntilItIsHealed() throws IOException {
        faults.connected(node);
        try (var _ = faults.inject(Fault.REFUSE, node)) {
            assertThatThrownBy(() -> new Client(port)).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> new Client(livePort)).isInstanceOf(IOException.class);
        }
        assertWell();
    }

    @Test
    void isSilentUntilItIsHealedAndThenLosesNothing() throws IOException {
        faults.connected(node);
        try (var requests = new Client(port)) {
            BrokerFaults.Injected fault = faults.inject(Fault.BLACKHOLE, node);
            requests.send("SET blackhole 1");
            assertThat(requests.isSilent()).isTrue();

            fault.close();

            assertThat(requests.line()).isEqualTo("+OK");
        }
        assertWell();
    }

    @Test
    void losesTheAnswerOfARequestThatArrived() throws IOException {
        faults.connected(node);
        try (var requests = new Client(port);
                var live = new Client(livePort)) {
            try (var _ = faults.inject(Fault.LOSE_ACK, node)) {
                requests.send("SET lost-ack 1");
                eventually("arrival", () -> server.cli("GET", "lost-ack").strip().equals("1"));
                assertThat(live.ask("PING")).isEqualTo("+PONG");
            }

            assertThat(requests.isBroken()).isTrue();
        }
        assertWell();
    }

    @Test
    void losesLiveMessagesWhileAnswersArrive() throws IOException {
        faults.connected(node);
        try (var requests = new Client(port);
                var live = new Client(livePort)) {
            live.send("SUBSCRIBE news");
            live.lines(6);
            try (var _ = faults.inject(Fault.LOSE_LIVE, node)) {
                assertThat(requests.ask("PUBLISH news lost")).isEqualTo(":1");
                assertThat(live.isSilent()).isTrue();
            }

            assertThat(live.isBroken()).isTrue();
        }
        assertWell();
    }

    @Test
    void killsAndFreezesTheServer() throws IOException {
        faults.connected(node);
        try (var _ = faults.inject(Fault.KILL, node)) {
            assertThat(server.process().isAlive()).isFalse();
        }
        assertWell();
        try (var requests = new Client(port)) {
            BrokerFaults.Injected fault = faults.inject(Fault.FREEZE, node);
            requests.send("PING");
            assertThat(requests.isSilent()).isTrue();

            fault.close();

            assertThat(requests.line()).isEqualTo("+PONG");
        }
    }

    @Test
    void cannotLoseLiveMessagesAloneWithoutAConnectionForThem() {
        assertThat(ProxyFaults.of(server.process()).possible())
                .doesNotContain(Fault.LOSE_LIVE)
                .hasSize(Fault.values().length - 1);
    }

    @Test
    void saysWhichStepIsMissing() {
        assertThatThrownBy(() -> faults.inject(Fault.CUT, node))
                .hasMessageContaining("not a node of this test");
        faults.connected(node);
        assertThatThrownBy(() -> faults.connected(node())).hasMessageContaining("nextPort()");
        assertThatThrownBy(faults::nextLivePort).hasMessageContaining("nextPort()");
    }

    private void assertWell() throws IOException {
        try (var requests = new Client(port);
                var live = new Client(livePort)) {
            assertThat(requests.ask("PING")).isEqualTo("+PONG");
            assertThat(live.ask("PING")).isEqualTo("+PONG");
        }
    }

    /** A broker that does nothing. */
    @SuppressWarnings("ReferenceEquality") // it has no other
    private static Broker node() {
        return (Broker)
                Proxy.newProxyInstance(
                        ProxyFaultsIT.class.getClassLoader(),
                        new Class<?>[] {Broker.class},
                        (self, method, arguments) ->
                                switch (method.getName()) {
                                    case "hashCode" -> System.identityHashCode(self);
                                    case "equals" -> self == arguments[0];
                                    default -> "a node";
                                });
    }

    /** One connection to the server. */
    private static final class Client implements AutoCloseable {

        private final Socket socket;

        Client(int port) throws IOException {
            socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setSoTimeout(DEADLINE_MILLIS);
            assertThat(ask("PING")).isEqualTo("+PONG");
        }

        void send(String command) throws IOException {
            socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.US_ASCII));
        }

        String ask(String command) throws IOException {
            send(command);
            return line();
        }

        void lines(int count) throws IOException {
            for (int i = 0; i < count; i++) {
                var _ = line();
            }
        }

        String line() throws IOException {
            var line = new StringBuilder();
            for (int next = read(); next != '\n'; next = read()) {
                line.append((char) next);
            }
            return line.toString().strip();
        }

        private int read() throws IOException {
            int next = socket.getInputStream().read();
            if (next < 0) {
                throw new IOException("the connection has ended");
            }
            return next;
        }

        /** Whether nothing comes for a while. */
        boolean isSilent() throws IOException {
            socket.setSoTimeout(SILENCE_MILLIS);
            try {
                return read() < 0;
            } catch (SocketTimeoutException _) {
                return true;
            } finally {
                socket.setSoTimeout(DEADLINE_MILLIS);
            }
        }

        boolean isBroken() {
            try {
                return ask("PING").isEmpty();
            } catch (IOException _) {
                return true;
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
