package dev.longwave.broker.nats;

import dev.longwave.broker.BrokerRefusedException;
import dev.longwave.broker.BrokerRefusedException.Reason;
import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.MessageRefusedException;
import io.nats.client.Connection;
import io.nats.client.JetStreamStatusException;
import io.nats.client.Message;
import io.nats.client.impl.Headers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Sends requests to the servers, and waits for answers no longer than the timeout. */
final class Requests {
    /*
     * The library keeps a request open when its connection is lost, although its answer can no longer
     * arrive: here all open requests are ended. A request that is sent while the connection is being
     * lost may be missed, and then waits for its timeout; one that is sent right after a reconnection
     * may be ended although its answer would arrive. Neither does harm.
     */
    private final Connection connection;
    private final Duration timeout;
    private final RoundTrips roundTrips;
    private final AtomicLong next = new AtomicLong();
    private final Map<Long, Open> open = new ConcurrentHashMap<>();
    private volatile @Nullable Denied lastDenied;

    /**
     * A request without an answer.
     *
     * @param subject on which it was sent; empty if that is of no interest
     */
    private record Open(String subject, CompletableFuture<?> answer) {}

    /** What the servers did not permit, and when. */
    private record Denied(String subject, long nanos) {}

    /** The outcome of a request. */
    sealed interface Answer {

        /** The servers have answered. */
        record Reply(Message message) implements Answer {}

        /** It was not sent. */
        record NotSent(String why) implements Answer {}

        /** Nobody received it: nothing has happened. */
        record NotReceived(String why) implements Answer {}

        /** It is longer than this server accepts, and was not sent. */
        record TooLong(String why) implements Answer {}

        /** The servers do not permit it: nothing has happened. */
        record Denied(String why) implements Answer {}

        /** No answer has arrived: something may have happened. */
        record Unknown(String why) implements Answer {}
    }

    Requests(Connection connection, Duration timeout) {
        this.connection = connection;
        this.timeout = timeout;
        this.roundTrips = new RoundTrips(connection, timeout);
    }

    Duration timeout() {
        return timeout;
    }

    /** Reports that the connection is lost: ends all open requests. */
    void disconnected() {
        open.values().forEach(each -> each.answer.completeExceptionally(new LostException()));
    }

    /** Reports that the servers do not permit messages on {@code subject}: ends their requests. */
    void denied(String subject) {
        lastDenied = new Denied(subject, System.nanoTime());
        open.values().stream()
                .filter(each -> each.subject.equals(subject))
                .forEach(each -> each.answer.completeExceptionally(new DeniedException(subject)));
    }

    /**
     * {@return the reply to one request}
     *
     * @param attempt what is attempted, for an exception's message
     * @throws BrokerUnavailableException if no reply arrives in time, or if interrupted
     */
    Message ask(String attempt, String subject, byte[] body) {
        return askAll(attempt, subject, List.of(body)).getFirst();
    }

    /** {@return the replies to these requests, which are sent together} */
    List<Message> askAll(String attempt, String subject, List<byte[]> bodies) {
        long deadline = System.nanoTime() + timeout.toNanos();
        var answers = new ArrayList<CompletableFuture<Message>>();
        try {
            for (byte[] body : bodies) {
                answers.add(send(subject, null, body));
            }
            var replies = new ArrayList<Message>();
            for (CompletableFuture<Message> answer : answers) {
                replies.add(reply(attempt, await(attempt, answer, deadline - System.nanoTime())));
            }
            return replies;
        } catch (NotSentException e) {
            throw notSent(attempt, e.why());
        } finally {
            answers.forEach(answer -> answer.cancel(false));
        }
    }

    /**
     * {@return the reply}
     *
     * @throws BrokerUnavailableException if there is none
     * @throws BrokerRefusedException if the servers do not permit it
     */
    Message reply(String attempt, Answer answer) {
        return switch (answer) {
            case Answer.Reply(Message message) -> message;
            case Answer.NotSent(String why) -> throw notSent(attempt, why);
            case Answer.NotReceived(String why) -> throw notSent(attempt, why);
            case Answer.TooLong(String why) -> throw new MessageRefusedException(why);
            case Answer.Denied(String why) ->
                    throw new BrokerRefusedException(
                            Reason.DENIED, "cannot " + attempt + ": " + why, null);
            case Answer.Unknown(String why) -> throw unavailable(attempt, why);
        };
    }

    /** A request to send. */
    @SuppressWarnings("ArrayRecordComponent") // never compared, never changed
    record Outgoing(String subject, @Nullable Headers headers, byte[] body) {

        /** A request without headers and without content. */
        static Outgoing empty(String subject) {
            return new Outgoing(subject, null, new byte[0]);
        }
    }

