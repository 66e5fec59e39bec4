package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.longwave.broker.BrokerConfigurationException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections from trusted proxies begin with a PROXY header, and all others do not. */
final class ProxyProtocolIT {

    private static final String SIGNATURE = "0d0a0d0a000d0a515549540a";
    private static final String LOCAL = SIGNATURE + "20000000";
    private static final byte[] REQUEST =
            "GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII);
    private static final byte[] STREAM =
            "GET /events/a HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    /** As in the listener. */
    private static final int REFUSED_AT_A_TIME = 256;

    private TestServer server = behindProxy("127.0.0.1");

    private static TestServer behindProxy(String proxies) {
        return TestServer.with(
                "net.proxy-protocol=true",
                "net.trusted-proxies=" + proxies,
                "net.read-deadline=PT0.2S",
                "sse.heartbeat-interval=PT0.1S",
                "limits.connections-per-address=1");
    }

    @AfterEach
    void close() {
        server.close();
    }

    private static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits);
    }

    private static String tcp4(String client) {
        byte[] address = InetAddress.ofLiteral(client).getAddress();
        return SIGNATURE + "2111000c" + HexFormat.of().formatHex(address) + "7f00000110000050";
    }

    private static String tcp6(String client) {
        byte[] address = InetAddress.ofLiteral(client).getAddress();
        return SIGNATURE
                + "21210024"
                + HexFormat.of().formatHex(address)
                + "00".repeat(15)
                + "0110000050";
    }

    private static byte[] joined(byte[]... parts) {
        var all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    /** Sends {@code bytes} from 127.0.0.1, and returns the connection. */
    private Socket connected(byte[] bytes) throws IOException {
        var socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
        socket.setSoTimeout(30_000);
        socket.getOutputStream().write(bytes);
        return socket;
    }

    /** What the server answers until it closes the connection. */
    private static String answer(Socket socket) throws IOException {
        var answer = new ByteArrayOutputStream();
        try {
            socket.getInputStream().transferTo(answer);
        } catch (SocketException _) {
            // It was reset.
        }
        return answer.toString(StandardCharsets.ISO_8859_1);
    }

    /** Whether the server has closed the connection, on which it has sent nothing. */
    private static boolean isClosed(Socket socket) {
        try {
            socket.setSoTimeout(1);
            return socket.getInputStream().read() < 0;
        } catch (SocketTimeoutException _) {
            return false;
        } catch (IOException _) {
            return true; // it was reset
        }
    }

    private static String statusLine(Socket socket) throws IOException {
        return new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
    }

    static Stream<String> valid() {
        return Stream.of(
                tcp4("192.0.2.7"),
                tcp6("2001:db8::7"),
                LOCAL,
                SIGNATURE + "20110004" + "01020304", // LOCAL: whatever follows is skipped
                SIGNATURE + "21000000", // of no family
                SIGNATURE + "21000003" + "040000", // likewise, with a value
                SIGNATURE + "2112000c" + "c00002077f00000110000050", // datagrams
                SIGNATURE + "213100d8" + "00".repeat(216), // a UNIX socket
                SIGNATURE + "21110013" + "c00002077f00000110000050" + "04000401020304",
                SIGNATURE + "21110ff0" + "c00002077f00000110000050" + "00".repeat(0xff0 - 12),
                HexFormat.of().formatHex(text("PROXY TCP4 192.0.2.7 127.0.0.1 4096 80\r\n")),
                HexFormat.of().formatHex(text("PROXY TCP6 2001:db8::7 ::1 4096 80\r\n")),
                HexFormat.of().formatHex(text("PROXY UNKNOWN\r\n")),
                HexFormat.of().formatHex(text("PROXY UNKNOWN a b c d e f\r\n")));
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @ParameterizedTest
    @MethodSource("valid")
    void servesTheRequestAfterTheHeader(String header) throws Exception {
        try (Socket socket = connected(joined(hex(header), REQUEST))) {
            assertThat(answer(socket)).startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void readsAHeaderThatArrivesByteByByte() throws Exception {
        try (Socket socket = connected(new byte[0])) {
            socket.setTcpNoDelay(true);
            for (byte next : joined(hex(tcp4("192.0.2.7")), REQUEST)) {
                socket.getOutputStream().write(next);
            }

            assertThat(answer(socket)).startsWith("HTTP/1.1 200");
        }
    }

    static Stream<byte[]> malformed() {
        return Stream.of(
                REQUEST, // none at all
                hex(SIGNATURE + "11110000"), // version 1 in the form of 2
                hex(SIGNATURE + "22110000"), // an unknown command
                hex(SIGNATURE + "2113000c" + "c00002077f00000110000050"), // an unknown transport
                hex(SIGNATURE + "2141000c" + "c00002077f00000110000050"), // an unknown family
                hex(SIGNATURE + "2111000b" + "c00002077f000001100000"), // too short for TCP4
                hex(SIGNATURE + "2121000c" + "c00002077f00000110000050"), // and for TCP6
                hex(SIGNATURE + "2111ffff"), // more than anybody needs
                hex("0d0a0d0a000d0a515549540b"), // not the signature
                text("PROXY\r\n\r\n"),
                text("PROXY TCP5 192.0.2.7 127.0.0.1 4096 80\r\n"),
                text("PROXY TCP4 2001:db8::7 ::1 4096 80\r\n"),
                text("PROXY TCP6 192.0.2.7 127.0.0.1 4096 80\r\n"),
                text("PROXY TCP4 192.0.2 127.0.0.1 4096 80\r\n"),
                text("PROXY TCP4 192.0.2.7 127.0.0.1 65536 80\r\n"),
                text("PROXY TCP4 192.0.2.7 127.0.0.1 4096\r\n"),
                text("PROXY TCP4 192.0.2.7  127.0.0.1 4096 80\r\n"),
                text("PROXY TCP4 " + "1".repeat(100)));
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void closesAConnectionWithoutAValidHeader(byte[] bytes) throws Exception {
        try (Warnings warnings = Warnings.recorded();
                Socket socket = connected(joined(bytes, REQUEST))) {
            assertThat(answer(socket)).isEmpty();

            await().untilAsserted(() ->
                    assertThat(warnings.records()).anyMatch(w -> w.contains("since")));
        }
        assertServes();
    }

    private void assertServes() {
        await().until(() -> {
            try (Socket socket = connected(joined(hex(LOCAL), REQUEST))) {
                return answer(socket).startsWith("HTTP/1.1 200");
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0d", SIGNATURE, SIGNATURE + "2111000c" + "c0", "50524f5859"})
    void closesAConnectionWhoseHeaderDoesNotArrive(String begin) throws Exception {
        try (Socket socket = connected(hex(begin))) {
            assertThat(answer(socket)).isEmpty();
        }
    }

    @Test
    void countsConnectionsByClientAndNotByProxy() throws Exception {
        try (Socket first = connected(joined(hex(tcp4("192.0.2.7")), STREAM));
                Socket other = connected(joined(hex(tcp6("2001:db8::7")), STREAM))) {
            assertThat(statusLine(first)).isEqualTo("HTTP/1.1 200");
            assertThat(statusLine(other)).isEqualTo("HTTP/1.1 200");

            try (Socket second = connected(joined(hex(tcp4("192.0.2.7")), STREAM));
                    Socket sibling = connected(joined(hex(tcp6("2001:db8::8")), STREAM))) {
                assertThat(answer(second))
                        .startsWith("HTTP/1.1 429")
                        .contains("connections-per-address");
                assertThat(answer(sibling)).startsWith("HTTP/1.1 429");
            }
        }
        await().until(() -> { // their places are free again
            try (Socket next = connected(joined(hex(tcp4("192.0.2.7")), REQUEST))) {
                return answer(next).startsWith("HTTP/1.1 200");
            }
        });
        await().until(() -> server.server().connections() == 0);
    }

    @Test
    void oneClientTakesNoPlacesWithConnectionsBeyondItsLimit() throws Exception {
        server.close();
        server =
                TestServer.with(
                        "net.proxy-protocol=true",
                        "net.trusted-proxies=127.0.0.1",
                        "net.read-deadline=PT5M",
                        "sse.heartbeat-interval=PT0.1S",
                        "limits.connections=300",
                        "limits.connections-per-address=1");
        List<Socket> beyond = new ArrayList<>();
        try (Socket first = connected(joined(hex(tcp4("192.0.2.7")), STREAM))) {
            assertThat(statusLine(first)).isEqualTo("HTTP/1.1 200");

            for (int i = 0; i <= REFUSED_AT_A_TIME; i++) { // each sends no request
                beyond.add(connected(hex(tcp4("192.0.2.7"))));
            }

            await().until(() -> beyond.removeIf(ProxyProtocolIT::isClosed)); // one, unanswered
            assertThat(beyond).hasSize(REFUSED_AT_A_TIME);
            await().until(() -> server.server().connections() == 1);
            try (Socket other = connected(joined(hex(tcp4("192.0.2.8")), STREAM))) {
                assertThat(statusLine(other)).isEqualTo("HTTP/1.1 200");
            }
            try (Socket refused = beyond.removeFirst()) {
                refused.setSoTimeout(30_000);
                refused.getOutputStream().write(REQUEST);
                assertThat(answer(refused)).startsWith("HTTP/1.1 429");
            }
            await().until(() -> server.server().connections() == 1);
        } finally {
            for (Socket socket : beyond) {
                socket.close();
            }
        }
        await().until(() -> server.server().connections() == 0);
        await().until(() -> { // its place is free again
            try (Socket next = connected(joined(hex(tcp4("192.0.2.7")), REQUEST))) {
                return answer(next).startsWith("HTTP/1.1 200");
            }
        });
    }

    @Test
    void isReadInFrontOfTls() throws Exception {
        server.close();
        server =
                TestServer.with(
                        "net.proxy-protocol=true",
                        "net.trusted-proxies=127.0.0.1",
                        "tls.self-signed=true");

        try (Socket plain = connected(joined(hex(tcp4("192.0.2.7")), REQUEST))) {
            assertThat(answer(plain)).startsWith("HTTP/1.1 400").contains("tls-required");
        }
        // The begin of a ClientHello that is too short to be one: what answers is TLS.
        ByteBuffer hello = ByteBuffer.wrap(hex("16030100050100000100"));
        try (Socket tls = connected(joined(hex(tcp4("192.0.2.7")), hello.array()))) {
            assertThat(answer(tls)).startsWith("\u0015"); // an alert
        }
    }

    @Test
    void isNotReadFromOthers() throws Exception {
        server.close();
        server = behindProxy("192.0.2.1");

        try (Socket socket = connected(REQUEST)) {
            assertThat(answer(socket)).startsWith("HTTP/1.1 200");
        }
        for (byte[] header : new byte[][] {hex(tcp4("192.0.2.7")), text("PROXY UNKNOWN\r\n")}) {
            await().untilAsserted(() -> { // once the one before is gone
                try (Socket socket = connected(joined(header, REQUEST))) {
                    assertThat(answer(socket)).startsWith("HTTP/1.1 400");
                }
            });
        }
    }

    @Test
    void believesNoHeaderOfARequestThatAProxyPassesOn() throws Exception {
        server.close();
        server =
                TestServer.with(
                        "net.proxy-protocol=true",
                        "net.trusted-proxies=127.0.0.1",
                        "auth.rules.all.who=anonymous",
                        "auth.rules.all.topics=**",
                        "limits.streams-per-client=1");

        try (Socket first = connected(joined(hex(LOCAL), streamFor("192.0.2.7")))) {
            assertThat(statusLine(first)).isEqualTo("HTTP/1.1 200");
            try (Socket second = connected(joined(hex(LOCAL), streamFor("192.0.2.8")))) {
                assertThat(statusLine(second)).isEqualTo("HTTP/1.1 429");
            }
        }
    }

    private static byte[] streamFor(String client) {
        return text(
                "GET /events/a HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: %s\r\n\r\n"
                        .formatted(client));
    }

    @Test
    void needsToKnowTheProxies() {
        assertThatThrownBy(() -> TestServer.with("net.proxy-protocol=true"))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("net.trusted-proxies");
    }
}
