package dev.longwave.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code tail -f app.log | longwave publish logs/app}, while the server is stopped, or killed, and
 * started again, with the broker that forgets everything.
 */
final class LogTailIT {

    private static final Duration DEADLINE = Duration.ofMinutes(5);
    private static final int SOME_LINES = 300;

    private final AtomicInteger written = new AtomicInteger();
    private final AtomicBoolean stopped = new AtomicBoolean();

    @TempDir private Path folder;

    @Test
    void repeatsNothingOverAStopOfTheServer() throws Exception {
        List<Integer> received = tail(LongwaveProcess::close);

        assertThat(received).doesNotHaveDuplicates().isSorted();
        assertThat(folder.resolve("publish")).content().contains("trying again", "answers again");
    }

    /** Lines that it had not confirmed are sent again, and the new process knows no IDs. */
    @Test
    void repeatsNoMoreThanWasUnderWayWhenTheServerIsKilled() throws Exception {
        List<Integer> received = tail(LongwaveProcess::kill);

        long repeated = received.size() - received.stream().distinct().count();
        assertThat(repeated).isLessThanOrEqualTo(LineBuffer.MAX_UNACKNOWLEDGED);
    }

    private interface Ending {
        void end(LongwaveProcess server) throws Exception;
    }

    /** What a subscriber receives of the lines, up to the last one. */
    private List<Integer> tail(Ending ending) throws Exception {
        int port = LongwaveProcess.freePort();
        LongwaveProcess server = LongwaveProcess.serveAt(port);
        Process subscriber = command(port, "subscribe", "logs/app", "--since", "earliest");
        Process publisher = command(port, "publish", "logs/app");
        try {
            CompletableFuture<Void> writing =
                    CompletableFuture.runAsync(() -> write(publisher.getOutputStream()));
            awaitLines(SOME_LINES);

            ending.end(server);
            server = LongwaveProcess.serveAt(port);

            awaitLines(received().size() + SOME_LINES);
            stopped.set(true);
            writing.get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
            assertThat(publisher.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(publisher.exitValue()).isZero();
            await().atMost(DEADLINE).until(() -> received().contains(written.get()));
            return received();
        } finally {
            publisher.destroyForcibly();
            subscriber.destroyForcibly();
            server.close();
        }
    }

    private void awaitLines(int count) {
        await().atMost(DEADLINE).until(() -> received().size() >= count);
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