    /**
     * {@return the outcome of one request after at most {@code wait}}
     *
     * @throws MessageRefusedException if it is too long for the server
     * @throws BrokerUnavailableException if interrupted
     */
    Answer tryOnce(String attempt, Outgoing request, Duration wait) {
        CompletableFuture<Message> answer;
        try {
            answer = send(request.subject, request.headers, request.body);
        } catch (NotSentException e) {
            return new Answer.NotSent(e.why());
        }
        try {
            return await(attempt, answer, wait.toNanos());
        } finally {
            answer.cancel(false);
        }
    }

    /**
     * {@return the outcome of each of these requests after at most {@code wait}} They are sent
     * together, in the order of the list; one that is too long for the server is not received.
     *
     * @throws BrokerUnavailableException if interrupted
     */
    List<Answer> tryAll(String attempt, List<Outgoing> all, Duration wait) {
        long deadline = System.nanoTime() + wait.toNanos();
        var sent = new ArrayList<CompletableFuture<Message>>();
        try {
            for (Outgoing request : all) {
                try {
                    sent.add(send(request.subject, request.headers, request.body));
                } catch (NotSentException | MessageRefusedException e) {
                    sent.add(CompletableFuture.failedFuture(e));
                }
            }
            var answers = new ArrayList<Answer>();
            for (CompletableFuture<Message> answer : sent) {
                answers.add(await(attempt, answer, deadline - System.nanoTime()));
            }
            return answers;
        } finally {
            sent.forEach(answer -> answer.cancel(false));
        }
    }

    private static Answer await(String attempt, CompletableFuture<Message> answer, long waitNanos) {
        try {
            return new Answer.Reply(answer.get(Math.max(0, waitNanos), TimeUnit.NANOSECONDS));
        } catch (TimeoutException | CancellationException _) {
            return new Answer.Unknown("no answer in time");
        } catch (ExecutionException e) {
            return switch (e.getCause()) {
                case JetStreamStatusException _ ->
                        new Answer.NotReceived(
                                "nobody receives it: there is no JetStream, or no leader now");
                case LostException _ -> new Answer.Unknown("the connection was lost");
                case DeniedException denied ->
                        new Answer.Denied(String.valueOf(denied.getMessage()));
                case NotSentException notSent -> new Answer.NotSent(notSent.why());
                case MessageRefusedException refused ->
                        new Answer.TooLong(String.valueOf(refused.getMessage()));
                case null, default -> new Answer.Unknown("no answer: " + e.getCause());
            };
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BrokerUnavailableException("interrupted, cannot " + attempt, e);
        }
    }

    private CompletableFuture<Message> send(String subject, @Nullable Headers headers, byte[] body)
            throws NotSentException {
        CompletableFuture<Message> answer;
        long sentAt = System.nanoTime();
        try {
            answer = connection.requestWithTimeout(subject, headers, body, timeout);
        } catch (IllegalStateException e) { // not connected, or the send queue is full
            throw new NotSentException(e);
        } catch (IllegalArgumentException e) { // longer than this server's max_payload
            throw new MessageRefusedException(
                    "the server does not accept the message: " + e.getMessage(), e);
        }
        register(subject, answer);
        Denied denied = lastDenied; // it may have been told before the request was registered
        if (denied != null && denied.subject.equals(subject) && denied.nanos - sentAt >= 0) {
            answer.completeExceptionally(new DeniedException(subject));
        }
        return answer;
    }

    /**
     * Returns once the server has received everything sent before.
     *
     * @param attempt what is attempted, for an exception's message
     * @throws BrokerUnavailableException if it does not answer, or if interrupted
     */
    void roundTrip(String attempt) {
        roundTrips.await(attempt);
    }

    /** Ends {@code answer} as well if the connection is lost. */
    void register(CompletableFuture<?> answer) {
        register("", answer);
    }

    private void register(String subject, CompletableFuture<?> answer) {
        long key = next.incrementAndGet();
        open.put(key, new Open(subject, answer));
        var _ = answer.whenComplete((_, _) -> open.remove(key));
    }

    BrokerUnavailableException unavailable(String attempt, String why) {
        return new BrokerUnavailableException(
                "cannot %s: %s timeout=%s".formatted(attempt, why, timeout));
    }

    private BrokerUnavailableException notSent(String attempt, String why) {
        return BrokerUnavailableException.notSent(
                "cannot %s: %s timeout=%s".formatted(attempt, why, timeout), null);
    }

    private static final class LostException extends Exception {

        private static final long serialVersionUID = 1L;

        LostException() {
            super(null, null, false, false);
        }
    }

    private static final class DeniedException extends Exception {

        private static final long serialVersionUID = 1L;

        DeniedException(String subject) {
            super("the NATS user may not publish to " + subject, null, false, false);
        }
    }

    private static final class NotSentException extends Exception {

        private static final long serialVersionUID = 1L;

        NotSentException(IllegalStateException cause) {
            super(cause.getMessage(), cause);
        }

        String why() {
            return "not connected: " + getMessage();
        }
    }
}
