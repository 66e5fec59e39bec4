package dev.longwave.cli;

import dev.longwave.cli.Outcome.Accepted;
import dev.longwave.cli.Outcome.Failed;
import dev.longwave.cli.Outcome.Refused;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.http.HttpHeaders;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * A request that sends lines as they come, from the front of a buffer, and removes them from it as
 * the server confirms, during the request, that they are published.
 *
 * <p>It ends when it has been open for long enough. If the server confirms nothing during the
 * request, it ends sooner, for the server's answer: when the input is quiet, or as many lines are
 * under way as may be.
 */
final class LineRequest {
    /*
     * Two threads: the caller reads the answer, and another one sends. java.net.http does not hand out an answer
     * before the whole request was sent, so this is HTTP/1.1 on a socket.
     */
    private static final int PIECE_BYTES = 16 << 10;
    private static final Duration ANSWER = Duration.ofSeconds(15);
    private static final Duration STOPPING = Duration.ofSeconds(5);
    private static final byte[] CR_LF = {'\r', '\n'};
    private static final byte[] LAST_CHUNK = "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final LongwaveClient client;
    private final LineBuffer buffer;
    private final Duration quiet;
    private final Duration open;
    private final long start;
    private volatile long deadline; // for the answer
    private boolean stalled; // the server has said how far it came, and then nothing
    private volatile boolean told; // the server says how far it came, while lines are sent
    private volatile long next; // the line to be sent next

    /**
     * @param quiet how long to wait for a line before the server is asked for its answer
     * @param open how long it may last when lines keep coming
     * @param told whether the server is known to say how far it came while lines are sent
     */
    LineRequest(
            LongwaveClient client, LineBuffer buffer, Duration quiet, Duration open, boolean told) {
        this.client = client;
        this.buffer = buffer;
        this.quiet = quiet;
        this.open = open;
        this.told = told;
        this.start = buffer.acknowledged();
        this.next = start;
        this.deadline = System.nanoTime() + open.plus(ANSWER).toNanos();
    }

    /** Whether the server says how far it came, while lines are sent. */
    boolean isTold() {
        return told;
    }

    /** How many lines were sent but are not known to be published. */
    private long unconfirmed() {
        return next - buffer.acknowledged();
    }

    /**
     * Whether something between here and the server passes on no lines once the answer has begun.
     */
    boolean isStalled() {
        return stalled;
    }

    /**
     * Sends lines to the target, and returns what became of them.
     *
     * @param ask whether to ask the server to say how far it came while lines are sent
     */
    Outcome send(LongwaveClient.Target target, boolean ask) throws InterruptedException {
        try (Socket socket = target.connect()) {
            OutputStream out = socket.getOutputStream();
            String accept = ask ? "Accept: application/x-ndjson\r\n" : "";
            out.write(target.head(accept + "Transfer-Encoding: chunked\r\n"));
            Thread sender = Thread.ofVirtual().name("lines").start(() -> sendLines(out));
            try {
                return read(new Http1Answer(socket, () -> deadline));
            } finally {
                sender.interrupt(); // which closes the socket if it is writing
                var _ = sender.join(STOPPING);
            }
        } catch (IOException e) {
            stalled = told && e instanceof HttpTimeoutException;
            return new Failed(client.reason(e) + unanswered(), Duration.ZERO);
        }
    }

    private String unanswered() {
        long lines = unconfirmed();
        return switch ((int) lines) {
            case 0 -> "";
            case 1 -> "; 1 line is without an answer";
            default -> "; " + lines + " lines are without an answer";
        };
    }

    private void sendLines(OutputStream out) {
        long end = System.nanoTime() + open.toNanos();
        try {
            byte[] piece = piece(end);
            while (piece.length > 0) {
                out.write("%x\r\n".formatted(piece.length).getBytes(StandardCharsets.US_ASCII));
                out.write(piece);
                out.write(CR_LF);
                out.flush();
                piece = piece(end);
            }
            out.write(LAST_CHUNK);
            out.flush();
            deadline = System.nanoTime() + ANSWER.toNanos();
        } catch (IOException _) {
            // The reader finds that out, or has an answer already.
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // there is an answer
        }
    }

    /** Waits for a line, and takes along those that are there already; empty at the end. */
    private byte[] piece(long end) throws InterruptedException {
        var piece = new ByteArrayOutputStream();
        Optional<Line> line = awaitLine(end);
        while (line.isPresent()) {
            long following = next + 1; // only this thread writes it
            next = following;
            piece.writeBytes((line.get().json() + '\n').getBytes(StandardCharsets.UTF_8));
            line = piece.size() < PIECE_BYTES ? buffer.await(following, 0) : Optional.empty();
        }
        return piece.toByteArray();
    }

    private Optional<Line> awaitLine(long end) throws InterruptedException {
        while (true) {
            if (buffer.isFull(next) && !told) {
                return Optional.empty();
            }
            long left = end - System.nanoTime();
            Optional<Line> line = buffer.await(next, Math.min(quiet.toNanos(), left));
            boolean over = buffer.endsBefore(next) || left <= 0 || unconfirmed() > 0;
            if (line.isPresent() || over) {
                return line;
            }
        }
    }

    private Outcome read(Http1Answer answer) throws IOException {
        if (answer.status() != 200) {
            return failure(answer.status(), answer.headers(), answer.text());
        }
        Map<String, String> last = Map.of();
        var lines = new LineInput(answer.body());
        for (Optional<byte[]> line = lines.next(); line.isPresent(); line = lines.next()) {
            String text = new String(line.get(), StandardCharsets.UTF_8);
            Optional<Map<String, String>> members = Json.members(text);
            if (members.isEmpty()) {
                return new Refused(new Problem(200, LongwaveClient.notLongwave()));
            }
            last = members.get();
            if (last.containsKey("status")) {
                return failure((int) number(last, "status"), answer.headers(), text);
            }
            boolean complete = last.containsKey("complete");
            long counted = number(last, "published") + number(last, "duplicates");
            // An older server speaks only of all lines.
            if (answer.isInLines() || complete || counted >= next - start) {
                acknowledge(counted);
            }
            told |= answer.isInLines() && !complete;
        }
        return ended(last);
    }

    private Outcome failure(int status, HttpHeaders headers, String body) {
        Problem.of(status, body).line().ifPresent(line -> acknowledge(line - 1));
        return LongwaveClient.failure(status, headers, body);
    }

    private Outcome ended(Map<String, String> last) {
        if (last.getOrDefault("complete", "").equals("false")) {
            return new Failed("the server is stopping", Duration.ZERO);
        }
        return unconfirmed() > 0
                ? new Failed(
                        "the server did not count all lines sent=%d counted=%d"
                                .formatted(next - start, next - start - unconfirmed()),
                        Duration.ZERO)
                : new Accepted(last);
    }

    /** A server that has counted more than was sent is not believed. */
    private void acknowledge(long counted) {
        buffer.acknowledge(Math.min(start + counted, next));
    }

    private static long number(Map<String, String> members, String name) {
        try {
            return Long.parseLong(members.getOrDefault(name, ""));
        } catch (NumberFormatException _) {
            return 0;
        }
    }
}
