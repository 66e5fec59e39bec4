package dev.longwave.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Clients that take more than there is: connections, descriptors, topics. */
@EnabledOnOs(OS.LINUX)
final class LimitsIT {

    private static final int PER_ADDRESS = 100;
    private static final String LONG_IDLE_TIMEOUT = "net.idle-timeout=PT2M";

    @Test
    void leavesConnectionsForOtherAddresses() throws Exception {
        try (var siege =
                Siege.of(
                        Target.start(
                                "limits.connections-per-address=" + PER_ADDRESS,
                                LONG_IDLE_TIMEOUT))) {
            siege.withstand(() -> {
                List<Wire> held = new ArrayList<>();
                try {
                    int served = 0;
                    for (int i = 0; i < 5 * PER_ADDRESS; i++) {
                        Wire wire = Wire.to(siege.port());
                        held.add(wire);
                        served += isServed(wire) ? 1 : 0;
                    }

                    assertThat(served).isEqualTo(PER_ADDRESS);
                    assertThat(siege.target().isHealthy()).isTrue();
                } finally {
                    held.forEach(Wire::close);
                }
            });
        }
    }

    @Test
    void keepsItsClientsWhileOthersTakeAllConnections() throws Exception {
        int max = 200;
        try (var siege = Siege.of(Target.start("limits.connections=" + max, LONG_IDLE_TIMEOUT))) {
            siege.withstand(() -> {
                List<Wire> held = new ArrayList<>();
                try {
                    for (int i = 0; i < 1_000; i++) {
                        held.add(Wire.from("127.0.1." + (1 + i % 200), siege.port()));
                    }
                    List<Wire> served = new ArrayList<>();
                    for (Wire wire : held) {
                        if (isServed(wire)) {
                            served.add(wire);
                        }
                    }

                    assertThat(served).hasSizeBetween(max - 20, max);
                } finally {
                    held.forEach(Wire::close);
                }
            });
        }
    }

    /** A connection beyond a limit is answered with 429, or closed. */
    private static boolean isServed(Wire wire) throws IOException {
        if (!wire.trySend(Requests.bytes(Requests.get("/health/live")))) {
            return false;
        }
        Reply reply;
        try {
            reply = wire.reply();
        } catch (IOException _) {
            return false;
        }
        if (reply.status() != 200) {
            assertThat(reply.status()).isEqualTo(429);
            assertThat(reply.header("retry-after")).isNotEmpty();
            assertThat(reply.fault(true)).isEmpty();
        }
        return reply.status() == 200;
    }

    @Test
    void comesBackAfterItHadNoDescriptorsLeft() throws Exception {
        try (var siege = Siege.of(Target.withDescriptors(250))) {
            siege.withstand(() -> {
                List<Wire> wires = new ArrayList<>();
                try {
                    for (int i = 0; i < 600; i++) {
                        wires.add(Wire.to(siege.port()));
                    }
                    // The server closes those that say nothing, and so can accept others.
                    for (Wire wire : wires) {
                        assertThat(wire.awaitEnd(Target.TIMEOUT)).isEqualTo(Wire.End.CLOSED);
                    }
                } finally {
                    wires.forEach(Wire::close);
                }
            });
        }
    }

    /** The bytes of events are the least of what topics with long names cost. */
    @Test
    void countsWhatTopicsCost() throws Exception {
        long maxBytes = 32 << 20;
        int topics = 300_000;
        try (var siege = Siege.of(Target.start("broker.memory.max-bytes=32MiB"))) {
            siege.withstand(
                    () -> {
                        try (Wire wire = Wire.to(siege.port())) {
                            publishToTopics(wire, topics);

                            assertThat(wire.reply().status()).isEqualTo(200);
                        }
                    },
                    maxBytes);
        }
    }

    private static void publishToTopics(Wire wire, int topics) throws IOException {
        wire.send(
                "POST /publish HTTP/1.1\r\n"
                        + Requests.HOST
                        + "Content-Type: application/x-ndjson\r\n"
                        + "Transfer-Encoding: chunked\r\n\r\n");
        int perChunk = 500;
        for (int i = 0; i < topics; i += perChunk) {
            String lines =
                    Stream.iterate(i, n -> n + 1)
                            .limit(perChunk)
                            .map(LimitsIT::line)
                            .reduce("", String::concat);
            wire.send(Requests.chunk(lines));
        }
        wire.send("0\r\n\r\n");
    }

    private static String line(int number) {
        return "{\"topic\":\"%s/%09d\",\"data\":\"\"}\n".formatted("t".repeat(241), number);
    }
}
