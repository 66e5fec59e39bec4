package dev.longwave.broker.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class FaultProxyTest {

    private static final int TIMEOUT_MILLIS = 300_000;

    /** That nothing comes cannot be awaited; a proxy that passed it on would do so sooner. */
    private static final int SILENCE_MILLIS = 200;

    private ServerSocket server;
    private FaultProxy proxy;

    @BeforeEach
    void start() throws IOException {
        server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        server.setSoTimeout(TIMEOUT_MILLIS);
        proxy = new FaultProxy(server.getLocalPort());
    }

    @AfterEach
    void stop() throws IOException {
        proxy.close();
        server.close();
    }

    @Test
    void passesBytesInBothDirections() throws IOException {
        try (var link = new Link()) {
            link.client.getOutputStream().write('q');
            assertThat(link.server.getInputStream().read()).isEqualTo('q');
            link.server.getOutputStream().write('a');

            assertThat(link.client.getInputStream().read()).isEqualTo('a');
            assertThat(proxy.connections()).isEqualTo(1);
            assertThat(proxy.open()).isEqualTo(1);
        }
        await().until(() -> proxy.open() == 0);
    }

    @Test
    void tellsTheClientThatTheServerIsGone() throws IOException {
        server.close();

        try (Socket client = connect()) {
            assertThatThrownBy(() -> client.getInputStream().read())
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
        }
    }

    @Test
    void cutsByResetAndAcceptsNewConnections() throws IOException {
        try (var cut = new Link()) {
            proxy.cut();

            assertThatThrownBy(() -> cut.client.getInputStream().read())
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
            assertThatThrownBy(() -> cut.server.getInputStream().read())
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
        }
        try (var again = new Link()) {
            again.client.getOutputStream().write('q');
            assertThat(again.server.getInputStream().read()).isEqualTo('q');
        }
        assertThat(proxy.connections()).isEqualTo(2);
    }

    @Test
    void refusesUntilItIsHealed() throws IOException {
        try (var cut = new Link()) {
            proxy.refuse();

            assertThatThrownBy(() -> cut.client.getInputStream().read())
                    .isInstanceOf(SocketException.class);
        }
        awaitRefused();

        proxy.heal();

        try (var again = new Link()) {
            again.server.getOutputStream().write('a');
            assertThat(again.client.getInputStream().read()).isEqualTo('a');
        }
    }

    @Test
    void holdsBytesInBothDirectionsUntilItIsHealed() throws IOException {
        try (var link = new Link()) {
            proxy.blackhole();
            link.client.getOutputStream().write('q');
            link.server.getOutputStream().write('a');
            assertSilent(link.server);
            assertSilent(link.client);

            proxy.heal();

            assertThat(link.server.getInputStream().read()).isEqualTo('q');
            assertThat(link.client.getInputStream().read()).isEqualTo('a');
        }
    }

    @Test
    void holdsNewConnectionsToo() throws IOException {
        proxy.blackhole();
        try (Socket client = connect()) {
            client.getOutputStream().write('q');
            assertSilent(client);

            proxy.heal();

            try (Socket accepted = accept()) {
                assertThat(accepted.getInputStream().read()).isEqualTo('q');
            }
        }
    }

    @Test
    void holdsTheAnswersAlone() throws IOException {
        try (var link = new Link()) {
            proxy.blackholeAnswers();
            link.client.getOutputStream().write('q');
            assertThat(link.server.getInputStream().read()).isEqualTo('q');
            link.server.getOutputStream().write('a');
            assertSilent(link.client);

            proxy.heal();

            assertThat(link.client.getInputStream().read()).isEqualTo('a');
        }
    }

    @Test
    void holdsTheAnswersOfOneConnectionAlone() throws IOException {
        try (var held = new Link();
                var other = new Link()) {
            proxy.blackholeAnswers(held.server.getPort());
            held.server.getOutputStream().write('a');
            assertSilent(held.client);
            other.server.getOutputStream().write('b');
            assertThat(other.client.getInputStream().read()).isEqualTo('b');

            proxy.heal();

            assertThat(held.client.getInputStream().read()).isEqualTo('a');
        }
    }

    @Test
    void losesWhatItHoldsWhenItIsCut() throws IOException {
        try (var link = new Link()) {
            proxy.blackhole();
            link.client.getOutputStream().write('q');

            proxy.cut();
            proxy.heal();

            assertThatThrownBy(() -> link.server.getInputStream().read())
                    .isInstanceOf(SocketException.class);
        }
    }

    @Test
    void doesNotTellTheServerThatTheClientLeftWhileBytesAreHeld() throws IOException {
        try (var link = new Link()) {
            proxy.blackhole();
            link.client.close();
            assertSilent(link.server);

            proxy.heal();

            assertThat(link.server.getInputStream().read()).isNegative();
        }
    }

    @Test
    void endsAllWhenItIsClosed() throws IOException {
        try (var link = new Link()) {
            proxy.blackhole();

            proxy.close();

            assertThatThrownBy(() -> link.client.getInputStream().read())
                    .isInstanceOf(SocketException.class);
            awaitRefused();
            assertThat(proxy.open()).isZero();
        }
    }

    /** A listening socket goes when the thread that accepts from it has noticed. */
    private void awaitRefused() {
        await().until(() -> {
            try (var _ = connect()) {
                return false;
            } catch (ConnectException _) {
                return true;
            }
        });
    }

    private Socket connect() throws IOException {
        var client = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
        client.setSoTimeout(TIMEOUT_MILLIS);
        return client;
    }

    private Socket accept() throws IOException {
        Socket accepted = server.accept();
        accepted.setSoTimeout(TIMEOUT_MILLIS);
        return accepted;
    }

    private static void assertSilent(Socket socket) throws IOException {
        socket.setSoTimeout(SILENCE_MILLIS);
        assertThatThrownBy(() -> socket.getInputStream().read())
                .isInstanceOf(SocketTimeoutException.class);
        socket.setSoTimeout(TIMEOUT_MILLIS);
    }

    /** A connection through the proxy, seen from both ends. */
    private final class Link implements AutoCloseable {
        private final Socket client;
        private final Socket server;

        Link() throws IOException {
            client = connect();
            server = accept();
        }

        @Override
        public void close() throws IOException {
            client.close();
            server.close();
        }
    }
}
