package dev.longwave.broker.nats;

import dev.longwave.broker.BrokerException;
import dev.longwave.broker.BrokerRefusedException;
import dev.longwave.broker.BrokerRefusedException.Reason;
import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.Durability;
import dev.longwave.broker.Message;
import dev.longwave.broker.MessageRefusedException;
import dev.longwave.broker.Position;
import dev.longwave.broker.Publication;
import dev.longwave.broker.PublishResult;
import dev.longwave.broker.Published;
import dev.longwave.broker.feed.Feed;
import dev.longwave.broker.feed.WriteHealth;
import io.nats.client.JetStreamApiException;
import io.nats.client.api.PublishAck;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Publishes messages, and repeats attempts within the timeout where that does no harm. */
final class Publisher {
    /*
     * If there is no answer, a message with an id is sent again with the same id: the stream keeps
     * one of them. A message without an id is sent again only if nothing can have happened: it was
     * not sent, nobody received it, or it was refused for the moment. So while there is no connection, or
     * no leader of the stream, publishers wait until their time is up.
     *
     * What the servers refuse for lack of space, say, is not tried again: the publisher is told, and from
     * then on a probe finds out when it is over. The probe is stored in the stream, once for each such time,
     * on a subject that is no topic's.
     */
    static final String ATTEMPT = "publish";

    private static final int ATTEMPTS_WITHOUT_ANSWER = 3;
    private static final long PAUSE_MILLIS = 50;
    private static final byte[] NO_DATA = {};

    private final Requests requests;
    private final StreamLeader leader;
    private final Stream stream;
    private final Subjects subjects;
    private final Durability durability;
    private final int maxMessageBytes;
    private final Denials denials;
    private final WriteHealth health;
    private final LastAccepted lasts = new LastAccepted();

    Publisher(
            Requests requests,
            StreamLeader leader,
            Stream stream,
            Subjects subjects,
            Durability durability,
            int maxMessageBytes,
            Denials denials,
            Feed feed) {
        this.requests = requests;
        this.leader = leader;
        this.stream = stream;
        this.subjects = subjects;
        this.durability = durability;
        this.maxMessageBytes = maxMessageBytes;
        this.denials = denials;
        this.health = new WriteHealth("nats", feed, this::probe);
    }

    /** Publishes one message, as {@link dev.longwave.broker.Broker#publish} does. */
    Published publish(String topic, Message message) {
        long deadline = deadline();
        checkLength(message);
        Requests.Outgoing request = request(topic, message);
        boolean repeatable = message.id() != null;
        while (true) {
            long lastBefore = stream.last();
            Duration wait = waitFor(repeatable, deadline - System.nanoTime());
            PublishOutcome outcome = outcome(requests.tryOnce(ATTEMPT, request, wait), lastBefore);
            if (outcome instanceof PublishOutcome.Accepted(Published published)) {
                accepted(topic, request, published);
                return published;
            }
            if (!outcome.mayBeRepeated(repeatable) || !hasTimeToPause(deadline)) {
                throw failure(outcome);
            }
            pause();
        }
    }

    /** Publishes several messages, as {@link dev.longwave.broker.Broker#publishAll} does. */
    List<PublishResult> publishAll(List<Publication> publications) {
        return new PublishBatch(this, publications, deadline()).publish();
    }

    private long deadline() {
        return System.nanoTime() + requests.timeout().toNanos();
    }

    private void probe() {
        var request = new Requests.Outgoing(subjects.probe(), null, NO_DATA);
        PublishOutcome outcome =
                outcome(requests.tryOnce(ATTEMPT, request, requests.timeout()), stream.last());
        if (!(outcome instanceof PublishOutcome.Accepted)) {
            throw outcome.failure("timeout=" + requests.timeout());
        }
    }

    // For this class and PublishBatch

    Requests requests() {
        return requests;
    }

    Stream stream() {
        return stream;
    }

    LastAccepted lasts() {
        return lasts;
    }

