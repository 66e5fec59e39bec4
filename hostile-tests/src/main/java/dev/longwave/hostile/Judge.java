package dev.longwave.hostile;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** Sends inputs to a server, and says what is wrong with what comes back. Safe for many threads. */
final class Judge {
    /*
     * An answer or the end of the connection is due within 10 s: twice the target's idle timeout, which ends an
     * HTTP/2 connection whose last frames were lost or damaged. A server on a busy machine may take longer: as
     * long as 20 small requests would take one after the other. One is sent when the 10 s are over.
     */
    private static final Duration DUE = Duration.ofSeconds(10);
    private static final int SLOWER_THAN_CONTROL = 20;

    /** So many that no address runs out of ports while those of ended connections are kept. */
    private static final int ADDRESSES = 250;

    private final Target target;
    private final AtomicInteger connections = new AtomicInteger();

    Judge(Target target) {
        this.target = target;
    }

    /** {@return what is wrong, if something is} */
    Optional<String> faultOf(FuzzInput input) throws IOException {
        int host = 1 + Math.floorMod(connections.getAndIncrement(), ADDRESSES);
        try (Wire wire = Wire.from("127.0.1." + host, target.port())) {
            long deadline = System.nanoTime() + DUE.toNanos();
            boolean _ = wire.trySend(input.bytes());
            if (input.ends()) {
                endSending(wire);
            }
            wire.timeout(DUE);
            try {
                return faultOfAnswers(input, wire);
            } catch (SocketTimeoutException _) {
                return faultOfSilence(wire, deadline);
            }
        }
    }

    private static void endSending(Wire wire) {
        try {
            wire.endSending();
        } catch (IOException _) {
            // The server has ended it already.
        }
    }

    private Optional<String> faultOfAnswers(FuzzInput input, Wire wire) throws IOException {
        try {
            return switch (input.protocol()) {
                case HTTP_1 -> faultOfReplies(input, wire);
                case HTTP_2 -> faultOfFrames(input, new Http2Wire(wire));
            };
        } catch (EOFException | SocketException _) {
            return Optional.empty();
        } catch (SocketTimeoutException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            return Optional.of("what came back cannot be read: " + e);
        }
    }

    private static Optional<String> faultOfReplies(FuzzInput input, Wire wire) throws IOException {
        boolean head = input.mentionsHead();
        while (true) {
            Reply reply = Reply.read(wire.in(), head);
            Optional<String> fault = reply.fault(!head);
            boolean goesOn = input.ends() && !head && reply.status() != 101;
            if (fault.isPresent() || !goesOn || reply.isEventStream()) {
                return fault;
            }
        }
    }

    private static Optional<String> faultOfFrames(FuzzInput input, Http2Wire connection)
            throws IOException {
        boolean head = input.mentionsHead();
        while (true) {
            Frame frame = connection.next();
            Optional<Reply> reply = connection.take(frame);
            Optional<String> fault = reply.flatMap(answer -> answer.fault(!head));
            // An open event stream has heartbeats for ever, and the PING may be lost or damaged.
            boolean over =
                    !input.ends()
                            && (Http2Grammar.answersFinalPing(frame)
                                    || reply.filter(Reply::isEventStream).isPresent());
            if (fault.isPresent() || over) {
                return fault;
            }
        }
    }

    private Optional<String> faultOfSilence(Wire wire, long deadline) throws IOException {
        Duration control = control();
        Duration more =
                control.multipliedBy(SLOWER_THAN_CONTROL)
                        .minusNanos(Math.max(0, System.nanoTime() - deadline))
                        .minus(DUE);
        return more.isPositive() && wire.awaitEnd(more) == Wire.End.CLOSED
                ? Optional.empty()
                : Optional.of("silent for " + DUE + ", while a small request took " + control);
    }

    /** {@return how long a small request takes now} */
    private Duration control() {
        long began = System.nanoTime();
        boolean healthy = target.isHealthy();
        Duration took = Duration.ofNanos(System.nanoTime() - began);
        return healthy ? took : Duration.ZERO;
    }
}
