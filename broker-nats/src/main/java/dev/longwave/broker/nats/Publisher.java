package dev.longwave.broker.nats;

import dev.longwave.broker.BrokerException;
import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.Durability;
import dev.longwave.broker.Message;
import dev.longwave.broker.MessageRefusedException;
import dev.longwave.broker.Position;
import dev.longwave.broker.Publication;
import dev.longwave.broker.PublishResult;
import dev.longwave.broker.Published;
import io.nats.client.JetStreamApiException;
import io.nats.client.api.PublishAck;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Publishes messages, and repeats attempts within the timeout where that does no harm. */
final class Publisher {
    /*
     * If there is no answer, a message with an id is sent again with the same id: the stream keeps
     * one of them. A message without an id is sent again only if nothing can have happened: it was
     * not sent, nobody received it, or it was refused for the moment.
     *
     * Several messages are sent in rounds, each with the next message of every topic: so the round
     * trips of different topics overlap, and no message overtakes another of its topic. A topic whose
     * messages must stay in order has to wait for each answer, because the server may refuse one
     * message and accept the next.
     */
    private static final String ATTEMPT = "publish";
    private static final int ATTEMPTS_WITHOUT_ANSWER = 3;
    private static final long PAUSE_MILLIS = 50;
    private static final int ROUND_MESSAGES = 256;
    private static final int ROUND_BYTES = 4 << 20;

    private static final int UNAVAILABLE = 503;
    private static final int ID_IN_PROCESS = 10158;

    private final Requests requests;
    private final Stream stream;
    private final Subjects subjects;
    private final Durability durability;
    private final int maxMessageBytes;

    /** The outcome of one attempt. */
    private sealed interface Outcome {

        /** {@return why the message was not accepted, or is not known to be} */
        String why();

        record Accepted(Published published) implements Outcome {
            @Override
            public String why() {
                return "";
            }
        }

        /** Nothing has happened, and another attempt may succeed. */
        record NotNow(String why) implements Outcome {}

        /** The message may have been accepted. */
        record Unknown(String why) implements Outcome {}

        /** Another attempt cannot help. */
        record Refused(String why) implements Outcome {}

        /** {@return whether to try again, for a message that {@code hasId}} */
        default boolean mayBeRepeated(boolean hasId) {
            return switch (this) {
                case Accepted _, Refused _ -> false;
                case NotNow _ -> true;
                case Unknown _ -> hasId;
            };
        }
    }

    Publisher(
            Requests requests,
            Stream stream,
            Subjects subjects,
            Durability durability,
            int maxMessageBytes) {
        this.requests = requests;
        this.stream = stream;
        this.subjects = subjects;
        this.durability = durability;
        this.maxMessageBytes = maxMessageBytes;
    }

    /** Publishes one message, as {@link dev.longwave.broker.Broker#publish} does. */
    Published publish(String topic, Message message) {
        return publish(topic, message, System.nanoTime() + requests.timeout().toNanos());
    }