    /** {@return the first message of {@code topic} after {@code sequence}} */
    Optional<StoredMessage> next(String topic, long sequence) {
        return leader.next(subjects.log(topic), sequence + 1);
    }

    /** {@return the answer for a message that was found in the stream} */
    Published storedBefore(long sequence) {
        return Published.duplicate(new Position(stream.epoch(), sequence), durability);
    }

    /** Checks what can be checked before it is sent. */
    void checkLength(Message message) {
        if (message.data().length > maxMessageBytes) {
            throw new MessageRefusedException(
                    "message is too large length=%d max=%d"
                            .formatted(message.data().length, maxMessageBytes));
        }
    }

    Requests.Outgoing request(String topic, Message message) {
        return new Requests.Outgoing(
                subjects.log(topic), Envelope.headers(message, topic), message.data());
    }

    /** {@return how long to wait for an answer if {@code leftNanos} are left} */
    Duration waitFor(boolean repeatable, long leftNanos) {
        Duration left = Duration.ofNanos(Math.max(0, leftNanos));
        Duration share = requests.timeout().dividedBy(ATTEMPTS_WITHOUT_ANSWER);
        return repeatable && share.compareTo(left) < 0 ? share : left;
    }

    /** {@return the outcome that the answer tells of} */
    PublishOutcome outcome(Requests.Answer answer, long lastBefore) {
        return switch (answer) {
            case Requests.Answer.Reply(io.nats.client.Message reply) -> outcome(reply, lastBefore);
            case Requests.Answer.NotSent(String why) -> new PublishOutcome.NotSent(why);
            case Requests.Answer.NotReceived(String why) -> new PublishOutcome.NotNow(why);
            case Requests.Answer.Denied(String why) ->
                    new PublishOutcome.Refused(Reason.DENIED, why);
            case Requests.Answer.TooLong(String why) -> new PublishOutcome.TooLong(why);
            case Requests.Answer.Unknown(String why) -> new PublishOutcome.Unknown(why);
        };
    }

    private PublishOutcome outcome(io.nats.client.Message reply, long lastBefore) {
        try {
            var ack = new PublishAck(reply);
            if (ack.getSeqno() == 0) {
                // Servers before 2.11 answer so while they store a message with this id.
                return new PublishOutcome.NotNow("a message with this id is being stored");
            }
            if (ack.isDuplicate()) {
                var position = new Position(stream.epoch(), ack.getSeqno());
                return new PublishOutcome.Accepted(Published.duplicate(position, durability));
            }
            var position =
                    new Position(stream.epochOfStored(ack.getSeqno(), lastBefore), ack.getSeqno());
            return new PublishOutcome.Accepted(Published.of(position, durability));
        } catch (JetStreamApiException e) {
            String why = "the server says: " + e.getErrorDescription();
            if (Refusals.isOvertaken(e)) {
                return new PublishOutcome.Overtaken(why);
            }
            return Refusals.reason(e)
                    .<PublishOutcome>map(reason -> new PublishOutcome.Refused(reason, why))
                    .orElseGet(() -> new PublishOutcome.NotNow(why));
        } catch (IOException _) {
            return new PublishOutcome.Unknown("the answer is malformed");
        }
    }

    /** Takes note that the stream has a message. */
    void accepted(String topic, Requests.Outgoing request, Published published) {
        lasts.put(topic, published.position().major());
        denials.accepted(request.subject());
        health.accepted();
    }

    /** {@return what to throw for a message that will not be sent again} */
    BrokerException failure(PublishOutcome outcome) {
        BrokerException failure = outcome.failure("timeout=" + requests.timeout());
        // A topic for which the permission is missing says nothing about the others.
        if (failure instanceof BrokerRefusedException refused
                && refused.reason() != Reason.DENIED) {
            health.refused(refused);
        }
        return failure;
    }

    static boolean hasTimeToPause(long deadline) {
        return deadline - System.nanoTime() > TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS);
    }

    /** Waits before the next attempt. */
    static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BrokerUnavailableException("interrupted while publishing", e);
        }
    }
}
