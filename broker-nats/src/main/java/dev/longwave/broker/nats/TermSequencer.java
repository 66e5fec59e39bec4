package dev.longwave.broker.nats;

import dev.longwave.broker.BrokerRefusedException;
import dev.longwave.broker.BrokerRefusedException.Reason;
import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.Position;
import dev.longwave.broker.feed.Tail;
import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.Message;
import io.nats.client.impl.Headers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Assigns positions to the messages of all topics, for one term. */
final class TermSequencer implements AutoCloseable {
    /*
     * All work is done by the single thread of a dispatcher: it adds a SequenceHeader to a message,
     * publishes it to the subscribers, and then answers the publisher. It sends everything over one
     * connection, and servers deliver what arrives on one connection in the order of arrival.
     * Therefore every subscriber receives the messages in sequence order; an answer to a publisher
     * means that the servers have the message; and a node that receives an answer about tails has
     * already been sent all messages up to those tails.
     *
     * It works only while it holds the lease (see Election), so that there is hardly ever more than
     * one active sequencer.
     */
    private static final int MAX_TOPICS = 200_000;
    private static final String POSITION = "Longwave-Position";
    private static final String REFUSAL = "Longwave-Refused";

    private final Connection connection;
    private final CoreSubjects subjects;
    private final Term term;
    private final InstantSource clock;
    private final BooleanSupplier holdsLease;
    private final TopicTails tails; // confined to the dispatcher's thread
    private final Dispatcher dispatcher;

    TermSequencer(
            Connection connection,
            CoreSubjects subjects,
            Term term,
            InstantSource clock,
            Duration keep,
            BooleanSupplier holdsLease) {
        this.connection = connection;
        this.subjects = subjects;
        this.term = term;
        this.clock = clock;
        this.holdsLease = holdsLease;
        this.tails = new TopicTails(MAX_TOPICS, keep, System::nanoTime);
        this.dispatcher = connection.createDispatcher(this::handle);
    }

    Term term() {
        return term;
    }

    /**
     * Starts accepting messages, and returns once the servers have confirmed it.
     *
     * @throws BrokerUnavailableException if they do not answer, or if interrupted
     */
    void open(Requests requests) {
        dispatcher.subscribe(subjects.allPublished(term));
        dispatcher.subscribe(subjects.tails(term));
        dispatcher.subscribe(subjects.term());
        requests.roundTrip("start sequencing");
    }

    /** Stops accepting messages. Does nothing the second time, or without a connection. */
    @Override
    public void close() {
        if (dispatcher.isActive() && connection.getStatus() != Connection.Status.CLOSED) {
            connection.closeDispatcher(dispatcher);
        }
    }

    private void handle(Message message) {
        String reply = message.getReplyTo();
        if (reply == null) {
            return; // not a request
        }
        String subject = message.getSubject();
        if (subject.equals(subjects.term())) {
            connection.publish(reply, ascii(term.toString()));
        } else if (subject.equals(subjects.tails(term))) {
            connection.publish(reply, answerTails(message));
        } else {
            sequence(message, subject, reply);
        }
    }

    private void sequence(Message message, String subject, String reply) {
        var answer = new Headers();
        if (holdsLease.getAsBoolean()) {
            String topic = subjects.publishedTopic(term, subject);
            try {
                SequenceHeader header = tails.next(term, topic, clock.millis());
                var headers = new Headers(message.getHeaders());
                header.putInto(headers);
                connection.publish(subjects.live(topic), headers, message.getData());
                answer.put(POSITION, header.position().toString());
            } catch (BrokerUnavailableException e) {
                answer.put(REFUSAL, e.getMessage());
            }
        } else {
            answer.put(REFUSAL, "another node is about to become the sequencer");
        }
        connection.publish(reply, answer, new byte[0]);
    }

    /**
     * {@return the position in a sequencer's answer to a publisher}
     *
     * @throws BrokerRefusedException if the sequencer has refused the message
     */
    static Position position(Message answer) {
        Headers headers = answer.getHeaders();
        String position = headers == null ? null : headers.getFirst(POSITION);
        if (position == null) {
            String why = headers == null ? null : headers.getFirst(REFUSAL);
            throw new BrokerRefusedException(
                    Reason.BUSY,
                    "not published: " + (why == null ? "the answer has no position" : why),
                    null);
        }
        return Position.parse(position);
    }

    // A question about tails lists topics as tokens, one per line. The answer has one line for
    // each:
    // a number is the sequence of the newest message; a number after "<" means that the topic has
    // no
    // message with a higher sequence.

    /** {@return the question about the tails of these topics} */
    static byte[] tailsQuestion(List<String> topics) {
        return ascii(String.join("\n", topics.stream().map(Subjects::tokens).toList()));
    }

    private byte[] answerTails(Message question) {
        var lines = new StringBuilder();
        for (String tokens : lines(question)) {
            TopicTails.End end = tails.end(Subjects.topicOf(tokens));
            lines.append(end.known() ? "" : "<").append(end.sequence()).append('\n');
        }
        return ascii(lines.toString());
    }

    /** {@return the tails of these topics in {@code answer}, or nothing if it is malformed} */
    static Optional<Map<String, Tail>> tails(Term term, List<String> topics, Message answer) {
        List<String> lines = lines(answer);
        if (lines.size() != topics.size()) {
            return Optional.empty();
        }
        var tails = new HashMap<String, Tail>();
        try {
            for (int i = 0; i < lines.size(); i++) {
                String line = lines.get(i);
                boolean known = !line.startsWith("<");
                long sequence = Long.parseLong(known ? line : line.substring(1));
                var position = new Position(term.epoch(), sequence);
                tails.put(topics.get(i), known ? Tail.at(position) : Tail.empty(position));
            }
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
        return Optional.of(tails);
    }

    private static List<String> lines(Message message) {
        byte[] data = message.getData();
        return data == null
                ? List.of()
                : new String(data, StandardCharsets.US_ASCII).lines().toList();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