    private Published publish(String topic, Message message, long deadline) {
        checkLength(message);
        Requests.Outgoing request = request(topic, message);
        boolean repeatable = message.id() != null;
        while (true) {
            long left = deadline - System.nanoTime();
            Outcome outcome =
                    outcome(requests.tryOnce(ATTEMPT, request, waitFor(repeatable, left)));
            if (outcome instanceof Outcome.Accepted(Published published)) {
                return published;
            }
            if (!outcome.mayBeRepeated(repeatable)
                    || deadline - System.nanoTime()
                            <= TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS)) {
                throw requests.unavailable(ATTEMPT, outcome.why());
            }
            pause();
        }
    }

    /** Publishes several messages, as {@link dev.longwave.broker.Broker#publishAll} does. */
    List<PublishResult> publishAll(List<Publication> publications) {
        var batch = new Batch(publications);
        while (batch.failure == null && batch.beginRound()) {
            batch.finishRound();
        }
        return batch.results();
    }

    private void checkLength(Message message) {
        if (message.data().length > maxMessageBytes) {
            throw new MessageRefusedException(
                    "message is too large length=%d max=%d"
                            .formatted(message.data().length, maxMessageBytes));
        }
    }

    private Requests.Outgoing request(String topic, Message message) {
        return new Requests.Outgoing(
                subjects.log(topic), Envelope.headers(message, topic), message.data());
    }

    private Duration waitFor(boolean repeatable, long leftNanos) {
        Duration left = Duration.ofNanos(leftNanos);
        Duration share = requests.timeout().dividedBy(ATTEMPTS_WITHOUT_ANSWER);
        return repeatable && share.compareTo(left) < 0 ? share : left;
    }

    private Outcome outcome(Requests.Answer answer) {
        return switch (answer) {
            case Requests.Answer.Reply(io.nats.client.Message reply) -> outcome(reply);
            case Requests.Answer.NotReceived(String why) -> new Outcome.NotNow(why);
            case Requests.Answer.Unknown(String why) -> new Outcome.Unknown(why);
        };
    }

    private Outcome outcome(io.nats.client.Message reply) {
        try {
            var ack = new PublishAck(reply);
            if (ack.getSeqno()
                    == 0) { // servers before 2.11, while they store a message with this id
                return new Outcome.NotNow("a message with this id is being stored");
            }
            var position = new Position(stream.epoch(), ack.getSeqno());
            return new Outcome.Accepted(
                    ack.isDuplicate()
                            ? Published.duplicate(position, durability)
                            : Published.of(position, durability));
        } catch (JetStreamApiException e) {
            String why = "the server says: " + e.getMessage();
            boolean passes =
                    e.getErrorCode() == UNAVAILABLE || e.getApiErrorCode() == ID_IN_PROCESS;
            return passes ? new Outcome.NotNow(why) : new Outcome.Refused(why);
        } catch (IOException _) {
            return new Outcome.Unknown("the answer is malformed");
        }
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BrokerUnavailableException("interrupted while publishing", e);
        }
    }

    /** Several messages that are being published. Confined to the caller's thread. */
    private final class Batch {

        private final List<Publication> publications;
        private final @Nullable PublishResult[] results;
        private final List<Integer> round = new ArrayList<>(); // indexes of publications
        private int first; // all publications before it have results
        private long deadline;
        @Nullable BrokerUnavailableException failure; // ends the batch

        Batch(List<Publication> publications) {
            this.publications = publications;
            this.results = new @Nullable PublishResult[publications.size()];
        }

        /** {@return whether there is anything left to publish} */
        boolean beginRound() {
            deadline = System.nanoTime() + requests.timeout().toNanos();
            round.clear();
            var topics = new HashMap<String, Integer>();
            long bytes = 0;
            while (first < results.length && results[first] != null) {
                first++;
            }
            for (int i = first; i < results.length && round.size() < ROUND_MESSAGES; i++) {
                Publication next = publications.get(i);
                if (results[i] != null || topics.putIfAbsent(next.topic(), i) != null) {
                    continue;
                }
                bytes += next.message().size();
                if (bytes > ROUND_BYTES && !round.isEmpty()) {
                    break;
                }
                round.add(i);
            }
            return !round.isEmpty();
        }

        void finishRound() {
            Map<Integer, Requests.Outgoing> sendable = new HashMap<>();
            var toSend = new ArrayList<Integer>();
            for (int i : round) {
                Publication next = publications.get(i);
                try {
                    checkLength(next.message());
                    sendable.put(i, request(next.topic(), next.message()));
                    toSend.add(i);
                } catch (MessageRefusedException e) {
                    results[i] = PublishResult.failed(e);
                }
            }
            List<Requests.Answer> answers =
                    requests.tryAll(ATTEMPT, toSend.stream().map(sendable::get).toList());
            for (int i = 0; i < toSend.size(); i++) {
                settle(toSend.get(i), outcome(answers.get(i)));
            }
        }

        private void settle(int index, Outcome outcome) {
            Publication publication = publications.get(index);
            if (outcome instanceof Outcome.Accepted(Published published)) {
                results[index] = PublishResult.of(published);
                return;
            }
            boolean repeatable = publication.message().id() != null;
            try {
                if (failure != null || !outcome.mayBeRepeated(repeatable)) {
                    throw requests.unavailable(ATTEMPT, outcome.why());
                }
                long end = Math.max(deadline, System.nanoTime() + requests.timeout().toNanos() / 2);
                results[index] =
                        PublishResult.of(publish(publication.topic(), publication.message(), end));
            } catch (BrokerUnavailableException e) {
                failure = failure == null ? e : failure;
                results[index] = PublishResult.failed(e);
            } catch (BrokerException e) {
                results[index] = PublishResult.failed(e);
            }
        }

        List<PublishResult> results() {
            var all = new ArrayList<PublishResult>(results.length);
            for (PublishResult result : results) {
                all.add(
                        result != null
                                ? result
                                : PublishResult.failed(
                                        new BrokerUnavailableException(
                                                "not published, because an earlier message has no"
                                                        + " answer",
                                                failure)));
            }
            return all;
        }
    }
}
