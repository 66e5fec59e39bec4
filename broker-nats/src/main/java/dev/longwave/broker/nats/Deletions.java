package dev.longwave.broker.nats;

import dev.longwave.broker.BrokerRefusedException;
import dev.longwave.broker.BrokerRefusedException.Reason;
import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.MessageRefusedException;
import dev.longwave.broker.Position;
import io.nats.client.JetStreamApiException;
import io.nats.client.Message;
import io.nats.client.api.Error;
import io.nats.client.api.PublishAck;
import io.nats.client.api.PurgeResponse;
import io.nats.client.impl.Headers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Deletes the messages of topics. */
final class Deletions {
    /*
     * The servers keep no record of what they remove. So a deletion leaves a mark in the topic: a message
     * without data, whose header names the sequence of the last message that was deleted. Then everything
     * before the mark is purged. The mark is stored only if that message still is the last one of the topic:
     * so nothing is deleted that the mark does not name.
     *
     * Readers move over the mark. A reader whose position is before the last deleted message has missed
     * something, and is told. Other applications can publish such a message as well. So it counts only if
     * nothing of its topic is left before it, and if the message that it names is gone: then something was
     * removed indeed.
     *
     * If this stops half-way, the mark stands and the rest is purged when the deletion is repeated.
     */
    private static final String MARK = "Longwave-Deleted";
    private static final String EXPECTED = "Nats-Expected-Last-Subject-Sequence";
    private static final String DELETE = "delete a topic";
    private static final long PAUSE_MILLIS = 50;
    private static final byte[] NO_DATA = {};

    private final Requests requests;
    private final StreamLeader leader;
    private final Stream stream;
    private final Subjects subjects;

    Deletions(Requests requests, StreamLeader leader, Stream stream, Subjects subjects) {
        this.requests = requests;
        this.leader = leader;
        this.stream = stream;
        this.subjects = subjects;
    }

    /**
     * {@return the sequence up to which a topic was deleted, if a message with these headers marks
     * that; else 0}
     */
    static long deletedUpTo(@Nullable Headers headers, long sequence) {
        String text = headers == null ? null : headers.getFirst(MARK);
        if (text == null) {
            return 0;
        }
        try {
            long upTo = Long.parseLong(text);
            return upTo > 0 && upTo < sequence ? upTo : 0;
        } catch (NumberFormatException _) {
            return 0; // published by another application
        }
    }

    /** Deletes a topic's messages, as {@link dev.longwave.broker.Broker#delete} does. */
    Position delete(String topic) {
        String subject = subjects.log(topic);
        long deadline = System.nanoTime() + requests.timeout().toNanos();
        long marked = 0; // what a mark of this call names, if it was stored
        while (true) {
            Optional<StoredMessage> last = leader.last(subject);
            if (last.isEmpty()) {
                return new Position(stream.epoch(), stream.facts().last());
            }
            StoredMessage end = last.get();
            if (end.marksDeletion() && (end.deletedUpTo() == marked || isOldest(end))) {
                purge(subject, end.sequence(), deadline);
                return new Position(stream.epoch(), end.deletedUpTo());
            }
            marked = end.sequence();
            OptionalLong mark = mark(subject, marked, deadline);
            if (mark.isPresent()) {
                purge(subject, mark.getAsLong(), deadline);
                return new Position(stream.epoch(), marked);
            }
        }
    }

    private boolean isOldest(StoredMessage stored) {
        return leader.next(stored.subject(), 1)
                .filter(oldest -> oldest.sequence() == stored.sequence())
                .isPresent();
    }

    /**
     * Marks the deletion of everything up to {@code sequence}, if that is the last message.
     *
     * @return the sequence of the mark; empty if it is not known to be stored, and time is left
     */
    private OptionalLong mark(String subject, long sequence, long deadline) {
        var headers = new Headers();
        headers.put(MARK, Long.toString(sequence));
        headers.put(EXPECTED, Long.toString(sequence));
        Message reply = send(new Requests.Outgoing(subject, headers, NO_DATA), deadline);
        if (reply == null) {
            return OptionalLong.empty();
        }
        try {
            return OptionalLong.of(new PublishAck(reply).getSeqno());
        } catch (JetStreamApiException e) {
            if (Refusals.isOvertaken(e)) {
                pause(deadline, "other messages are published to it all the time");
            } else {
                refuseUnlessItPasses(e, deadline);
            }
        } catch (IOException _) {
            pause(deadline, "the answer is malformed");
        }
        return OptionalLong.empty();
    }

    private void purge(String subject, long before, long deadline) {
        byte[] options =
                "{\"filter\":\"%s\",\"seq\":%d}"
                        .formatted(subject, before)
                        .getBytes(StandardCharsets.UTF_8);
        var request = new Requests.Outgoing(stream.api("PURGE"), null, options);
        while (true) {
            Message reply = send(request, deadline);
            if (reply == null) {
                continue; // to purge twice does no harm
            }
            var answer = new PurgeResponse(reply);
            if (!answer.hasError()) {
                return;
            }
            Error error = Objects.requireNonNull(answer.getErrorObject());
            refuseUnlessItPasses(new JetStreamApiException(error), deadline);
        }
    }

    /** {@return the answer; null if there is none, and time is left to try again} */
    private @Nullable Message send(Requests.Outgoing request, long deadline) {
        Duration left = Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
        return switch (requests.tryOnce(DELETE, request, left)) {
            case Requests.Answer.Reply(Message message) -> message;
            case Requests.Answer.NotSent(String why) -> pause(deadline, why);
            case Requests.Answer.NotReceived(String why) -> pause(deadline, why);
            case Requests.Answer.Unknown(String why) -> pause(deadline, why);
            case Requests.Answer.TooLong(String why) -> throw new MessageRefusedException(why);
            case Requests.Answer.Denied(String why) ->
                    throw new BrokerRefusedException(
                            Reason.DENIED, "cannot " + DELETE + ": " + why, null);
        };
    }

    private void refuseUnlessItPasses(JetStreamApiException e, long deadline) {
        if (!Refusals.passes(e) || deadline - System.nanoTime() <= 0) {
            throw Refusals.refused(DELETE, e);
        }
        pause(deadline, "the server says: " + e.getErrorDescription());
    }

    private @Nullable Message pause(long deadline, String why) {
        if (deadline - System.nanoTime() <= TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS)) {
            throw requests.unavailable(DELETE, why);
        }
        try {
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BrokerUnavailableException("interrupted while deleting a topic", e);
        }
    }

    /** {@return whether a reader at {@code position} has missed what {@code stored} marks} */
    boolean hides(StoredMessage stored, long position) {
        return stored.marksDeletion() && stored.deletedUpTo() > position && isTrue(stored);
    }

    /** {@return whether what {@code mark} names is gone, and everything before it} */
    boolean isTrue(StoredMessage mark) {
        return isOldest(mark) && leader.at(mark.deletedUpTo()).isEmpty();
    }
}
