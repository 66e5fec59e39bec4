package dev.longwave.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Attackers that speak HTTP/2, most of them on one connection. */
@EnabledOnOs(OS.LINUX)
final class Http2AttackIT extends AttackTest {

    private static final int STREAMS = 250;
    private static final int CANCEL = 8;
    private static final int FRAMES_AT_ONCE = 100;
    private static final Duration TRICKLE = Duration.ofMillis(300);

    /** As any client with a long token does: this is no attack. */
    @Test
    void takesAHeaderThatIsLargerThanTheTable() throws Exception {
        siege().withstand(() -> new Crowd().with(4, this::sendLongTokens).act());
    }

    private void sendLongTokens() throws IOException {
        try (Http2Wire connection = Http2Wire.open(siege().port())) {
            for (int stream = 1; stream <= 5; stream += 2) {
                HeaderBlock block =
                        HeaderBlock.get("/health/live")
                                .entered("x-token", "t".repeat(5_000))
                                .entered("x-short", "s");
                connection.send(Frame.request(stream, block));

                assertThat(connection.outcome(stream))
                        .isInstanceOfSatisfying(
                                Http2Wire.Outcome.Answered.class,
                                answered -> assertThat(answered.reply().status()).isEqualTo(200));
            }
        }
    }

    @Test
    void refusesHeadersThatGrowWhenTheyAreDecoded() throws Exception {
        siege().withstand(() -> new Crowd().with(4, this::sendBomb).act());
    }

    private void sendBomb() throws IOException {
        try (Http2Wire connection = Http2Wire.open(siege().port())) {
            var frames = new ByteArrayOutputStream();
            HeaderBlock entry = HeaderBlock.get("/health/live").entered("x-big", "b".repeat(3_900));
            frames.writeBytes(Frame.request(1, entry).bytes());
            for (int stream = 3; stream <= 41; stream += 2) {
                HeaderBlock bomb =
                        HeaderBlock.get("/health/live").indexed(HeaderBlock.FIRST_DYNAMIC, 16_000);
                frames.writeBytes(Frame.request(stream, bomb).bytes());
            }
            boolean _ = connection.wire().trySend(frames.toByteArray());

            assertThat(connection.outcome(41)).satisfies(Http2AttackIT::isRefusal);
        }
    }

    /** An answer, a reset, or at worst the end of a connection that was only used for this. */
    private static void isRefusal(Http2Wire.Outcome outcome) {
        switch (outcome) {
            case Http2Wire.Outcome.Answered(Reply reply) ->
                    assertThat(reply.status()).isBetween(400, 499);
            case Http2Wire.Outcome.Reset _ -> {}
            case Http2Wire.Outcome.Disconnected(Optional<Integer> code) ->
                    assertThat(code.orElse(Http2Wire.ENHANCE_YOUR_CALM))
                            .isIn(Http2Wire.NO_ERROR, Http2Wire.ENHANCE_YOUR_CALM);
        }
    }

    @Test
    void boundsTheHistoryThatHasNoWindow() throws Exception {
        siege().withstand(() -> {
            try (Http2Wire connection = Http2Wire.shut(siege().port())) {
                for (int i = 0; i < STREAMS; i++) {
                    HeaderBlock get = HeaderBlock.get("/history/big?limit=1000");
                    boolean _ = connection.trySend(Frame.request(2 * i + 1, get));
                }
                siege().awaitDisconnection();
            }
        });
    }

    @Test
    void takesNoMemoryForBodiesThatAreOnlyAnnounced() throws Exception {
        siege().withstand(() -> {
            List<Http2Wire> connections = new ArrayList<>();
            try {
                for (int i = 0; i < 4; i++) {
                    Http2Wire connection = Http2Wire.open(siege().port());
                    connections.add(connection);
                    for (int j = 0; j < STREAMS; j++) {
                        HeaderBlock post =
                                HeaderBlock.post("/publish").with("content-length", "4194304");
                        boolean _ = connection.trySend(Frame.upload(2 * j + 1, post));
                    }
                }
                siege().awaitDisconnection();
            } finally {
                connections.forEach(Http2Wire::close);
            }
        });
    }

    @Test
    void endsTrickles() throws Exception {
        siege().withstand(() ->
                new Crowd()
                        .with(10, () -> trickle("/events/trickle"))
                        .with(10, () -> trickle("/publish"))
                        .act());
    }

