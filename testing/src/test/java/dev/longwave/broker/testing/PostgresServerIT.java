package dev.longwave.broker.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

final class PostgresServerIT {

    private static final byte[] SSL_REQUEST = {0, 0, 0, 8, 4, (byte) 0xd2, 0x16, 0x2f};

    private static PostgresServer server;

    @BeforeAll
    static void start() {
        server = PostgresServer.start("max_connections=20");
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    @Test
    void hasWhatWasCommittedAgainAfterKill() {
        server.psql(
                "CREATE TABLE letters (n int, letter text); INSERT INTO letters VALUES (1, 'ä')");

        server.process().kill();
        assertThatThrownBy(() -> server.psql("SELECT 1"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("Connection refused");
        server.process().restart();

        assertThat(server.psql("SELECT * FROM letters")).isEqualTo("1|ä");
    }

    @Test
    void takesSettings() {
        assertThat(server.psql("SHOW max_connections")).isEqualTo("20");
    }

    @Test
    void saysWhyAQueryFails() {
        assertThatThrownBy(() -> server.psql("SELECT * FROM nowhere"))
                .hasMessageContaining("relation \"nowhere\" does not exist");
    }

    /**
     * A backend that was there before, too: it is another process than the one that was started.
     */
    @Test
    void freezesItsBackends() throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(300_000);
            socket.getOutputStream().write(SSL_REQUEST);
            assertThat(socket.getInputStream().read()).isEqualTo('N');
            server.process().freeze();
            try {
                socket.setSoTimeout(200);
                socket.getOutputStream().write(startup());

                assertThatThrownBy(() -> socket.getInputStream().read())
                        .isInstanceOf(SocketTimeoutException.class);
            } finally {
                server.process().thaw();
            }
            socket.setSoTimeout(300_000);
            assertThat(socket.getInputStream().read()).isEqualTo('R');
        }
    }

    private static byte[] startup() {
        byte[] parameters = "user\0postgres\0\0".getBytes(StandardCharsets.US_ASCII);
        var message = ByteBuffer.allocate(8 + parameters.length);
        return message.putInt(message.capacity()).putInt(3 << 16).put(parameters).array();
    }
}
