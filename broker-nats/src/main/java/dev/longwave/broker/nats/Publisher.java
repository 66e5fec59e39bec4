package dev.longwave.broker.nats;

import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.Durability;
import dev.longwave.broker.Message;
import dev.longwave.broker.Position;
import dev.longwave.broker.Published;
import io.nats.client.JetStreamApiException;
import io.nats.client.api.PublishAck;
import io.nats.client.impl.Headers;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Publishes, again and again until the time-out where that can do no harm. */
final class Publisher {
    /*
     * A message with an id is sent again with the same id if no answer comes: the stream keeps one of
     * them. One without is sent again only if nothing can have happened: it was not sent, nobody was
     * there to take it, or it was refused for the moment.
     */
    private static final String ATTEMPT = "publish";
    private static final int ATTEMPTS_WITHOUT_ANSWER = 3;
    private static final long PAUSE_MILLIS = 50;

    private static final int UNAVAILABLE = 503;
    private static final int ID_IN_PROCESS = 10158;

    private final Requests requests;
    private final Stream stream;
    private final Subjects subjects;
    private final Durability durability;

    /** What came of one attempt. */
    private sealed interface Outcome {

        /** {@return why it was not accepted, or is not known to be} */
        String why();

        record Accepted(Published published) implements Outcome {
            @Override
            public String why() {
                return "";
            }
        }

        /** Nothing has happened, and the next attempt may succeed. */
        record NotNow(String why) implements Outcome {}

        /** It may have been accepted. */
        record Unknown(String why) implements Outcome {}

        /** To try again is of no use. */
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

    Publisher(Requests requests, Stream stream, Subjects subjects, Durability durability) {
        this.requests = requests;
        this.stream = stream;
        this.subjects = subjects;
        this.durability = durability;
    }

    Published publish(String topic, Message message) {
        long deadline = System.nanoTime() + requests.timeout().toNanos();
        String subject = subjects.log(topic);
        Headers headers = Envelope.headers(message, topic);
        boolean repeatable = message.id() != null;
        while (true) {
            long left = deadline - System.nanoTime();
            Outcome outcome = tryOnce(subject, headers, message.data(), waitFor(repeatable, left));
            if (outcome instanceof Outcome.Accepted(Published published)) {
                return published;
            }
            String why = outcome.why();
            if (!outcome.mayBeRepeated(repeatable)) {
                throw requests.unavailable(ATTEMPT, why);
            }
            if (deadline - System.nanoTime() <= TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS)) {
                throw requests.unavailable(ATTEMPT, why);
            }
            pause();
        }
    }

    private Duration waitFor(boolean repeatable, long leftNanos) {
        Duration left = Duration.ofNanos(leftNanos);
        Duration share = requests.timeout().dividedBy(ATTEMPTS_WITHOUT_ANSWER);
        return repeatable && share.compareTo(left) < 0 ? share : left;
    }

    private Outcome tryOnce(
            String subject, @Nullable Headers headers, byte[] data, Duration wait) {
        return switch (requests.tryOnce(ATTEMPT, subject, headers, data, wait)) {
            case Requests.Answer.Reply(io.nats.client.Message reply) -> outcome(reply);
            case Requests.Answer.NotReceived(String why) -> new Outcome.NotNow(why);
            case Requests.Answer.Unknown(String why) -> new Outcome.Unknown(why);
        };
    }

    private Outcome outcome(io.nats.client.Message reply) {
        try {
            var ack = new PublishAck(reply);
            if (ack.getSeqno() == 0) { // as servers before 2.11 say if the id is being stored
                return new Outcome.NotNow("a message with this id is being stored");
            }
            var position = new Position(stream.epoch(), ack.getSeqno());
            return new Outcome.Accepted(new Published(position, durability, ack.isDuplicate()));
        } catch (JetStreamApiException e) {
            String why = "the server says: " + e.getMessage();
            boolean passes =
                    e.getErrorCode() == UNAVAILABLE || e.getApiErrorCode() == ID_IN_PROCESS;
            return passes ? new Outcome.NotNow(why) : new Outcome.Refused(why);
        } catch (IOException _) {
            return new Outcome.Unknown("the answer is not understood");
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
}
