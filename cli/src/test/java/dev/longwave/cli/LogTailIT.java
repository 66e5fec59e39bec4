package dev.longwave.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longwave.broker.testing.Bus;
import dev.longwave.broker.testing.ServerProcess;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * {@code tail -f app.log | longwave publish logs/app}, while the server is stopped, or killed, or
 * its broker is: which lines come twice, and which are missing.
 *
 * <p>{@code -Dlongwave.log-tail.brokers=MEMORY,NATS,REDIS,POSTGRES} says with which brokers, and
 * {@code -Dlongwave.log-tail.rounds=10} how often.
 */
final class LogTailIT {

    private static final Duration DEADLINE = Duration.ofMinutes(5);
    private static final int SOME_LINES = 300;

    private final AtomicInteger written = new AtomicInteger();
    private final AtomicBoolean stopped = new AtomicBoolean();

    @TempDir private Path folder;

    enum Fault {
        SERVER_STOPPED,
        SERVER_KILLED,
        BROKER_KILLED
    }

    static Stream<Arguments> cases() {
        List<String> brokers =
                List.of(System.getProperty("longwave.log-tail.brokers", "MEMORY,REDIS").split(","));
        return IntStream.range(0, Integer.getInteger("longwave.log-tail.rounds", 1))
                .boxed()
                .flatMap(_ -> brokers.stream())
                .flatMap(broker ->
                        Arrays.stream(Fault.values())
                                .filter(fault -> fault != Fault.BROKER_KILLED || isShared(broker))
                                .map(fault -> Arguments.of(broker, fault)));
    }

    private static boolean isShared(String broker) {
        return !broker.equals("MEMORY");
    }

    @ParameterizedTest
    @MethodSource("cases")
    void losesAndRepeatsNoMoreThanIsSaid(String broker, Fault fault) throws Exception {
        Received received;
        if (isShared(broker)) {
            try (Bus bus = Bus.Kind.valueOf(broker).start()) {
                received = tail(bus.settings(), bus.servers(), fault);
            }
        } else {
            received = tail(List.of("broker.type=memory"), List.of(), fault);
        }

        System.out.printf(
                "log tail: broker=%s fault=%s lines=%d twice=%d missing=%d%n",
                broker, fault, received.written(), received.repeated(), received.missing());
        if (!isShared(broker) && fault == Fault.SERVER_KILLED) {
            // Lines that it had not confirmed are sent again, and the new process knows no IDs.
            // Those that it had confirmed and not delivered are gone, and the subscriber is told.
            assertThat(received.repeated()).isLessThanOrEqualTo(LineBuffer.MAX_UNACKNOWLEDGED);
            assertThat(told("subscribe")).contains("are missing");
        } else {
            assertThat(received.lines()).isSorted();
            assertThat(received.repeated()).isZero();
            assertThat(received.missing()).isZero();
        }
    }

    /**
     * What a subscriber has received.
     *
     * @param lines their numbers
     * @param written the number of the last line, counted from 1
     */
    private record Received(List<Integer> lines, int written) {
        long repeated() {
            return lines.size() - lines.stream().distinct().count();
        }

        long missing() {
            return written - lines.stream().distinct().count();
        }
    }

    /** What a subscriber receives of the lines, up to the last one. */
    private Received tail(List<String> settings, List<ServerProcess> bus, Fault fault)
            throws Exception {
        int port = LongwaveProcess.freePort();
        LongwaveProcess server = LongwaveProcess.serveAt(port, settings);
        Process subscriber = command(port, "subscribe", "logs/app", "--since", "earliest");
        Process publisher = command(port, "publish", "logs/app");
        try {
            CompletableFuture<Void> writing =
                    CompletableFuture.runAsync(() -> write(publisher.getOutputStream()));
            awaitLines(SOME_LINES);

            switch (fault) {
                case SERVER_STOPPED -> server.close();
                case SERVER_KILLED -> server.kill();
                case BROKER_KILLED -> bus.forEach(ServerProcess::kill);
            }
            awaitTold("trying again");
            switch (fault) {
                case SERVER_STOPPED, SERVER_KILLED ->
                        server = LongwaveProcess.serveAt(port, settings);
                case BROKER_KILLED -> bus.forEach(ServerProcess::restart);
            }
            awaitTold("answers again");

            awaitLines(received().size() + SOME_LINES);
            stopped.set(true);
            writing.get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
            assertThat(publisher.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(publisher.exitValue()).isZero();
            await().atMost(DEADLINE).until(() -> received().contains(written.get()));
            return new Received(received(), written.get());
        } finally {
            stopped.set(true);
            publisher.destroyForcibly();
            subscriber.destroyForcibly();
            server.close();
        }
    }

    private void awaitLines(int count) {
        await().atMost(DEADLINE).until(() -> received().size() >= count);
    }

    private void awaitTold(String words) {
        await().atMost(DEADLINE).until(() -> told("publish").contains(words));
    }

    /** What a command has said. */
    private String told(String command) throws IOException {
        return Files.readString(folder.resolve(command));
    }

    /** The lines that are whole. */
    private List<Integer> received() throws IOException {
        String text = Files.readString(folder.resolve("received"));
        return text.substring(0, text.lastIndexOf('\n') + 1)
                .lines()
                .map(Integer::parseInt)
                .toList();
    }

    private Process command(int port, String... args) throws IOException {
        ProcessBuilder command =
                LongwaveProcess.builder(List.of(args))
                        .redirectError(folder.resolve(args[0]).toFile());
        if (args[0].equals("subscribe")) {
            command.redirectOutput(folder.resolve("received").toFile());
        }
        command.environment().put("LONGWAVE_URL", "http://127.0.0.1:" + port);
        return command.start();
    }

    private void write(OutputStream lines) {
        try (lines) {
            while (!stopped.get()) {
                lines.write((written.incrementAndGet() + "\n").getBytes(StandardCharsets.UTF_8));
                lines.flush();
                TimeUnit.MILLISECONDS.sleep(1); // a log that grows
            }
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
