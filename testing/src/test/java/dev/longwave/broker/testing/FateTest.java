package dev.longwave.broker.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longwave.testing.ScriptedServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class FateTest {
    private static final byte[] ANSWER =
            "0123456789abcdefghijklmnopqrstuvwxyz".getBytes(StandardCharsets.US_ASCII);

    private final AtomicBoolean clientLeft = new AtomicBoolean();
    private ScriptedServer server;
    private FaultProxy proxy;

    @BeforeEach
    void start() throws IOException {
        server =
                new ScriptedServer(visit -> {
                    visit.send(ANSWER);
                    visit.hold();
                    clientLeft.set(true);
                });
        proxy = new FaultProxy(server.port());
    }

    @AfterEach
    void stop() throws IOException {
        proxy.close();
        server.close();
    }

    @Test
    void cutsAfterExactlySoManyBytes() throws IOException {
        for (int count = 0; count <= ANSWER.length; count++) {
            proxy.fateOfNext(new Fate.Cut(count, Ending.FIN));

            assertThat(answer()).isEqualTo(Arrays.copyOf(ANSWER, count));
        }
        assertThat(proxy.cuts()).isEqualTo(ANSWER.length + 1);
        assertThat(proxy.connections()).isEqualTo(ANSWER.length + 1);
    }

    @Test
    void knowsWhichCutsCameTrue() throws IOException {
        for (long count : new long[] {3, ANSWER.length + 1, 5}) {
            proxy.fateOfNext(new Fate.Cut(count, Ending.FIN));
            try (Socket socket = ask()) {
                socket.getInputStream().readNBytes(Math.min((int) count, ANSWER.length));
            }
        }

        await().until(() -> proxy.open() == 0);
        assertThat(proxy.cutAfter()).containsExactlyInAnyOrder(3L, 5L);
    }

    @Test
    void cutsByResetAfterAtMostSoManyBytes() throws IOException {
        proxy.fateOfNext(new Fate.Cut(10, Ending.RST));

        byte[] answer = answer();

        assertThat(answer).isEqualTo(Arrays.copyOf(ANSWER, answer.length));
        assertThat(answer.length).isLessThanOrEqualTo(10);
        await().until(() -> proxy.open() == 0);
    }

    @Test
    void tellsTheServerThatTheClientLeft() throws IOException {
        try (Socket socket = ask()) {
            assertThat(socket.getInputStream().readNBytes(ANSWER.length)).isEqualTo(ANSWER);
        }

        await().untilTrue(clientLeft);
        await().until(() -> proxy.open() == 0);
        assertThat(proxy.cuts()).isZero();
    }

    @Test
    void cutsAllAtOnce() throws IOException {
        try (Socket one = ask();
                Socket two = ask()) {
            one.getInputStream().readNBytes(ANSWER.length);
            two.getInputStream().readNBytes(ANSWER.length);

            proxy.cut(Ending.FIN);

            assertThat(one.getInputStream().read()).isNegative();
            assertThat(two.getInputStream().read()).isNegative();
        }
        assertThat(proxy.cuts()).isEqualTo(2);
    }

    @Test
    void followsAServerToAnotherPort() throws IOException {
        server.close();
        assertThat(answer()).isEmpty();
        try (var other = new ScriptedServer(visit -> visit.send("new"))) {
            proxy.target(other.port());

            assertThat(answer()).asString().isEqualTo("new");
        }
    }

    @Test
    void refuses() throws IOException {
        proxy.fates(Fate.Refuse::new);

        assertThat(answer()).isEmpty();
        assertThat(server.requests()).isEmpty();
    }

    @Test
    void swallowsWithoutTheServerKnowing() throws IOException {
        proxy.fates(Fate.Swallow::new);

        try (Socket socket = ask()) {
            await().until(() -> proxy.open() == 1);
            proxy.cut(Ending.FIN);

            assertThat(readAll(socket)).isEmpty();
        }
        assertThat(server.requests()).isEmpty();
    }

    @Test
    void freezesAfterExactlySoManyBytes() throws IOException {
        var piece = new byte[64 * 1024];
        try (var flood =
                new ScriptedServer(visit -> {
                    while (true) {
                        visit.send(piece);
                    }
                })) {
            proxy.target(flood.port());
            proxy.fateOfNext(new Fate.Freeze(100_000));

            try (Socket socket = ask()) {
                assertThat(socket.getInputStream().readNBytes(100_000)).hasSize(100_000);
                proxy.cut(Ending.FIN);

                assertThat(readAll(socket)).isEmpty();
            }
        }
    }

    @Test
    void throttlesWithoutLoss() throws IOException {
        proxy.fates(() -> new Fate.Throttle(500));

        try (Socket socket = ask()) {
            assertThat(socket.getInputStream().readNBytes(ANSWER.length)).isEqualTo(ANSWER);
        }
    }

    @Test
    void drawsTheSameCutsFromTheSameSeed() {
        var one = Fate.cutsAtRandom(new Random(1), 3);
        var two = Fate.cutsAtRandom(new Random(1), 3);
        var seen = new HashSet<Fate>();

        for (int i = 0; i < 200; i++) {
            Fate fate = one.get();
            assertThat(fate).isEqualTo(two.get());
            seen.add(fate);
        }

        assertThat(seen).hasSize(2 * 4);
    }

    private byte[] answer() throws IOException {
        try (Socket socket = ask()) {
            return readAll(socket);
        } catch (IOException _) {
            return new byte[0]; // Reset before the request was written.
        }
    }

    private Socket ask() throws IOException {
        var socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
        socket.setSoTimeout(300_000);
        socket.getOutputStream()
                .write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    private static byte[] readAll(Socket socket) {
        var all = new ByteArrayOutputStream();
        try {
            socket.getInputStream().transferTo(all);
        } catch (IOException _) {
            // By reset.
        }
        return all.toByteArray();
    }
}
