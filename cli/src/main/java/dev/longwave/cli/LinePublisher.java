package dev.longwave.cli;

import dev.longwave.broker.Durations;
import dev.longwave.cli.Outcome.Accepted;
import dev.longwave.cli.Outcome.Failed;
import dev.longwave.cli.Outcome.Refused;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Publishes each line of an input as an event, in order, also over a connection that breaks and a
 * server that goes away for a while.
 */
final class LinePublisher {
    /*
     * A thread reads lines into a bounded buffer. Requests follow one another: each sends lines from the front of the
     * buffer as they come. Meanwhile the server says how many are published, and those leave the buffer. If a request
     * breaks, the lines without an answer are sent again with the same message IDs, and the server publishes only those
     * that it does not have. It remembers the last 1,000 IDs of a topic for two minutes, so no more than half as many
     * lines are under way. A server that has crashed and kept the IDs in memory knows none of them, and the lines that
     * were under way may be published twice.
     */

    /** How long to wait for a line before a server that says nothing is asked for its answer. */
    static final Duration QUIET = Duration.ofSeconds(2);

    /** How long a request goes on when lines keep coming. */
    static final Duration OPEN = Duration.ofSeconds(30);

    /** What is wrong with a line that is too long: the rules of the server's problems. */
    private static final Set<String> TOO_LONG =
            Set.of("data-too-large", "body-too-large", "block-too-large");

    private final LongwaveClient client;
    private final LongwaveClient.Target target;
    private final LineFormat format;
    private final Options options;
    private final Retry retry;
    private final Terminal terminal;
    private final LineBuffer buffer = new LineBuffer();

    // Written by the reading thread before it ends the buffer, read after the buffer's end.
    private volatile @Nullable String inputFailure;

    private long refused; // of the lines that the buffer has let go of
    private boolean asks = true; // the server to say how far it came while lines are sent
    private boolean told; // whether it does

    /**
     * How lines are published.
     *
     * @param end whether an event without data ends the topic after the last line
     * @param skipTooLong whether lines that are too long are left out, rather than ending it all
     * @param quiet how long to wait for a line before a server that says nothing is asked
     * @param open how long a request goes on when lines keep coming
     */
    record Options(boolean end, boolean skipTooLong, Duration quiet, Duration open) {

        Options(boolean end, boolean skipTooLong) {
            this(end, skipTooLong, QUIET, OPEN);
        }
    }

    LinePublisher(
            LongwaveClient client,
            URI uri,
            LineFormat format,
            Options options,
            Retry retry,
            Terminal terminal) {
        this.client = client;
        this.target = client.target(uri);
        this.format = format;
        this.options = options;
        this.retry = retry;
        this.terminal = terminal;
    }

    /** Publishes the terminal's input to its end, and returns the exit code. */
    int run() throws InterruptedException {
        var input = new LineInput(terminal.in());
        Thread.ofPlatform().daemon().name("input").start(() -> read(input));
        while (buffer.awaitLine()) {
            int exitCode = publishSome();
            if (exitCode != ExitCode.DONE) {
                return exitCode;
            }
        }
        String failure = inputFailure;
        if (failure != null) {
            terminal.say("%s; %s accepted".formatted(failure, acceptedLines()));
            return ExitCode.GAVE_UP;
        }
        return ExitCode.DONE;
    }

    private void read(LineInput input) {
        long number = 0;
        try {
            boolean more = true;
            while (more) {
                number++;
                more = read(input, number);
            }
            if (options.end() && inputFailure == null) {
                buffer.add(format.end(number));
            }
        } catch (IOException e) {
            inputFailure = "cannot read line %d: %s".formatted(number, e.getMessage());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            inputFailure = "interrupted";
        } finally {
            buffer.end();
        }
    }

    /** Reads line {@code number}, and says whether there may be another one. */
    private boolean read(LineInput input, long number) throws IOException, InterruptedException {
        Optional<byte[]> bytes;
        try {
            bytes = input.next();
        } catch (LineInput.LineTooLongException e) {
            if (!options.skipTooLong()) {
                throw e;
            }
            saySkipped(number, e.getMessage());
            return true;
        }
        if (bytes.isEmpty()) {
            return false;
        }
        if (format.json() && isBlank(bytes.get())) {
            return true;
        }
        Optional<Line> line = format.line(number, bytes.get());
        if (line.isEmpty()) {
            inputFailure = "line %d is not a JSON object in UTF-8".formatted(number);
            return false;
        }
        buffer.add(line.get());
        return true;
    }

    private static boolean isBlank(byte[] line) {
        for (byte b : line) {
            if (b != ' ' && b != '\t' && b != '\r') {
                return false;
            }
        }
        return true;
    }

    /** Makes requests until there is an answer for at least one line. */
    private int publishSome() throws InterruptedException {
        return switch (retry.run(this::send)) {
            case Accepted _ -> ExitCode.DONE;
            case Refused(Problem problem) -> refused(problem);
            case Failed(String reason, _) -> gaveUp(reason);
        };
    }

    private Outcome send() throws InterruptedException {
        long before = buffer.acknowledged();
        var request = new LineRequest(client, buffer, options.quiet(), options.open(), told);
        Outcome outcome = request.send(target, asks);
        asks &= !request.isStalled();
        told = asks && request.isTold();
        boolean goesOn = outcome instanceof Failed && buffer.acknowledged() > before;
        // The next request finds out whether the failure lasts.
        return goesOn ? new Accepted(Map.of()) : outcome;
    }

    private int refused(Problem problem) {
        if (problem.line().isEmpty()) {
            terminal.say("refused: %s; %s accepted".formatted(problem.text(), acceptedLines()));
            return ExitCode.REFUSED;
        }
        long number = buffer.head().number();
        if (options.skipTooLong() && TOO_LONG.contains(problem.rule())) {
            saySkipped(number, problem.text());
            buffer.acknowledge(buffer.acknowledged() + 1);
            refused++;
            return ExitCode.DONE;
        }
        terminal.say(
                "line %d was refused: %s; %s accepted%s"
                        .formatted(
                                number,
                                problem.text(),
                                acceptedLines(),
                                TOO_LONG.contains(problem.rule())
                                        ? "; --skip-too-long leaves such lines out"
                                        : ""));
        return ExitCode.REFUSED;
    }

    private void saySkipped(long number, @Nullable String reason) {
        terminal.say("line %d was skipped: %s".formatted(number, reason));
    }

    private int gaveUp(String reason) {
        terminal.say(
                "gave up after %s: %s; %s accepted, and up to %d more may have been"
                        .formatted(
                                Durations.text(retry.timeout()),
                                reason,
                                acceptedLines(),
                                Math.min(buffer.size(), LineBuffer.MAX_UNACKNOWLEDGED)));
        return ExitCode.GAVE_UP;
    }

    private String acceptedLines() {
        long accepted = buffer.acknowledged() - refused;
        return accepted == 1 ? "1 line was" : accepted + " lines were";
    }
}
