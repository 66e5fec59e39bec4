package dev.longwave.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Attackers that speak HTTP/1.1, or begin to. */
@EnabledOnOs(OS.LINUX)
final class Http1AttackIT extends AttackTest {

    private static final int BATCH_BYTES = 4 << 20;
    private static final String BIG_HISTORY = "/history/big?limit=1000";
    private static final Duration TRICKLE = Duration.ofMillis(300);

    /** More than any bound, and less than the heap. */
    private static final int ENDLESS_BYTES = 64 << 20;

    @ParameterizedTest
    @CsvSource({"/publish, 4194304, 150", "/events/announced, 65536, 1000"})
    void takesNoMemoryForBodiesThatAreOnlyAnnounced(String target, int length, int clients)
            throws Exception {
        siege().withstand(() ->
                new Crowd()
                        .with(clients, () -> sendAndAwaitEnd(Requests.post(target, length)))
                        .act());
    }

    @Test
    void boundsTheBodiesThatLackTheirLastByte() throws Exception {
        byte[] almost = Requests.bytes(" ".repeat(BATCH_BYTES - 1));

        siege().withstand(() -> new Crowd().with(100, () -> sendUnfinishedBody(almost)).act());
    }

    private void sendUnfinishedBody(byte[] almost) throws IOException {
        try (Wire wire = Wire.to(siege().port())) {
            wire.send(Requests.post("/publish", BATCH_BYTES));
            boolean _ = wire.trySend(almost);
            assertThat(wire.awaitEnd(Target.TIMEOUT)).isEqualTo(Wire.End.CLOSED);
        }
    }

    @Test
    void boundsTheHistoryThatNobodyReads() throws Exception {
        siege().withstand(() -> {
            List<Wire> wires = new ArrayList<>();
            try {
                for (int i = 0; i < 200; i++) {
                    Wire wire = Wire.tight(siege().port());
                    wires.add(wire);
                    wire.send(Requests.get(BIG_HISTORY));
                }
                siege().awaitDisconnection();
            } finally {
                wires.forEach(Wire::close);
            }
        });
    }

    @Test
    void boundsTheRequestsOfAClientThatReadsNoResponse() throws Exception {
        byte[] requests = Requests.bytes(Requests.get(BIG_HISTORY).repeat(100));

        siege().withstand(() ->
                new Crowd()
                        .with(8, () -> sendUntilEnd(Wire.tight(siege().port()), requests))
                        .act());
    }

    private static void sendUntilEnd(Wire connected, byte[] bytes) {
        try (Wire wire = connected) {
            int sent = 0;
            while (wire.trySend(bytes)) {
                sent += bytes.length;
                assertThat(sent).as("bytes sent").isLessThan(ENDLESS_BYTES);
            }
        }
    }

    @Test
    void endsWhatHasNoEnd() throws Exception {
        String chunked = Requests.chunked("/events/endless");
        String lines =
                Requests.head(
                        "/events/endless",
                        Map.of(
                                "Transfer-Encoding",
                                "chunked",
                                "Content-Type",
                                "application/x-ndjson"));
        String head = "GET / HTTP/1.1\r\n" + Requests.HOST;
        var crowd = new Crowd();
        for (Endless endless :
                List.of(
                        new Endless("GET /", "a"),
                        new Endless("a", "a"),
                        new Endless("\r\n", "\r\n"),
                        new Endless("GET / HTTP/1.1\r\nHost: ", "a"),
                        new Endless(head + "A: ", "b"),
                        new Endless(head, "A: b\r\n"),
                        new Endless(head, "a"),
                        new Endless(chunked, "0"),
                        new Endless(chunked + "3;", "a"),
                        new Endless(chunked + "0\r\nA: ", "b"),
                        new Endless(chunked + "0\r\n", "A: b\r\n"),
                        new Endless(lines, Requests.chunk("{".repeat(1000))),
                        new Endless(Requests.post("/nope", Long.MAX_VALUE), "a"),
                        new Endless(Requests.chunked("/nope"), Requests.chunk("a".repeat(1000))))) {
            crowd.with(3, () -> sendUntilEnd(sent(endless.beginning), block(endless.unit)));
        }

        siege().withstand(crowd::act);
    }

    private record Endless(String beginning, String unit) {}

    private Wire sent(String beginning) throws IOException {
        Wire wire = Wire.to(siege().port());
        wire.send(beginning);
        return wire;
    }

    private static byte[] block(String unit) {
        return Requests.bytes(unit.repeat(Math.max(1, (64 << 10) / unit.length())));
    }

