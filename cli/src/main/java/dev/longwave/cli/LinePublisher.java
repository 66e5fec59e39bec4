package dev.longwave.cli;

import dev.longwave.cli.Outcome.Accepted;
import dev.longwave.cli.Outcome.Failed;
import dev.longwave.cli.Outcome.Refused;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Publishes each line of an input as an event, once and in order, also over a connection that
 * breaks and a server that goes away for a while.
 */
final class LinePublisher {
    /*
     * A thread reads lines into a bounded buffer. Requests follow one another: each sends lines from
     * the front of the buffer as they come, and its answer lets go of them. If there is no answer,
     * nobody knows how far the server came; then the front of the buffer is sent again, as a whole
     * and with the same message ids, until the server answers, and it publishes only what it has
     * not. It remembers the last 1,000 ids of a topic for two minutes: hence at most 500 lines in a
     * request, with room for what another request has left behind, and bounds on how long one is
     * open, how long an answer may take and how long to try, which together stay below that.
     *
     * A repeated request has all its lines at once, and with them its length: a server that refuses
     * the lines long before their end may close the connection of a request that is still sending,
     * and its answer is lost, but that to a short request arrives.
     */

    /** How long a request goes on without a line: the JDK notices a closed connection only then. */
    static final Duration QUIET = Duration.ofSeconds(2);

    /** How long a request goes on when lines keep coming. */
    static final Duration OPEN = Duration.ofSeconds(30);

    private static final Duration ANSWER = Duration.ofSeconds(15);

    private final LongwaveClient client;
    private final URI uri;
    private final LineFormat format;
    private final boolean end;
    private final Duration quiet;
    private final Duration open;
    private final Retry retry;
    private final Terminal terminal;
    private final LineBuffer buffer = new LineBuffer();

    // Written by the reading thread before it ends the buffer, read after the buffer's end.
    private volatile @Nullable String inputFailure;

    // How many lines the latest request had, and how many were acknowledged in all.
    private int sent;
    private long accepted;

    /**
     * @param end whether an event without data ends the topic after the last line
     * @param quiet how long a request goes on without a line
     * @param open how long a request goes on when lines keep coming
     */
    LinePublisher(
            LongwaveClient client,
            URI uri,
            LineFormat format,
            boolean end,
            Duration quiet,
            Duration open,
            Retry retry,
            Terminal terminal) {
        this.client = client;
        this.uri = uri;
        this.format = format;
        this.end = end;
        this.quiet = quiet;
        this.open = open;
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
        long number = 1;
        try {
            Optional<String> text = input.next();
            while (text.isPresent()) {
                if (!format.json() || !text.get().isBlank()) {
                    Optional<Line> line = format.line(number, text.get());
                    if (line.isEmpty()) {
                        inputFailure = "line %d is not a JSON object".formatted(number);
                        return;
                    }
                    buffer.add(line.get());
                }
                number++;
                text = input.next();
            }
            if (end) {
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

    /** One request, and as many again as it takes to be sure of its lines. */
    private int publishSome() throws InterruptedException {
        return switch (retry.run(this::sendAsTheyCome, this::sendAgain)) {
            case Accepted _ -> {
                buffer.acknowledge(sent);
                accepted += sent;
                yield ExitCode.DONE;
            }
            case Refused(Problem problem) -> refused(problem, buffer.head());
            case Failed(String reason, _) -> gaveUp(reason);
        };
    }

    private Outcome sendAsTheyCome() throws InterruptedException {
        var body = new LineBody(buffer, quiet, open);
        Outcome outcome = post(BodyPublishers.fromPublisher(body), open.plus(ANSWER));
        sent = body.count();
        return checked(outcome);
    }

    private Outcome sendAgain() throws InterruptedException {
        List<Line> lines = buffer.head();
        sent = lines.size();
        return checked(post(BodyPublishers.ofString(text(lines)), ANSWER));
    }

    private Outcome post(BodyPublisher body, Duration deadline) throws InterruptedException {
        return client.post(uri, "application/x-ndjson", body, deadline);
    }

    /** Takes no answer for good that does not speak for all lines. */
    private Outcome checked(Outcome outcome) {
        if (!(outcome instanceof Accepted(Map<String, String> members))) {
            return outcome;
        }
        long counted = number(members, "published") + number(members, "duplicates");
        return counted < sent
                ? new Failed(
                        "the server did not count all lines sent=%d counted=%d"
                                .formatted(sent, counted),
                        Duration.ZERO)
                : outcome;
    }

    private static long number(Map<String, String> members, String name) {
        try {
            return Long.parseLong(members.getOrDefault(name, ""));
        } catch (NumberFormatException _) {
            return 0;
        }
    }

    private int refused(Problem problem, List<Line> sent) {
        long line = problem.line().orElse(0);
        if (line >= 1 && line <= sent.size()) {
            accepted += line - 1;
            terminal.say(
                    "line %d was refused: %s; %s accepted"
                            .formatted(
                                    sent.get((int) line - 1).number(),
                                    problem.text(),
                                    acceptedLines()));
        } else {
            terminal.say("refused: %s; %s accepted".formatted(problem.text(), acceptedLines()));
        }
        return ExitCode.REFUSED;
    }

    private int gaveUp(String reason) {
        terminal.say(
                "gave up after %s: %s; %s accepted, and up to %d more may have been"
                        .formatted(retry.timeout(), reason, acceptedLines(), buffer.head().size()));
        return ExitCode.GAVE_UP;
    }

    private String acceptedLines() {
        return accepted == 1 ? "1 line was" : accepted + " lines were";
    }

    private static String text(List<Line> lines) {
        return lines.stream().map(line -> line.json() + '\n').collect(Collectors.joining());
    }
}
