package dev.longwave.broker.nats;

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

/**
 * Puts the messages of all topics in order, in one reign. Of all nodes one has it, at most times.
 */
final class Orderer implements AutoCloseable {
    /*
     * All work is done by the one thread of a dispatcher: it stamps a message, publishes it to all
     * who listen, and then answers the publisher. Everything it sends goes by one connection, and
     * the servers hand on what one connection sends in that order. So every listener gets the
     * messages in the order of their stamps; the answer to a publisher means that the servers have
     * the message; and a listener that gets an answer about tails has been sent all messages up to
     * them, on its one connection, before.
     *
     * It stamps only while it may (see Election), so that two of them hardly ever do.
     */
    private static final int MAX_TOPICS = 200_000;
    private static final String ANSWER = "Longwave-Position";
    private static final String WHY_NOT = "Longwave-Refused";

    private final Connection connection;
    private final CoreSubjects subjects;
    private final Reign reign;
    private final InstantSource clock;
    private final BooleanSupplier mayOrder;
    private final TopicTails tails; // for the dispatcher's thread alone
    private final Dispatcher dispatcher;

    Orderer(
            Connection connection,
            CoreSubjects subjects,
            Reign reign,
            InstantSource clock,
            Duration keep,
            BooleanSupplier mayOrder) {
        this.connection = connection;
        this.subjects = subjects;
        this.reign = reign;
        this.clock = clock;
        this.mayOrder = mayOrder;
        this.tails = new TopicTails(MAX_TOPICS, keep, System::nanoTime);
        this.dispatcher = connection.createDispatcher(this::handle);
    }

    Reign reign() {
        return reign;
    }

    /**
     * Begins to take messages, and returns once the servers know.
     *
     * @throws BrokerUnavailableException if they do not answer, or if interrupted
     */
    void open(Requests requests) {
        dispatcher.subscribe(subjects.allOrders(reign));
        dispatcher.subscribe(subjects.tails(reign));
        dispatcher.subscribe(subjects.who());
        requests.roundTrip("put messages in order");
    }

    /** Takes no more. Does nothing the second time, or without a connection. */
    @Override
    public void close() {
        if (dispatcher.isActive() && connection.getStatus() != Connection.Status.CLOSED) {
            connection.closeDispatcher(dispatcher);
        }
    }

    private void handle(Message message) {
        String reply = message.getReplyTo();
        if (reply == null) {
            return; // nobody waits for it
        }
        String subject = message.getSubject();
        if (subject.equals(subjects.who())) {
            connection.publish(reply, ascii(reign.toString()));
        } else if (subject.equals(subjects.tails(reign))) {
            connection.publish(reply, tellTails(message));
        } else {
            order(message, subject, reply);
        }
    }

    private void order(Message message, String subject, String reply) {
        var answer = new Headers();
        if (mayOrder.getAsBoolean()) {
            String topic = subjects.orderedTopic(reign, subject);
            try {
                Stamp stamp = tails.next(reign, topic, clock.millis());
                var headers = new Headers(message.getHeaders());
                stamp.putInto(headers);
                connection.publish(subjects.live(topic), headers, message.getData());
                answer.put(ANSWER, stamp.position().toString());
            } catch (BrokerUnavailableException e) {
                answer.put(WHY_NOT, e.getMessage());
            }
        } else {
            answer.put(WHY_NOT, "the node that puts messages in order is about to change");
        }
        connection.publish(reply, answer, new byte[0]);
    }

    /**
     * {@return the position that an answer of an orderer tells of}
     *
     * @throws BrokerUnavailableException if it refuses
     */
    static Position position(Message answer) {
        Headers headers = answer.getHeaders();
        String position = headers == null ? null : headers.getFirst(ANSWER);
        if (position == null) {
            String why = headers == null ? null : headers.getFirst(WHY_NOT);
            throw new BrokerUnavailableException(
                    "not published: " + (why == null ? "an answer without a position" : why));
        }
        return Position.parse(position);
    }

    // About tails: the topics, as tokens, one a line; the answer has a line for each. A sequence
    // by itself is that of the newest message; after a "<", nothing of the topic is beyond it.

    /** {@return what to ask about these topics} */
    static byte[] question(List<String> topics) {
        return ascii(String.join("\n", topics.stream().map(Subjects::tokens).toList()));
    }

    private byte[] tellTails(Message question) {
        var lines = new StringBuilder();
        for (String tokens : lines(question)) {
            TopicTails.End end = tails.end(Subjects.topicOf(tokens));
            lines.append(end.known() ? "" : "<").append(end.sequence()).append('\n');
        }
        return ascii(lines.toString());
    }

    /** {@return the tails that {@code answer} tells of, if it is about these topics} */
    static Optional<Map<String, Tail>> tails(Reign reign, List<String> topics, Message answer) {
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
                var position = new Position(reign.epoch(), sequence);
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
