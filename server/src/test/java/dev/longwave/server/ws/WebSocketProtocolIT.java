package dev.longwave.server.ws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.longwave.server.TestServer;
import dev.longwave.testing.WebSocketClient;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 6455, sections 5 to 8, and RFC 7692, over a raw socket: what a server can get wrong. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class WebSocketProtocolIT {

    private static final int FIN = WebSocketClient.FIN;
    private static final int TEXT = WebSocketClient.TEXT;
    private static final int BINARY = WebSocketClient.BINARY;
    private static final int CONTINUATION = WebSocketClient.CONTINUATION;
    private static final int PING = WebSocketClient.PING;
    private static final int PONG = WebSocketClient.PONG;
    private static final int CLOSE = WebSocketClient.CLOSE;
    private static final byte[] NONE = {};

    private final TestServer server = TestServer.with("ws.compression=true");
    private int topics;

    @AfterAll
    void close() {
        server.close();
    }

    /** A connection to a topic of its own, which echoes. */
    private WebSocketClient connect(String... fields) throws IOException {
        return WebSocketClient.connect(URI.create(server.url("/ws/echo" + topics++)), fields);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    private static byte[] joined(byte[]... parts) {
        var joined = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            joined.writeBytes(part);
        }
        return joined.toByteArray();
    }

    private static byte[] frame(int first, byte[] payload) {
        return WebSocketClient.frame(first, payload);
    }

    static Stream<Arguments> faults() {
        byte[] hello = frame(FIN | TEXT, utf8("hello"));
        byte[] unmasked = joined(bytes(FIN | TEXT, 2), utf8("hi"));
        return Stream.of(
                arguments("5.1 a frame without a mask", unmasked, 1002),
                arguments("5.2 RSV1 without an extension", frame(FIN | 0x40 | TEXT, NONE), 1002),
                arguments("5.2 RSV2", frame(FIN | 0x20 | TEXT, NONE), 1002),
                arguments("5.2 RSV3", frame(FIN | 0x10 | TEXT, NONE), 1002),
                arguments("5.2 RSV1 in a ping", frame(FIN | 0x40 | PING, NONE), 1002),
                arguments("5.2 opcode 3", frame(FIN | 3, NONE), 1002),
                arguments("5.2 opcode 7", frame(FIN | 7, NONE), 1002),
                arguments("5.2 opcode 11", frame(FIN | 11, NONE), 1002),
                arguments("5.2 opcode 15", frame(FIN | 15, NONE), 1002),
                arguments(
                        "5.2 a length of two bytes that fits into one",
                        joined(bytes(FIN | TEXT, 0x80 | 126, 0, 5, 0, 0, 0, 0), utf8("hello")),
                        1002),
                arguments(
                        "5.2 a length of eight bytes that fits into two",
                        joined(
                                bytes(FIN | TEXT, 0x80 | 127),
                                ByteBuffer.allocate(8).putLong(5).array(),
                                bytes(0, 0, 0, 0),
                                utf8("hello")),
                        1002),
                arguments(
                        "5.2 a negative length",
                        joined(
                                bytes(FIN | TEXT, 0x80 | 127),
                                ByteBuffer.allocate(8).putLong(Long.MIN_VALUE + 70_000).array(),
                                bytes(0, 0, 0, 0)),
                        1002),
                arguments("5.4 nothing to continue", frame(FIN | CONTINUATION, NONE), 1002),
                arguments(
                        "5.4 a message within another one",
                        joined(frame(TEXT, utf8("a")), frame(FIN | TEXT, utf8("b"))),
                        1002),
                arguments(
                        "5.4 a continuation after the end",
                        joined(
                                frame(TEXT, utf8("a")),
                                frame(FIN | CONTINUATION, utf8("b")),
                                frame(FIN | CONTINUATION, utf8("c"))),
                        1002),
                arguments("5.5 a fragmented ping", frame(PING, utf8("x")), 1002),
                arguments("5.5 a fragmented close", frame(CLOSE, NONE), 1002),
                arguments("5.5 a ping of 126 bytes", frame(FIN | PING, new byte[126]), 1002),
                arguments("5.5 a close of 126 bytes", frame(FIN | CLOSE, new byte[126]), 1002),
                arguments("5.5.1 a close of one byte", frame(FIN | CLOSE, bytes(3)), 1002),
                arguments(
                        "5.5.1 a reason that is not UTF-8",
                        frame(FIN | CLOSE, bytes(3, 232, 0xc3, 0x28)),
                        1007),
                arguments(
                        "5.4 empty fragments without end",
                        joined(frame(TEXT, NONE), repeated(frame(CONTINUATION, NONE), 100)),
                        1008),
                arguments(
                        "a message longer than the limit, as announced",
                        joined(
                                bytes(FIN | BINARY, 0x80 | 127),
                                ByteBuffer.allocate(8).putLong(1L << 40).array(),
                                bytes(0, 0, 0, 0)),
                        1009),
                arguments(
                        "a message longer than the limit, in fragments",
                        joined(
                                frame(BINARY, new byte[60_000]),
                                frame(CONTINUATION, new byte[60_000]),
                                frame(CONTINUATION, new byte[60_000])),
                        1009),
                arguments("8.1 text that is not UTF-8", frame(FIN | TEXT, bytes(0xff)), 1007),
                arguments("8.1 an overlong form", frame(FIN | TEXT, bytes(0xc0, 0xaf)), 1007),
                arguments("8.1 a surrogate", frame(FIN | TEXT, bytes(0xed, 0xa0, 0x80)), 1007),
                arguments(
                        "8.1 beyond U+10FFFF",
                        frame(FIN | TEXT, bytes(0xf4, 0x90, 0x80, 0x80)),
                        1007),
                arguments("8.1 a character cut off", frame(FIN | TEXT, bytes(0xe2, 0x82)), 1007),
                arguments(
                        "8.1 a bad fragment, before the message ends",
                        frame(TEXT, bytes('a', 0xff)),
                        1007),
                arguments(
                        "8.1 a bad byte, before the frame ends",
                        Arrays.copyOf(frame(FIN | TEXT, joined(bytes(0xff), new byte[100])), 20),
                        1007),
                arguments("after a message", joined(hello, frame(FIN | 4, NONE)), 1002));
    }

    private static byte[] repeated(byte[] bytes, int times) {
        byte[][] all = new byte[times][];
        Arrays.fill(all, bytes);
        return joined(all);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("faults")
    void endsAConnectionThatBreaksARule(String name, byte[] sent, int code) throws Exception {
        try (WebSocketClient client = connect()) {
            client.bytes(sent);

            WebSocketClient.Frame frame = client.readData();
            while (frame.opcode() != CLOSE) {
                frame = client.readData();
            }
            assertThat(frame.code()).as(name).isEqualTo(code);
            assertThat(client.isEnded()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 4999})
    void answersACloseWithItsCode(int code) throws Exception {
        try (WebSocketClient client = connect()) {
            client.closing(code);

            assertThat(client.readData().code()).isEqualTo(code);
            assertThat(client.isEnded()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535})
    void refusesCodesThatMustNotBeSent(int code) throws Exception {
        try (WebSocketClient client = connect()) {
            client.closing(code);

            assertThat(client.readData().code()).isEqualTo(1002);
            assertThat(client.isEnded()).isTrue();
        }
    }

    @Test
    void answersACloseWithoutACode() throws Exception {
        try (WebSocketClient client = connect()) {
            client.send(FIN | CLOSE, NONE);

            WebSocketClient.Frame close = client.readData();
            assertThat(close.opcode()).isEqualTo(CLOSE);
            assertThat(close.payload()).isEmpty();
            assertThat(client.isEnded()).isTrue();
        }
    }

    @Test
    void ignoresWhatFollowsAClose() throws Exception {
        try (WebSocketClient client = connect()) {
            client.bytes(
                    joined(
                            frame(FIN | CLOSE, bytes(3, 232)),
                            frame(FIN | TEXT, utf8("late")),
                            frame(FIN | PING, utf8("late"))));

            assertThat(client.readData().code()).isEqualTo(1000);
            assertThat(client.isEnded()).isTrue();
        }
    }

    @Test
    void answersPingsInOrderWithTheirPayload() throws Exception {
        try (WebSocketClient client = connect()) {
            client.bytes(
                    joined(
                            frame(FIN | PING, NONE),
                            frame(FIN | PING, utf8("two")),
                            frame(FIN | PING, new byte[125])));

            assertThat(client.read().payload()).isEmpty();
            assertThat(client.read().text()).isEqualTo("two");
            WebSocketClient.Frame pong = client.read();
            assertThat(pong.opcode()).isEqualTo(PONG);
            assertThat(pong.payload()).hasSize(125);
        }
    }

    @Test
    void ignoresPongsThatNobodyAskedFor() throws Exception {
        try (WebSocketClient client = connect()) {
            client.send(FIN | PONG, utf8("x"));
            client.text("on");

            assertThat(client.readData().text()).isEqualTo("on");
        }
    }

    @Test
    void joinsFragmentsAndAnswersPingsBetweenThem() throws Exception {
        try (WebSocketClient client = connect()) {
            client.send(TEXT, utf8("one "));
            client.send(FIN | PING, utf8("between"));
            client.send(CONTINUATION, NONE);
            client.send(FIN | CONTINUATION, utf8("two"));

            WebSocketClient.Frame pong = client.read();
            assertThat(pong.opcode()).isEqualTo(PONG);
            assertThat(pong.text()).isEqualTo("between");
            assertThat(client.readData().text()).isEqualTo("one two");
        }
    }

    @Test
    void takesAMessageByteByByte() throws Exception {
        try (WebSocketClient client = connect()) {
            byte[] all =
                    joined(
                            frame(TEXT, utf8("κόσ")),
                            frame(FIN | PING, utf8("p")),
                            frame(FIN | CONTINUATION, utf8("με".repeat(70))));
            for (byte b : all) {
                client.bytes(new byte[] {b});
            }

            assertThat(client.read().opcode()).isEqualTo(PONG);
            assertThat(client.readData().text()).isEqualTo("κόσ" + "με".repeat(70));
        }
    }

    @Test
    void takesACharacterThatIsCutByFragments() throws Exception {
        byte[] euro = utf8("€");
        try (WebSocketClient client = connect()) {
            client.send(TEXT, Arrays.copyOf(euro, 1));
            client.send(CONTINUATION, Arrays.copyOfRange(euro, 1, 2));
            client.send(FIN | CONTINUATION, Arrays.copyOfRange(euro, 2, 3));

            assertThat(client.readData().text()).isEqualTo("€");
        }
    }

    @Test
    void carriesBinaryDataThatIsNotUtf8() throws Exception {
        try (WebSocketClient client = connect()) {
            client.send(BINARY, bytes(0xff, 0xfe));
            client.send(FIN | CONTINUATION, bytes(0));

            WebSocketClient.Frame frame = client.readData();
            assertThat(frame.opcode()).isEqualTo(BINARY);
            assertThat(frame.payload()).isEqualTo(bytes(0xff, 0xfe, 0));
        }
    }

    // RFC 7692.

    private static final String DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate";

    @Test
    void compressesForClientsThatAskForIt() throws Exception {
        String text = "again and ".repeat(100);
        try (WebSocketClient client = connect(DEFLATE + "; client_max_window_bits")) {
            assertThat(client.head().header("sec-websocket-extensions"))
                    .isEqualTo(
                            "permessage-deflate; server_no_context_takeover;"
                                    + " client_no_context_takeover");
            byte[] compressed = Deflation.deflate(utf8(text), 0, text.length());
            client.send(FIN | WebSocketClient.RSV1 | TEXT, compressed);

            WebSocketClient.Frame frame = client.readData();
            assertThat(frame.compressed()).isTrue();
            assertThat(frame.payload()).isEqualTo(compressed);
        }
    }

    @Test
    void joinsCompressedFragments() throws Exception {
        String text = "some text ".repeat(1000);
        byte[] compressed = Deflation.deflate(utf8(text), 0, text.length());
        try (WebSocketClient client = connect(DEFLATE)) {
            client.send(WebSocketClient.RSV1 | TEXT, Arrays.copyOf(compressed, 3));
            client.send(FIN | CONTINUATION, Arrays.copyOfRange(compressed, 3, compressed.length));
            client.text("and one that is not");

            assertThat(client.readData().payload()).isEqualTo(compressed);
            assertThat(client.readData().text()).isEqualTo("and one that is not");
        }
    }

    @Test
    void refusesABombBeforeItIsUnpacked() throws Exception {
        byte[] bomb = Deflation.deflate(new byte[50 << 20], 0, 50 << 20);
        try (WebSocketClient client = connect(DEFLATE)) {
            client.send(FIN | WebSocketClient.RSV1 | BINARY, bomb);

            assertThat(client.readData().code()).isEqualTo(1009);
        }
    }

    @Test
    void refusesWhatIsNotDeflateData() throws Exception {
        try (WebSocketClient client = connect(DEFLATE)) {
            client.send(FIN | WebSocketClient.RSV1 | BINARY, bytes(0xff, 0xff, 0xff));

            assertThat(client.readData().code()).isEqualTo(1007);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "; server_max_window_bits=10",
                "; unknown",
                "; server_no_context_takeover=1",
                "; client_max_window_bits=7",
                "; client_max_window_bits; client_max_window_bits",
                "-other"
            })
    void declinesOffersThatItCannotTake(String parameters) throws Exception {
        try (WebSocketClient client = connect(DEFLATE + parameters)) {
            assertThat(client.head().header("sec-websocket-extensions")).isEmpty();
        }
        try (WebSocketClient client = connect(DEFLATE + parameters + ", permessage-deflate")) {
            assertThat(client.head().header("sec-websocket-extensions")).isNotEmpty();
        }
    }
}