    private void trickle(String path) throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                Http2Wire connection = Http2Wire.open(siege().port())) {
            HeaderBlock post = HeaderBlock.post(path).with("content-length", "60000");
            connection.send(Frame.upload(1, post));
            var letter = new Frame(Frame.DATA, 0, 1, new byte[] {'a'});
            Future<Http2Wire.Outcome> outcome = threads.submit(() -> connection.outcome(1));
            long deadline = System.nanoTime() + Target.TIMEOUT.toNanos();
            while (!outcome.isDone() && connection.trySend(letter)) {
                assertThat(System.nanoTime() - deadline).as(path).isNegative();
                LockSupport.parkNanos(TRICKLE.toNanos());
            }
            assertThat(outcome.get()).satisfies(Http2AttackIT::isRefusal);
        }
    }

    /** Many frames that cost more to take than to send. */
    enum Flood {
        /** CVE-2023-44487. */
        RAPID_RESETS(i ->
                i % 2 == 0
                        ? Frame.request(i + 1, HeaderBlock.get("/history/big?limit=1000"))
                        : Frame.ofInt(Frame.RST_STREAM, i, CANCEL)),
        RESETS_OF_UPLOADS(i ->
                i % 2 == 0
                        ? Frame.upload(i + 1, HeaderBlock.post("/publish"))
                        : Frame.ofInt(Frame.RST_STREAM, i, CANCEL)),
        RESETS_OF_EVENT_STREAMS(i ->
                i % 2 == 0
                        ? Frame.request(i + 1, HeaderBlock.get("/events/reset"))
                        : Frame.ofInt(Frame.RST_STREAM, i, CANCEL)),
        RESETS_OF_IDLE_STREAMS(i -> Frame.ofInt(Frame.RST_STREAM, 2 * i + 1, CANCEL)),
        /** CVE-2024-27316. */
        CONTINUATIONS(i ->
                i == 0
                        ? new Frame(Frame.HEADERS, 0, 1, HeaderBlock.get("/").bytes())
                        : new Frame(
                                Frame.CONTINUATION,
                                0,
                                1,
                                HeaderBlock.empty().with("a", "b").bytes())),
        EMPTY_CONTINUATIONS(
                i -> new Frame(i == 0 ? Frame.HEADERS : Frame.CONTINUATION, 0, 1, new byte[0])),
        SETTINGS(i -> Frame.setting(Http2Wire.INITIAL_WINDOW_SIZE, 60_000 + i % 2)),
        EMPTY_SETTINGS(_ -> new Frame(Frame.SETTINGS, 0, 0, new byte[0])),
        /** CVE-2019-9512. */
        PINGS(_ -> new Frame(Frame.PING, 0, 0, new byte[8])),
        /** CVE-2019-9513. */
        PRIORITIES(
                i -> new Frame(Frame.PRIORITY, 0, 2 * (i % 1000) + 1, new byte[] {0, 0, 0, 0, 9})),
        /** CVE-2019-9518. */
        EMPTY_DATA(i ->
                i == 0
                        ? Frame.upload(1, HeaderBlock.post("/events/empty"))
                        : new Frame(Frame.DATA, 0, 1, new byte[0])),
        PADDING_ONLY(i ->
                i == 0
                        ? Frame.upload(1, HeaderBlock.post("/events/empty"))
                        : new Frame(Frame.DATA, Frame.PADDED, 1, new byte[] {1, 0}));

        private static final int FRAMES = 100_000;

        @SuppressWarnings("ImmutableEnumChecker") // lambdas without state
        private final IntFunction<Frame> frames;

        Flood(IntFunction<Frame> frames) {
            this.frames = frames;
        }
    }

    @ParameterizedTest
    @EnumSource
    void endsFloods(Flood flood) throws Exception {
        siege().withstand(() -> send(flood));
    }

    private void send(Flood flood) throws Exception {
        // The connection is closed first, which ends the thread.
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                Http2Wire connection = Http2Wire.open(siege().port())) {
            Future<Optional<Integer>> end =
                    threads.submit(() -> connection.awaitEnd(Target.TIMEOUT));
            var some = new ByteArrayOutputStream();
            boolean open = true;
            for (int i = 0; open && i < Flood.FRAMES; i++) {
                some.writeBytes(flood.frames.apply(i).bytes());
                if (i % FRAMES_AT_ONCE == 0) {
                    open = connection.wire().trySend(some.toByteArray());
                    some.reset();
                }
            }

            Optional<Integer> code = end.get();
            if (open) {
                assertThat(code).as("end of a connection that took all of the flood").isPresent();
            }
            // A reset of the connection may overtake GOAWAY.
            assertThat(code.orElse(Http2Wire.ENHANCE_YOUR_CALM))
                    .isIn(Http2Wire.ENHANCE_YOUR_CALM, allowed(flood));
        }
    }

    /** A reset of a stream that never was is an error of the connection by itself: section 5.1. */
    private static int allowed(Flood flood) {
        return flood == Flood.RESETS_OF_IDLE_STREAMS
                ? Http2Wire.PROTOCOL_ERROR
                : Http2Wire.ENHANCE_YOUR_CALM;
    }

    /** Behind a proxy, a connection has the requests of many clients. */
    @Test
    void staysConnectedToAProxyWhoseClientsSendNonsense() throws Exception {
        siege().withstand(() -> {
            try (Http2Wire connection = Http2Wire.open(siege().port())) {
                for (int stream = 1; stream < 4_000; stream += 2) {
                    HeaderBlock nonsense = HeaderBlock.request("(junk)", "/ /");
                    connection.send(Frame.request(stream, nonsense));
                    assertThat(connection.outcome(stream))
                            .isNotInstanceOf(Http2Wire.Outcome.Disconnected.class);
                }
            }
        });
    }

    @Test
    void endsFloodsOfAClientThatReadsNothing() throws Exception {
        var some = new ByteArrayOutputStream();
        for (int i = 0; i < FRAMES_AT_ONCE; i++) {
            some.writeBytes(new Frame(Frame.PING, 0, 0, new byte[8]).bytes());
        }

        siege().withstand(() -> {
            try (Http2Wire connection = Http2Wire.shut(siege().port())) {
                int floods = 0;
                while (connection.wire().trySend(some.toByteArray())) {
                    assertThat(++floods).isLessThan(10_000);
                }
            }
        });
    }
}
