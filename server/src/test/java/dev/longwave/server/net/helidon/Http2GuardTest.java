package dev.longwave.server.net.helidon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.server.net.ClientFaults;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes of a client in; frames to the engine, and to the client, out. */
final class Http2GuardTest {

    private static final int MAX_STREAMS = 8;
    private static final int INCREMENTAL = 0x40;
    private static final int LONG_VALUE = 5_000;
    private static final int UNKNOWN = 0x42;
    private static final int GO = Frame.END_HEADERS | Frame.END_STREAM;
    private static final byte[] GET = request("GET", "/events/t");
    private static final byte[] POST = request("POST", "/events/t");

    private final AtomicLong nanos = new AtomicLong();
    private final GuardedStreams streams = new GuardedStreams(MAX_STREAMS);
    private final ConnectionWindows windows = new ConnectionWindows();
    private final ByteArrayOutputStream toClient = new ByteArrayOutputStream();
    private final ByteArrayOutputStream toEngine = new ByteArrayOutputStream();
    private final byte[] greeting;
    private final List<Integer> resets = new ArrayList<>();
    private final List<ClientFaults.Kind> faults = new ArrayList<>();
    private final WrittenFrames written = new WrittenFrames(streams, windows);
    private final Http2Guard guard =
            new Http2Guard(
                    streams,
                    windows,
                    new FloodCounter(nanos::get, MAX_STREAMS),
                    this::write,
                    resets::add,
                    (kind, _) -> faults.add(kind));

    Http2GuardTest() {
        send(FrameReader.PREFACE);
        send(Frame.of(Frame.SETTINGS, 0, 0, new byte[0]));
        greeting = toClient.toByteArray();
        toClient.reset();
        toEngine.reset();
    }

    @Test
    void saysOnceThatItTakesWebSockets() {
        send(Frame.of(Frame.SETTINGS, 0, 0, new byte[0]));

        assertThat(greeting).isEqualTo(ConnectProtocol.SETTINGS);
        assertThat(toClient.size()).isZero();
    }

    private void write(byte[] frame) {
        written.written(new Frame(frame, 0));
        toClient.writeBytes(frame);
    }

    private void send(byte[]... frames) {
        for (byte[] frame : frames) {
            toEngine.writeBytes(guard.read(frame));
        }
    }

    private static byte[] headers(int id, int flags, byte[] block) {
        return Frame.of(Frame.HEADERS, flags, id, block);
    }

    private static byte[] data(int id, int length, boolean end) {
        return Frame.of(Frame.DATA, end ? Frame.END_STREAM : 0, id, new byte[length]);
    }

    private static byte[] frame(int type, int flags, int id, int... payload) {
        var bytes = new byte[payload.length];
        for (int i = 0; i < payload.length; i++) {
            bytes[i] = (byte) payload[i];
        }
        return Frame.of(type, flags, id, bytes);
    }

    private static byte[] request(String method, String path, String... more) {
        var block =
                new LiteralHeaders()
                        .add(":method", method)
                        .add(":scheme", "http")
                        .add(":path", path)
                        .add(":authority", "localhost");
        for (int i = 0; i < more.length; i += 2) {
            block.add(more[i], more[i + 1]);
        }
        return block.bytes();
    }

    private static byte[] fields(String... fields) {
        var block = new LiteralHeaders();
        for (int i = 0; i < fields.length; i += 2) {
            block.add(fields[i], fields[i + 1]);
        }
        return block.bytes();
    }