    @Test
    void endsUnfinishedHeads() throws Exception {
        String half = "GET /" + "a".repeat(400_000);

        siege().withstand(() -> new Crowd().with(700, () -> sendAndAwaitEnd(half)).act());
    }

    @Test
    void endsConnectionsThatSayNothing() throws Exception {
        siege().withstand(() -> new Crowd().with(1000, () -> sendAndAwaitEnd("")).act());
    }

    /** Each byte is progress of a kind, and so slow that the request would take for ever. */
    @Test
    void endsTrickles() throws Exception {
        var crowd = new Crowd();
        for (String beginning :
                List.of(
                        "GET /",
                        "GET / HTTP/1.1\r\n" + Requests.HOST + "A: ",
                        Requests.post("/events/trickle", 60_000),
                        Requests.post("/publish", 60_000) + "[",
                        Requests.chunked("/publish") + "ffff\r\n",
                        Requests.chunked("/events/trickle") + "3;",
                        Requests.head(
                                        "/events/trickle",
                                        Map.of(
                                                "Content-Length",
                                                "60000",
                                                "Content-Type",
                                                "application/x-ndjson"))
                                + "{\"data\":\"")) {
            crowd.with(10, () -> trickle(beginning));
        }

        siege().withstand(crowd::act);
    }

    private void trickle(String beginning) throws IOException {
        try (Wire wire = sent(beginning)) {
            long deadline = System.nanoTime() + Target.TIMEOUT.toNanos();
            while (wire.trySend(new byte[] {'a'})) {
                assertThat(System.nanoTime() - deadline).as(beginning).isNegative();
                LockSupport.parkNanos(TRICKLE.toNanos());
            }
        }
    }

    @Test
    void endsConnectionsWhoseBodyNobodyReads() throws Exception {
        siege().withstand(() ->
                new Crowd()
                        .with(100, () -> refusedAndAwaitEnd(Requests.post("/nope", 1 << 20)))
                        .with(100, () -> refusedAndAwaitEnd(Requests.chunked("/nope")))
                        .with(100, () -> refusedAndAwaitEnd(Requests.post("/events/%zz", 1 << 20)))
                        .act());
    }

    private void refusedAndAwaitEnd(String head) throws IOException {
        try (Wire wire = sent(head)) {
            assertThat(wire.reply().status()).isBetween(400, 499);
            assertThat(wire.awaitEnd(Target.TIMEOUT)).isEqualTo(Wire.End.CLOSED);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/events/bomb, text/plain",
        "/events/bomb, application/x-ndjson",
        "/publish, application/json",
        "/publish, application/x-ndjson"
    })
    void refusesBodiesThatGrowWhenTheyAreDecoded(String target, String type) throws Exception {
        byte[] bomb = gzipped(100 << 20);
        String head =
                Requests.head(
                        target,
                        Map.of(
                                "Content-Encoding",
                                "gzip",
                                "Content-Type",
                                type,
                                "Content-Length",
                                Integer.toString(bomb.length)));

        siege().withstand(() -> new Crowd().with(20, () -> sendBomb(head, bomb)).act());
    }

    private void sendBomb(String head, byte[] bomb) throws IOException {
        try (Wire wire = sent(head)) {
            boolean _ = wire.trySend(bomb);
            assertThat(wire.reply().status()).isIn(413, 415, 503);
        }
    }

    private static byte[] gzipped(int zeros) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(bytes)) {
            var block = new byte[1 << 20];
            for (int done = 0; done < zeros; done += block.length) {
                gzip.write(block);
            }
        }
        return bytes.toByteArray();
    }

    @Test
    void refusesJsonThatIsTooDeep() throws Exception {
        String batch = Requests.post("/publish", 1 << 20) + "[".repeat(1 << 20);
        String line =
                Requests.head(
                                "/events/deep",
                                Map.of(
                                        "Content-Length",
                                        "60000",
                                        "Content-Type",
                                        "application/x-ndjson"))
                        + "{\"data\":"
                        + "[".repeat(59_992);

        siege().withstand(() ->
                new Crowd()
                        .with(10, () -> assertRefused(batch))
                        .with(10, () -> assertRefused(line))
                        .act());
    }

    private void assertRefused(String request) throws IOException {
        try (Wire wire = Wire.to(siege().port())) {
            wire.send(request);
            assertThat(wire.reply().status()).isBetween(400, 499);
        }
    }

    private void sendAndAwaitEnd(String beginning) throws IOException {
        try (Wire wire = Wire.to(siege().port())) {
            boolean _ = wire.trySend(Requests.bytes(beginning));
            assertThat(wire.awaitEnd(Target.TIMEOUT)).isEqualTo(Wire.End.CLOSED);
        }
    }
}
