package dev.longwave.broker.nats;

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

/** Asks the servers, and waits no longer than the time-out. */
final class Requests {
    /*
     * The library leaves a request waiting when its connection is lost, though its answer can never
     * come: here all that wait are told. A request that is sent while the connection is being lost
     * may be missed by that, and then waits for its time-out; one that is sent right after it came
     * back may be told as well, and fails although its answer would come. Neither does harm.
     */
    private final Connection connection;
    private final Duration timeout;
    private final RoundTrips roundTrips;
    private final AtomicLong next = new AtomicLong();
    private final Map<Long, CompletableFuture<?>> waiting = new ConcurrentHashMap<>();

    /** What comes of a request. */
    sealed interface Answer {

        /** The servers answered. */
        record Reply(Message message) implements Answer {}

        /** It was not sent, or nobody was there to take it: nothing has happened. */
        record NotTaken(String why) implements Answer {}

        /** No answer came: something may have happened. */
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

    /** The connection was lost: no answer comes to what was asked. */
    void connectionLost() {
        waiting.values().forEach(answer -> answer.completeExceptionally(new LostException()));
    }

    /**
     * {@return the reply to one request}
     *
     * @param attempt what is attempted, for the message of an exception
     * @throws BrokerUnavailableException if none came, or if interrupted
     */
    Message ask(String attempt, String subject, byte[] body) {
        return askAll(attempt, subject, List.of(body)).getFirst();
    }

    /** {@return the replies to these requests, which are sent at once} */
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
            throw unavailable(attempt, e.why());
        } finally {
            answers.forEach(answer -> answer.cancel(false));
        }
    }

    private Message reply(String attempt, Answer answer) {
        return switch (answer) {
            case Answer.Reply(Message message) -> message;
            case Answer.NotTaken(String why) -> throw unavailable(attempt, why);
            case Answer.Unknown(String why) -> throw unavailable(attempt, why);
        };
    }

    /**
     * {@return what comes of one request within {@code patience}}
     *
     * @throws BrokerUnavailableException if interrupted
     */
    Answer tryOnce(
            String attempt,
            String subject,
            @Nullable Headers headers,
            byte[] body,
            Duration patience) {
        CompletableFuture<Message> answer;
        try {
            answer = send(subject, headers, body);
        } catch (NotSentException e) {
            return new Answer.NotTaken(e.why());
        }
        try {
            return await(attempt, answer, patience.toNanos());
        } finally {
            answer.cancel(false);
        }
    }

    private static Answer await(
            String attempt, CompletableFuture<Message> answer, long patienceNanos) {
        try {
            return new Answer.Reply(answer.get(Math.max(0, patienceNanos), TimeUnit.NANOSECONDS));
        } catch (TimeoutException | CancellationException _) {
            return new Answer.Unknown("no answer in time");
        } catch (ExecutionException e) {
            return switch (e.getCause()) {
                case JetStreamStatusException _ ->
                        new Answer.NotTaken("nobody answers: no JetStream, or no leader now");
                case LostException _ -> new Answer.Unknown("the connection was lost");
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
        try {
            answer = connection.requestWithTimeout(subject, headers, body, timeout);
        } catch (IllegalStateException e) { // not connected, or too much waits to be sent
            throw new NotSentException(e);
        } catch (IllegalArgumentException e) { // more than this server's max_payload
            throw new MessageRefusedException("the server does not take it: " + e.getMessage(), e);
        }
        register(answer);
        return answer;
    }

    /**
     * Returns once the servers have all that was sent before.
     *
     * @param attempt what is attempted, for the message of an exception
     * @throws BrokerUnavailableException if they do not answer, or if interrupted
     */
    void roundTrip(String attempt) {
        roundTrips.await(attempt);
    }

    /** Tells {@code answer}, too, when the connection is lost. */
    void register(CompletableFuture<?> answer) {
        long key = next.incrementAndGet();
        waiting.put(key, answer);
        var _ = answer.whenComplete((_, _) -> waiting.remove(key));
    }

    BrokerUnavailableException unavailable(String attempt, String why) {
        return new BrokerUnavailableException(
                "cannot %s, %s timeout=%s".formatted(attempt, why, timeout));
    }

    private static final class LostException extends Exception {

        private static final long serialVersionUID = 1L;

        LostException() {
            super(null, null, false, false);
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