    private static byte[] joined(byte[]... parts) {
        var all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    private static byte[] repeated(byte[] part, int times) {
        var all = new ByteArrayOutputStream();
        for (int i = 0; i < times; i++) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    /** The frames in {@code bytes}, each as type, flags, stream, and what matters of it. */
    private static List<String> frames(ByteArrayOutputStream bytes) {
        byte[] all = bytes.toByteArray();
        List<String> frames = new ArrayList<>();
        int at = 0;
        while (at < all.length) {
            var frame = new Frame(all, at);
            String type =
                    switch (frame.type()) {
                        case Frame.DATA -> "DATA " + frame.length();
                        case Frame.HEADERS -> "HEADERS";
                        case Frame.RST_STREAM -> "RST " + error(frame.uint32(0));
                        case Frame.SETTINGS -> "SETTINGS " + frame.length();
                        case Frame.PING -> "PING";
                        case Frame.GOAWAY -> "GOAWAY " + error(frame.uint32(4));
                        case Frame.WINDOW_UPDATE -> "WINDOW " + frame.int31(0);
                        default -> "type " + frame.type();
                    };
            String end = frame.type() <= Frame.HEADERS && frame.has(Frame.END_STREAM) ? " end" : "";
            frames.add(frame.streamId() + " " + type + end);
            at += Frame.HEADER_LENGTH + frame.length();
        }
        return frames;
    }

    private static String error(long code) {
        return Arrays.stream(Http2Error.values())
                .filter(error -> error.code() == code)
                .findAny()
                .orElseThrow()
                .name();
    }

    private List<String> seenByEngine() {
        return frames(toEngine);
    }

    private List<String> sentToClient() {
        return frames(toClient);
    }

    /** What the engine sees of all, however it is split. */
    @Test
    void readsFramesHoweverTheirBytesAreSplit() {
        byte[] all =
                joined(
                        FrameReader.PREFACE,
                        Frame.of(Frame.SETTINGS, 0, 0, new byte[0]),
                        headers(1, GO, GET),
                        headers(3, 0, POST),
                        frame(Frame.CONTINUATION, Frame.END_HEADERS, 3),
                        data(3, 5, false),
                        frame(Frame.PRIORITY, 0, 5, 0, 0, 0, 1, 1),
                        frame(Frame.PING, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8),
                        // What looks like a reset inside of another frame is none.
                        Frame.of(Frame.DATA, 0, 3, frame(Frame.RST_STREAM, 0, 1, 0, 0, 0, 8)),
                        data(3, 0, true),
                        frame(Frame.WINDOW_UPDATE, 0, 1, 0x80, 0, 0, 1));
        for (int first = 0; first <= all.length; first++) {
            for (int second = first; second <= all.length; second += 5) {
                var test = new Http2GuardTest();
                Http2Guard fresh = test.fresh();
                var engine = new ByteArrayOutputStream();
                engine.writeBytes(fresh.read(Arrays.copyOfRange(all, 0, first)));
                engine.writeBytes(fresh.read(Arrays.copyOfRange(all, first, second)));
                engine.writeBytes(fresh.read(Arrays.copyOfRange(all, second, all.length)));
                byte[] seen = engine.toByteArray();

                assertThat(Arrays.copyOf(seen, FrameReader.PREFACE.length))
                        .isEqualTo(FrameReader.PREFACE);
                var rest = new ByteArrayOutputStream();
                rest.writeBytes(Arrays.copyOfRange(seen, FrameReader.PREFACE.length, seen.length));
                assertThat(frames(rest))
                        .containsExactly(
                                "0 SETTINGS 0",
                                "1 HEADERS end",
                                "3 HEADERS",
                                "3 DATA 5",
                                "0 PING",
                                "3 DATA 13",
                                "3 DATA 0 end",
                                "1 WINDOW 1");
                assertThat(test.resets).isEmpty();
                assertThat(fresh.awaitsRest()).isFalse();
            }
        }
    }

    private Http2Guard fresh() {
        return new Http2Guard(
                new GuardedStreams(MAX_STREAMS),
                new ConnectionWindows(),
                new FloodCounter(nanos::get, MAX_STREAMS),
                this::write,
                resets::add,
                (kind, _) -> faults.add(kind));
    }

    @Test
    void awaitsTheRestOfAFrameAndOfAHeaderBlock() {
        send(Arrays.copyOf(data(1, 10, false), 4));
        assertThat(guard.awaitsRest()).isTrue();

        Http2Guard other = fresh();
        var _ = other.read(FrameReader.PREFACE);
        var _ = other.read(Frame.of(Frame.SETTINGS, 0, 0, new byte[0]));
        assertThat(other.awaitsRest()).isFalse();
        var _ = other.read(headers(1, 0, GET));
        assertThat(other.awaitsRest()).isTrue();
    }

    /** Helidon loops for ever over an entry that is larger than its table. */
    @Test
    void handsRequestsOnWithoutEnteringAnythingInTheTable() {
        var block = new ByteArrayOutputStream();
        block.writeBytes(GET);
        block.write(INCREMENTAL);
        byte[] literal = fields("x-long", "y".repeat(LONG_VALUE));
        block.write(literal, 1, literal.length - 1);

        send(headers(1, GO, block.toByteArray()), headers(3, GO, block.toByteArray()));

        byte[] expected = request("GET", "/events/t", "x-long", "y".repeat(LONG_VALUE));
        assertThat(toEngine.toByteArray())
                .isEqualTo(joined(headers(1, GO, expected), headers(3, GO, expected)));
    }

    /** Helidon refuses pseudo-headers whose names are spelled out. */
    @Test
    void takesPseudoHeadersWhoseNamesAreSpelledOut() {
        var block = new ByteArrayOutputStream();
        for (String[] field :
                new String[][] {
                    {":method", "GET"},
                    {":scheme", "http"},
                    {":path", "/events/t"},
                    {":authority", "localhost"}
                }) {
            block.write(0);
            for (String text : field) {
                block.write(text.length());
                block.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
            }
        }

        send(headers(1, GO, block.toByteArray()));

        assertThat(toEngine.toByteArray()).isEqualTo(headers(1, GO, GET));
    }

    @Test
    void dropsPaddingAndPrioritiesOfRequests() {
        byte[] block = joined(new byte[] {3, 0, 0, 0, 9, 7}, GET, new byte[3]);

        send(headers(1, GO | Frame.PADDED | Frame.WEIGHTED, block));

        assertThat(toEngine.toByteArray()).isEqualTo(headers(1, GO, GET));
    }

    @Test
    void dropsTrailers() {
        send(
                headers(1, Frame.END_HEADERS, POST),
                data(1, 3, false),
                headers(1, GO, fields("x-checksum", "1")));

        assertThat(seenByEngine()).containsExactly("1 HEADERS", "1 DATA 3", "1 DATA 0 end");
    }

    /** An event stream never reads it, and would keep all others from being read. */
    @Test
    void discardsTheBodyOfAGet() {
        send(
                headers(
                        1,
                        Frame.END_HEADERS,
                        request("GET", "/events/t", "content-length", "20000")),
                data(1, 10_000, false),
                data(1, 10_000, true));

        assertThat(toEngine.toByteArray()).isEqualTo(headers(1, GO, GET));
        assertThat(sentToClient()).containsExactly("0 WINDOW 20000");
    }

    static Stream<Arguments> malformedRequests() {
        return Stream.of(
                Arguments.of("no :method", fields(":scheme", "http", ":path", "/")),
                Arguments.of("no :path", fields(":method", "GET", ":scheme", "http")),
                Arguments.of("no :scheme", fields(":method", "GET", ":path", "/")),
                Arguments.of("empty :path", request("GET", "")),
                Arguments.of("two :path", request("GET", "/", ":path", "/")),
                Arguments.of("unknown pseudo-header", request("GET", "/", ":test", "1")),
                Arguments.of(":status", request("GET", "/", ":status", "200")),
                Arguments.of("late pseudo-header", fields("a", "b", ":method", "GET")),
                Arguments.of("upper case", request("GET", "/", "X-Test", "1")),
                Arguments.of("space in a name", request("GET", "/", "x test", "1")),
                Arguments.of("empty name", request("GET", "/", "", "1")),
                Arguments.of("line break", request("GET", "/", "x", "a\r\nb: c")),
                Arguments.of("NUL", request("GET", "/", "x", "a\0b")),
                Arguments.of("leading space", request("GET", "/", "x", " a")),
                Arguments.of("trailing tab", request("GET", "/", "x", "a\t")),
                Arguments.of("connection", request("GET", "/", "connection", "close")),
                Arguments.of("keep-alive", request("GET", "/", "keep-alive", "1")),
                Arguments.of("upgrade", request("GET", "/", "upgrade", "h2c")),
                Arguments.of("chunked", request("POST", "/", "transfer-encoding", "chunked")),
                Arguments.of("te", request("GET", "/", "te", "gzip")),
                Arguments.of("two hosts", request("GET", "/", "host", "a", "host", "b")),
                Arguments.of("no number", request("GET", "/", "content-length", "abc")),
                Arguments.of("sign", request("GET", "/", "content-length", "+0")),
                Arguments.of(
                        "two lengths",
                        request("GET", "/", "content-length", "0", "content-length", "0")),
                Arguments.of("body missing", request("POST", "/", "content-length", "1")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("malformedRequests")
    void endsTheStreamOfAMalformedRequestWithAnError(String what, byte[] block) {
        send(headers(1, GO, block), headers(3, GO, GET));

        assertThat(seenByEngine()).as(what).containsExactly("1 HEADERS end", "3 HEADERS end");
        GuardedStream refused = streams.find(1).orElseThrow();
        assertThat(refusal(1).fault().status()).isEqualTo(400);
        assertThat(streams.find(3).orElseThrow().refusal()).isNull();
        assertThat(sentToClient()).isEmpty();
        answer(refused);
        assertThat(sentToClient()).containsExactly("1 RST PROTOCOL_ERROR");
        assertThat(faults).containsExactly(ClientFaults.Kind.MALFORMED);
    }

    static Stream<Arguments> refusedRequests() {
        String large = "x".repeat(LONG_VALUE);
        return Stream.of(
                Arguments.of(400, request("GET", "/events/a%zz")),
                Arguments.of(400, request("GET", "events")),
                Arguments.of(400, request("G(T", "/")),
                Arguments.of(400, request("GET", "/", "host", "elsewhere")),
                Arguments.of(
                        400, fields(":method", "GET", ":scheme", "http", ":path", "/", "a", "b")),
                Arguments.of(
                        400,
                        fields(
                                ":method",
                                "GET",
                                ":scheme",
                                "http",
                                ":path",
                                "/",
                                ":authority",
                                "user@host")),
                Arguments.of(
                        400,
                        fields(
                                ":method",
                                "GET",
                                ":scheme",
                                "ftp",
                                ":path",
                                "/",
                                ":authority",
                                "host")),
                Arguments.of(417, request("POST", "/", "expect", "miracles")),
                Arguments.of(501, fields(":method", "CONNECT", ":authority", "host:1")),
                Arguments.of(414, request("GET", "/" + large, "a", large)),
                Arguments.of(431, request("GET", "/", "a", large, "b", large)));
    }

    @ParameterizedTest
    @MethodSource("refusedRequests")
    void refusesARequestWithoutAnError(int status, byte[] block) {
        send(headers(1, GO, block), headers(3, GO, GET));

        assertThat(seenByEngine()).containsExactly("1 HEADERS end", "3 HEADERS end");
        GuardedStream refused = streams.find(1).orElseThrow();
        assertThat(refusal(1).fault().status()).isEqualTo(status);
        answer(refused);
        assertThat(sentToClient()).isEmpty();
    }

    /** A reference takes a byte, and names 4,000. */
    @Test
    void refusesWhatIsSmallOnlyUntilItIsDecoded() {
        var first = new ByteArrayOutputStream();
        first.writeBytes(GET);
        first.write(INCREMENTAL);
        byte[] literal = fields("x-big", "y".repeat(4_000));
        first.write(literal, 1, literal.length - 1);
        var references = new byte[16_000];
        Arrays.fill(references, (byte) 0xbe);

        send(headers(1, GO, first.toByteArray()));
        send(headers(3, GO, joined(GET, references)));
        send(headers(5, GO, joined(GET, new byte[] {(byte) 0xbe})));

        assertThat(refusal(3).fault().status()).isEqualTo(431);
        assertThat(streams.find(5).orElseThrow().refusal()).isNull();
    }

    @Test
    void remembersThatHeadWasAsked() {
        send(headers(1, GO, request("HEAD", "/events/a%zz")));

        assertThat(refusal(1).answersHead()).isTrue();
    }

    @Test
    void givesTheWindowBackForTheBodyOfARefusedRequest() {
        send(headers(1, Frame.END_HEADERS, request("POST", "/%zz")));
        send(data(1, 16_384, false), data(1, 16_384, true), headers(3, GO, GET));

        assertThat(seenByEngine()).containsExactly("1 HEADERS end", "3 HEADERS end");
        assertThat(sentToClient()).containsExactly("0 WINDOW 16384", "0 WINDOW 16384");
        answer(streams.find(1).orElseThrow());
        assertThat(sentToClient()).hasSize(2); // it had ended by itself
    }

    static Stream<Arguments> streamErrors() {
        byte[] post = headers(1, Frame.END_HEADERS, POST);
        byte[] counted = headers(1, Frame.END_HEADERS, request("POST", "/", "content-length", "3"));
        return Stream.of(
                Arguments.of("PROTOCOL_ERROR", joined(counted, data(1, 4, false))),
                Arguments.of("PROTOCOL_ERROR", joined(counted, data(1, 2, true))),
                Arguments.of("PROTOCOL_ERROR", joined(counted, headers(1, GO, fields("a", "b")))),
                Arguments.of(
                        "PROTOCOL_ERROR",
                        joined(post, headers(1, Frame.END_HEADERS, fields("a", "b")))),
                Arguments.of("PROTOCOL_ERROR", joined(post, headers(1, GO, fields(":path", "/")))),
                Arguments.of(
                        "PROTOCOL_ERROR",
                        joined(post, frame(Frame.WINDOW_UPDATE, 0, 1, 0, 0, 0, 0))),
                Arguments.of(
                        "PROTOCOL_ERROR", joined(post, frame(Frame.PRIORITY, 0, 1, 0, 0, 0, 1, 0))),
                Arguments.of(
                        "FRAME_SIZE_ERROR", joined(post, frame(Frame.PRIORITY, 0, 1, 0, 0, 0))));
    }

    @ParameterizedTest
    @MethodSource("streamErrors")
    void resetsTheStreamAlone(String error, byte[] sent) {
        send(sent, headers(3, GO, GET), data(1, 10, true));

        assertThat(sentToClient()).containsExactly("1 RST " + error);
        assertThat(seenByEngine()).containsExactly("1 HEADERS", "1 RST CANCEL", "3 HEADERS end");
        assertThat(resets).containsExactly(1);
    }

    @Test
    void resetsAStreamThatGoesOnAfterItsEnd() {
        send(headers(1, GO, GET), data(1, 1, false), headers(3, GO, GET));

        assertThat(sentToClient()).containsExactly("1 RST STREAM_CLOSED");
        assertThat(seenByEngine()).containsExactly("1 HEADERS end", "3 HEADERS end");
        assertThat(resets).containsExactly(1);
    }

    /** Helidon would end the connection if the stream were over. */
    @Test
    void keepsResetsOfWholeRequestsFromTheEngine() {
        send(headers(1, GO, GET));
        send(frame(Frame.RST_STREAM, 0, 1, 0, 0, 0, 8));
        send(headers(3, Frame.END_HEADERS, POST));
        send(frame(Frame.RST_STREAM, 0, 3, 0, 0, 0, 8));
        send(frame(Frame.RST_STREAM, 0, 3, 0, 0, 0, 8));

        assertThat(seenByEngine()).containsExactly("1 HEADERS end", "3 HEADERS", "3 RST CANCEL");
        assertThat(resets).containsExactly(1, 3);
    }

    @Test
    void handsNoRequestOnThatIsResetAtOnce() {
        send(
                joined(
                        headers(1, Frame.END_HEADERS, POST),
                        data(1, 1, false),
                        frame(Frame.RST_STREAM, 0, 1, 0, 0, 0, 8),
                        headers(3, GO, GET)));

        assertThat(seenByEngine()).containsExactly("3 HEADERS end");
        assertThat(streams.find(1)).isEmpty();
    }

    @Test
    void resetsAStreamThatGoesOnAfterItsReset() {
        send(
                headers(1, Frame.END_HEADERS, POST),
                frame(Frame.RST_STREAM, 0, 1, 0, 0, 0, 8),
                data(1, 1, false));

        assertThat(sentToClient()).containsExactly("1 RST STREAM_CLOSED");
        assertThat(seenByEngine()).containsExactly("1 HEADERS", "1 RST CANCEL");
    }

    /** Helidon ends the connection. */
    @Test
    void refusesStreamsBeyondTheirNumber() {
        for (int i = 0; i <= MAX_STREAMS; i++) {
            send(headers(2 * i + 1, GO, GET));
        }

        assertThat(seenByEngine()).hasSize(MAX_STREAMS);
        assertThat(sentToClient()).containsExactly("17 RST REFUSED_STREAM");
        end(streams.find(1).orElseThrow());
        send(headers(19, GO, GET));
        assertThat(seenByEngine()).hasSize(MAX_STREAMS + 1).endsWith("19 HEADERS end");
    }

    /** The engine keeps the stream of a request that has not ended, unless it is told. */
    @Test
    void tellsTheEngineThatTheRestOfAnAnsweredRequestWillNotCome() {
        send(headers(1, Frame.END_HEADERS, request("POST", "/")));
        GuardedStream stream = streams.find(1).orElseThrow();

        assertThat(guard.streamGuard().answered(stream, true)).isTrue();
        end(stream);
        send(data(1, 16_384, false));

        assertThat(sentToClient()).containsExactly("1 RST NO_ERROR", "0 WINDOW 16384");
        assertThat(seenByEngine()).containsExactly("1 HEADERS", "1 RST CANCEL");
    }

    /** The thread that has written the response may not have said so yet. */
    @Test
    void passesNothingOnOnceTheResponseIsWritten() {
        send(headers(1, Frame.END_HEADERS, request("POST", "/")));
        GuardedStream stream = streams.find(1).orElseThrow();
        stream.answered();

        send(data(1, 4, true));

        assertThat(guard.streamGuard().answered(stream, true)).isFalse();
        assertThat(sentToClient()).isEmpty();
        assertThat(seenByEngine()).containsExactly("1 HEADERS", "1 RST CANCEL");
    }

    @Test
    void waitsForTheRestOfAnAnsweredRequest() throws Exception {
        send(headers(1, Frame.END_HEADERS, POST));
        GuardedStream stream = streams.find(1).orElseThrow();
        var waiting = Thread.ofVirtual().start(() -> answer(stream));
        Awaitility.await().until(() -> waiting.getState() == Thread.State.TIMED_WAITING);

        send(data(1, 10, true));
        waiting.join();

        assertThat(sentToClient()).isEmpty();
        assertThat(seenByEngine()).containsExactly("1 HEADERS", "1 RST CANCEL");
    }

    @Test
    void noticesStreamsThatTheEngineResets() {
        send(headers(1, GO, GET));

        write(Frame.reset(1, Http2Error.FLOW_CONTROL_ERROR));
        send(frame(Frame.PING, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8));

        assertThat(resets).containsExactly(1);
    }

    static Stream<Arguments> connectionErrors() {
        return Stream.of(
                Arguments.of("PROTOCOL_ERROR", data(1, 1, false)),
                Arguments.of("PROTOCOL_ERROR", data(0, 1, false)),
                Arguments.of("PROTOCOL_ERROR", headers(2, GO, GET)),
                Arguments.of("PROTOCOL_ERROR", joined(headers(5, GO, GET), headers(3, GO, GET))),
                Arguments.of("PROTOCOL_ERROR", frame(Frame.RST_STREAM, 0, 1, 0, 0, 0, 8)),
                Arguments.of("FRAME_SIZE_ERROR", frame(Frame.RST_STREAM, 0, 1, 0, 0)),
                Arguments.of("PROTOCOL_ERROR", frame(Frame.WINDOW_UPDATE, 0, 1, 0, 0, 0, 1)),
                Arguments.of("PROTOCOL_ERROR", frame(Frame.WINDOW_UPDATE, 0, 0, 0, 0, 0, 0)),
                Arguments.of(
                        "FLOW_CONTROL_ERROR",
                        frame(Frame.WINDOW_UPDATE, 0, 0, 0x7f, 0xff, 0xff, 0xff)),
                Arguments.of("FRAME_SIZE_ERROR", frame(Frame.WINDOW_UPDATE, 0, 0, 1)),
                Arguments.of("PROTOCOL_ERROR", frame(Frame.CONTINUATION, 0, 1)),
                Arguments.of(
                        "PROTOCOL_ERROR",
                        joined(headers(1, 0, GET), frame(Frame.PING, 0, 0, new int[8]))),
                Arguments.of(
                        "PROTOCOL_ERROR",
                        joined(headers(1, 0, GET), frame(Frame.CONTINUATION, 0, 3))),
                Arguments.of("COMPRESSION_ERROR", headers(1, GO, new byte[] {(byte) 0xff, 1})),
                Arguments.of("PROTOCOL_ERROR", headers(1, GO | Frame.PADDED, new byte[] {9, 0})),
                Arguments.of("FRAME_SIZE_ERROR", frame(Frame.SETTINGS, 0, 0, 0, 1)),
                Arguments.of("FRAME_SIZE_ERROR", frame(Frame.SETTINGS, 1, 0, 0, 1, 0, 0, 0, 0)),
                Arguments.of("PROTOCOL_ERROR", frame(Frame.SETTINGS, 0, 1)),
                Arguments.of("PROTOCOL_ERROR", frame(Frame.SETTINGS, 0, 0, 0, 2, 0, 0, 0, 2)),
                Arguments.of(
                        "FLOW_CONTROL_ERROR", frame(Frame.SETTINGS, 0, 0, 0, 4, 0x80, 0, 0, 0)),
                Arguments.of("PROTOCOL_ERROR", frame(Frame.SETTINGS, 0, 0, 0, 5, 0, 0, 0x3f, 0)),
                Arguments.of("FRAME_SIZE_ERROR", frame(Frame.PING, 0, 0, 1)),
                Arguments.of("PROTOCOL_ERROR", frame(Frame.PUSH_PROMISE, 4, 1, 0, 0, 0, 2)),
                Arguments.of("FRAME_SIZE_ERROR", new byte[] {0, 0x40, 1, 0, 0, 0, 0, 0, 1}),
                Arguments.of(
                        "FLOW_CONTROL_ERROR",
                        joined(
                                headers(1, Frame.END_HEADERS, POST),
                                repeated(data(1, 16_384, false), 4))),
                Arguments.of(
                        "ENHANCE_YOUR_CALM",
                        joined(
                                headers(1, 0, new byte[16_384]),
                                frame(Frame.CONTINUATION, 0, 1, 0))),
                Arguments.of(
                        "ENHANCE_YOUR_CALM",
                        joined(
                                headers(1, 0, new byte[0]),
                                repeated(frame(Frame.CONTINUATION, 0, 1), 16))));
    }

    @ParameterizedTest
    @MethodSource("connectionErrors")
    void endsTheConnection(String error, byte[] sent) {
        send(sent);

        assertThat(sentToClient()).containsExactly("0 GOAWAY " + error);
        assertThat(guard.isOver()).isTrue();
        assertThat(faults)
                .containsExactly(
                        error.equals("ENHANCE_YOUR_CALM")
                                ? ClientFaults.Kind.FLOOD
                                : ClientFaults.Kind.MALFORMED);
    }

    @Test
    void endsAConnectionThatGoesOnOnAClosedStream() {
        send(headers(1, GO, GET));
        GuardedStream stream = streams.find(1).orElseThrow();
        write(Frame.of(Frame.HEADERS, GO, 1, new byte[0]));
        answer(stream);
        end(stream);

        send(data(1, 1, false));

        assertThat(sentToClient()).endsWith("0 GOAWAY STREAM_CLOSED");
    }

    @ParameterizedTest
    @ValueSource(strings = {"XRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r "})
    void endsAConnectionWithAnotherPreface(String preface) {
        Http2Guard other = fresh();

        assertThat(other.read(preface.getBytes(StandardCharsets.US_ASCII))).isEmpty();

        assertThat(sentToClient()).containsExactly("0 GOAWAY PROTOCOL_ERROR");
    }

    @Test
    void wantsSettingsFirst() {
        Http2Guard other = fresh();

        var _ = other.read(joined(FrameReader.PREFACE, headers(1, GO, GET)));

        assertThat(sentToClient()).containsExactly("0 GOAWAY PROTOCOL_ERROR");
    }

    /** Helidon would read on within the value of the first. */
    @Test
    void leavesOutSettingsThatTheEngineDoesNotKnow() {
        send(frame(Frame.SETTINGS, 0, 0, 0, 9, 0, 0, 0, 1, 0, 4, 0, 0, 0, 5));

        assertThat(toEngine.toByteArray()).isEqualTo(frame(Frame.SETTINGS, 0, 0, 0, 4, 0, 0, 0, 5));
    }

    /** Helidon would end the connection, with the answers that the client still wants. */
    @Test
    void servesAClientThatGoesAwayInPeace() {
        send(frame(Frame.GOAWAY, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
        send(frame(Frame.GOAWAY, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1));

        assertThat(seenByEngine()).containsExactly("0 GOAWAY PROTOCOL_ERROR");
    }

    /** What makes a flood, a thousand times and once more. */
    static Stream<Consumer<Http2GuardTest>> floods() {
        return Stream.of(
                Http2GuardTest::sendReset,
                Http2GuardTest::sendContinued,
                test -> test.send(frame(Frame.SETTINGS, 0, 0)),
                test -> test.send(frame(Frame.PING, 0, 0, new int[8])),
                test -> test.send(frame(Frame.PRIORITY, 0, 9, 0, 0, 0, 0, 0)),
                test -> test.send(frame(UNKNOWN, 0, 9)),
                test -> test.send(data(1, 0, false)),
                test -> test.send(data(3, 0, false)));
    }

    private int next = 5;

    private void sendReset() {
        send(headers(next, GO, GET), frame(Frame.RST_STREAM, 0, next, 0, 0, 0, 8));
        streams.find(next).ifPresent(this::end);
        next += 2;
    }

    private void sendContinued() {
        send(headers(next, Frame.END_STREAM, GET));
        send(frame(Frame.CONTINUATION, Frame.END_HEADERS, next));
        streams.find(next).ifPresent(this::end);
        next += 2;
    }

    @ParameterizedTest
    @MethodSource("floods")
    void endsTheConnectionInAFlood(Consumer<Http2GuardTest> flood) {
        send(headers(1, Frame.END_HEADERS, POST));
        send(headers(3, Frame.END_HEADERS, POST), data(3, 0, true), data(3, 1, true));
        for (int period = 0; period < 2; period++) {
            nanos.addAndGet(Duration.ofSeconds(10).toNanos());
            for (int i = 0; i < 1_000; i++) {
                flood.accept(this);
            }
            assertThat(guard.isOver()).isFalse();
        }

        flood.accept(this);

        assertThat(sentToClient()).endsWith("0 GOAWAY ENHANCE_YOUR_CALM");
        assertThat(faults).endsWith(ClientFaults.Kind.FLOOD);
    }

    private GuardedStream.Refusal refusal(int id) {
        return Objects.requireNonNull(streams.find(id).orElseThrow().refusal());
    }

    private void answer(GuardedStream stream) {
        var _ = guard.streamGuard().answered(stream, true);
    }

    private void end(GuardedStream stream) {
        guard.streamGuard().handled(stream);
    }

    /** The type of a frame is in its fourth byte. */
    @Test
    void readsTheHeadersOfFrames() {
        var frame = new Frame(ByteBuffer.allocate(9).putInt(3 << 8 | 1).array(), 0);

        assertThat(frame.length()).isEqualTo(3);
        assertThat(frame.type()).isEqualTo(Frame.HEADERS);
    }
}
