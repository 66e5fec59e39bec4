package dev.longwave.cli;

import dev.longwave.cli.EventStreamParser.EventTooLongException;
import dev.longwave.cli.Outcome.Accepted;
import dev.longwave.cli.Outcome.Failed;
import dev.longwave.cli.Outcome.Refused;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/**
 * Prints the events of a stream, and resumes whenever the connection is lost, until the topic has
 * ended.
 */
final class StreamSubscriber {
    /*
     * The parser hands out an event only after its blank line, and an event is printed before its ID
     * is used to resume: so each is printed once.
     */

    private static final Duration DEFAULT_RETRY = Duration.ofSeconds(1);
    private static final int MAX_PROBLEM_BYTES = 64 << 10;

    /** EPIPE, in the words of most systems and languages. */
    private static final String BROKEN_PIPE = "Broken pipe";

    private final LongwaveClient client;
    private final URI uri;
    private final long limit;
    private final Duration idleTimeout;
    private final Timing timing;
    private final Terminal terminal;
    private final EventPrinter printer;
    private final Backoff backoff;

    private String lastEventId = "";
    private Duration retry = DEFAULT_RETRY;
    private long printed;
    private boolean connected; // the latest attempt had a stream
    private boolean failing;

    /** What to do next. */
    private sealed interface Next {

        /** Nothing more: the command is done. */
        record Stop(int exitCode) implements Next {}

        /** Connect again, after at least so long. */
        record ComeBack(Duration after) implements Next {}
    }

    /** The output cannot be written. */
    private static final class OutputFailedException extends Exception {
        private static final long serialVersionUID = 1L;

        OutputFailedException(IOException cause) {
            super(cause.getMessage(), cause);
        }
    }

    /**
     * @param limit how many events to print, 0 for all
     * @param idleTimeout how long a stream may be silent before it counts as lost
     */
    StreamSubscriber(
            LongwaveClient client,
            URI uri,
            long limit,
            Duration idleTimeout,
            Timing timing,
            Terminal terminal,
            EventPrinter printer) {
        this.client = client;
        this.uri = uri;
        this.limit = limit;
        this.idleTimeout = idleTimeout;
        this.timing = timing;
        this.terminal = terminal;
        this.printer = printer;
        this.backoff = new Backoff(timing.random());
    }

    /** Prints events until there is no more to come, and returns the exit code. */
    int run() throws InterruptedException {
        try {
            while (true) {
                switch (follow()) {
                    case Next.Stop(int exitCode) -> {
                        return exitCode;
                    }
                    case Next.ComeBack(Duration after) -> {
                        Duration delay = backoff.next(retry);
                        timing.pause().pause(delay.compareTo(after) > 0 ? delay : after);
                    }
                }
            }
        } catch (OutputFailedException e) {
            return outputFailed(String.valueOf(e.getMessage()));
        }
    }

    /** A pipe that nobody reads any more is no failure. */
    private int outputFailed(String reason) {
        if (reason.equals(BROKEN_PIPE) || terminal.device().get().isClosed()) {
            return ExitCode.DONE;
        }
        terminal.say("cannot write the output: " + reason);
        return ExitCode.GAVE_UP;
    }

    private Next follow() throws InterruptedException, OutputFailedException {
        connected = false;
        try {
            HttpResponse<StreamBody> answer = client.stream(uri, lastEventId, idleTimeout);
            try {
                return switch (answer.statusCode()) {
                    case 200 -> read(answer);
                    case 204 -> new Next.Stop(ExitCode.DONE);
                    default -> notServed(answer);
                };
            } finally {
                answer.body().cancel();
            }
        } catch (EventTooLongException e) {
            terminal.say(client.reason(e));
            return new Next.Stop(ExitCode.GAVE_UP);
        } catch (IOException e) {
            return lost(client.reason(e), Duration.ZERO);
        }
    }

    private Next read(HttpResponse<StreamBody> answer)
            throws IOException, InterruptedException, OutputFailedException {
        String contentType = answer.headers().firstValue("Content-Type").orElse("");
        if (!contentType.startsWith("text/event-stream")) {
            return refused(new Problem(200, LongwaveClient.notLongwave()));
        }
        connected = true;
        var parser = new EventStreamParser(lastEventId);
        while (true) {
            List<ByteBuffer> pieces = answer.body().next(idleTimeout);
            if (pieces.isEmpty()) {
                return new Next.ComeBack(Duration.ZERO);
            }
            wellAgain();
            for (ByteBuffer piece : pieces) {
                if (print(parser.parse(piece))) {
                    return new Next.Stop(ExitCode.DONE);
                }
            }
            lastEventId = parser.lastEventId();
            retry = parser.retry().orElse(retry);
        }
    }

    /** Prints events up to the limit, and says whether it is reached. */
    private boolean print(List<ServerSentEvent> events) throws OutputFailedException {
        try {
            for (ServerSentEvent event : events) {
                if (printer.print(event) && ++printed == limit) {
                    break;
                }
            }
            printer.flush();
        } catch (IOException e) {
            throw new OutputFailedException(e);
        }
        return limit > 0 && printed == limit;
    }

    private Next notServed(HttpResponse<StreamBody> answer)
            throws IOException, InterruptedException {
        String body = problemText(answer.body());
        return switch (LongwaveClient.failure(answer.statusCode(), answer.headers(), body)) {
            case Failed(String reason, Duration retryAfter) -> lost(reason, retryAfter);
            case Refused(Problem problem) -> refused(problem);
            case Accepted _ -> throw new AssertionError("not a failure");
        };
    }

    private String problemText(StreamBody body) throws IOException, InterruptedException {
        var text = new ByteArrayOutputStream();
        List<ByteBuffer> pieces = body.next(idleTimeout);
        while (!pieces.isEmpty() && text.size() < MAX_PROBLEM_BYTES) {
            for (ByteBuffer piece : pieces) {
                byte[] bytes = new byte[piece.remaining()];
                piece.get(bytes);
                text.writeBytes(bytes);
            }
            pieces = body.next(idleTimeout);
        }
        return text.toString(StandardCharsets.UTF_8);
    }

    private Next refused(Problem problem) {
        terminal.say("refused: " + problem.text());
        return new Next.Stop(ExitCode.REFUSED);
    }

    /** Reports only the first of several failures in a row: one line is enough. */
    private Next lost(String reason, Duration after) {
        if (!failing) {
            failing = true;
            terminal.say((connected ? "connection lost: " : "") + reason + "; trying again");
        }
        return new Next.ComeBack(after);
    }

    private void wellAgain() {
        backoff.reset();
        if (failing) {
            failing = false;
            terminal.say("connected");
        }
    }
}
