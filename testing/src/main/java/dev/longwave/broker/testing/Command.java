package dev.longwave.broker.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A program that is run to its end. */
final class Command {

    private static final Duration DEADLINE = Duration.ofMinutes(5);

    private final List<String> words;
    private final Path directory;

    /** {@code directory} is where it runs. */
    Command(Path directory, List<String> words) {
        this.directory = directory;
        this.words = List.copyOf(words);
    }

    /**
     * Runs it, and returns what it printed, without the last line's end.
     *
     * @throws IllegalStateException if it fails or takes too long
     */
    String run() {
        Result result = result();
        if (result.status != 0) {
            throw new IllegalStateException(
                    "failed status=" + result.status + ' ' + words + '\n' + result.output);
        }
        return result.output;
    }

    /** Runs it, and returns whether it succeeds. */
    boolean succeeds() {
        return result().status == 0;
    }

    /** Runs it, and returns whether it succeeds and prints this. */
    boolean prints(String expected) {
        return result().equals(new Result(0, expected));
    }

    private record Result(int status, String output) {}

    private Result result() {
        try {
            // To a file: a pipe that nobody reads would hold it up.
            Path output = Files.createTempFile("longwave-", ".txt");
            try {
                Process process =
                        new ProcessBuilder(words)
                                .directory(directory.toFile())
                                .redirectErrorStream(true)
                                .redirectOutput(output.toFile())
                                .start();
                return new Result(status(process), Files.readString(output).stripTrailing());
            } finally {
                Files.delete(output);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private int status(Process process) {
        try {
            if (process.waitFor(DEADLINE)) {
                return process.exitValue();
            }
            throw new IllegalStateException("takes longer than " + DEADLINE + ' ' + words);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted " + words, e);
        } finally {
            process.destroyForcibly();
        }
    }
}
