package dev.longwave.broker.nats;

import dev.longwave.broker.BrokerException;
import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.MessageRefusedException;
import dev.longwave.broker.Publication;
import dev.longwave.broker.PublishResult;
import dev.longwave.broker.Published;
import io.nats.client.impl.Headers;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Several messages that are being published. Confined to the caller's thread. */
final class PublishBatch {
    /*
     * Messages are sent in rounds, each with as many as fit, and the answers to a round arrive together.
     *
     * Order. Mostly the stream has what is sent over one connection in the order of sending. But while its
     * leader changes, or a route between two servers is lost, a message may get lost and the next one may
     * arrive. To send the first one again would then change the order. So after a round:
     *
     * - if a later message of the topic was accepted, the earlier one is not sent again, and fails;
     * - if all from one message on were certainly not stored, they are sent again;
     * - if some may have been stored, and have ids, the topic is read from the last message on that was
     *   accepted before. What is there was stored. What is not there is sent again if none after it is
     *   there, one at a time, and on the condition that the end of the topic is still the one that was
     *   read: else it is read again. For this, one accepted message of the topic must be known. So in a
     *   topic to which this node has not published lately, the first message is sent alone.
     *
     * All have one deadline. Once the outcome of one message is unknown, no more are sent.
     */
    private static final int ROUND_MESSAGES = 1024;
    private static final int ROUND_BYTES = 4 << 20;
    private static final int MAX_READ = 4096;
    private static final String EXPECTED = "Nats-Expected-Last-Subject-Sequence";

    private final Publisher publisher;
    private final List<Publication> publications;
    private final long deadline;
    private final @Nullable PublishResult[] results;
    private final @Nullable PublishOutcome[] outcomes; // of the last attempt
    private final Map<String, Line> lines = new HashMap<>();
    private int first; // all publications before it have results
    private @Nullable BrokerException end; // why nothing more is sent

    /** The messages of one topic. */
    private static final class Line {

        final ArrayDeque<Sent> round = new ArrayDeque<>();
        long last; // the newest sequence known, or 0
        int carefulUpTo = -1; // the last publication that is to be sent alone, and on condition
        boolean mustLook; // before anything is sent

        int room(int index) {
            if (mustLook) {
                return 0;
            }
            return last == 0 || index <= carefulUpTo ? 1 : Integer.MAX_VALUE;
        }
    }

    /** A message in the present round. */
    private record Sent(int index, Requests.Outgoing request) {}

    PublishBatch(Publisher publisher, List<Publication> publications, long deadline) {
        this.publisher = publisher;
        this.publications = publications;
        this.deadline = deadline;
        this.results = new @Nullable PublishResult[publications.size()];
        this.outcomes = new @Nullable PublishOutcome[publications.size()];
    }

    List<PublishResult> publish() {
        while (end == null) {
            boolean looked = lookIntoTopics();
            List<Sent> round = nextRound();
            if (round.isEmpty() && looked) {
                break;
            }
            if (deadline - System.nanoTime() <= 0) {
                end = new BrokerUnavailableException("cannot publish: the time is up");
            } else if (round.isEmpty()) {
                Publisher.pause();
            } else {
                send(round);
            }
        }
        return results();
    }

    /** {@return whether it is known of all messages that were sent whether they were stored} */
    private boolean lookIntoTopics() {
        boolean all = true;
        for (Map.Entry<String, Line> each : lines.entrySet()) {
            if (each.getValue().mustLook && end == null) {
                try {
                    look(each.getKey(), each.getValue());
                } catch (BrokerUnavailableException _) {
                    all = false; // there may be no leader now
                }
            }
        }
        return all;
    }

    /** Finds out which messages of a topic were stored. */
    private void look(String topic, Line line) {
        var stored = new HashMap<String, Long>();
        long sequence = line.last;
        Optional<StoredMessage> next = publisher.next(topic, sequence);
        for (int i = 0; next.isPresent(); i++) {
            if (i == MAX_READ) {
                end = new BrokerUnavailableException("cannot publish: the topic is too busy");
                return;
            }
            sequence = next.get().sequence();
            String id = next.get().message().id();
            if (id != null) {
                stored.putIfAbsent(id, sequence);
            }
            next = publisher.next(topic, sequence);
        }
        line.last = sequence;
        line.mustLook = false;
        boolean laterIsStored = false;
        for (int i = line.carefulUpTo; i >= first; i--) {
            Publication publication = publications.get(i);
            if (results[i] != null || !publication.topic().equals(topic)) {
                continue;
            }
            Long at = stored.get(String.valueOf(publication.message().id()));
            if (at != null) {
                results[i] = PublishResult.of(publisher.storedBefore(at));
                laterIsStored = true;
            } else if (laterIsStored) {
                results[i] =
                        PublishResult.failed(
                                new PublishOutcome.NotNow("it was lost on the way")
                                        .failure("and a later message of its topic was accepted"));
            }
        }
    }

    private List<Sent> nextRound() {
        lines.values().forEach(line -> line.round.clear());
        var round = new ArrayList<Sent>();
        long bytes = 0;
        while (first < results.length && results[first] != null) {
            first++;
        }
        for (int i = first; i < results.length && round.size() < ROUND_MESSAGES; i++) {
            if (results[i] != null) {
                continue;
            }
            Publication next = publications.get(i);
            Line line = lines.computeIfAbsent(next.topic(), this::line);
            if (line.round.size() >= line.room(i)) {
                continue;
            }
            if (bytes + next.message().size() > ROUND_BYTES && !round.isEmpty()) {
                break;
            }
            Sent sent = request(i, next, line);
            if (sent != null) {
                bytes += next.message().size();
                line.round.add(sent);
                round.add(sent);
            }
        }
        return round;
    }

    private Line line(String topic) {
        var line = new Line();
        line.last = publisher.lasts().get(topic);
        return line;
    }

    private @Nullable Sent request(int index, Publication publication, Line line) {
        try {
            publisher.checkLength(publication.message());
        } catch (MessageRefusedException e) {
            results[index] = PublishResult.failed(e);
            return null;
        }
        Requests.Outgoing plain = publisher.request(publication.topic(), publication.message());
        if (index > line.carefulUpTo) {
            return new Sent(index, plain);
        }
        Headers headers = plain.headers() == null ? new Headers() : plain.headers();
        headers.put(EXPECTED, Long.toString(line.last));
        return new Sent(index, new Requests.Outgoing(plain.subject(), headers, plain.body()));
    }

    private void send(List<Sent> round) {
        long lastBefore = publisher.stream().last();
        boolean repeatable = round.stream().allMatch(sent -> hasId(sent.index));
        Duration wait = publisher.waitFor(repeatable, deadline - System.nanoTime());
        List<Requests.Answer> answers =
                publisher
                        .requests()
                        .tryAll(
                                Publisher.ATTEMPT,
                                round.stream().map(Sent::request).toList(),
                                wait);
        for (int i = 0; i < round.size(); i++) {
            outcomes[round.get(i).index] = publisher.outcome(answers.get(i), lastBefore);
        }
        boolean again = false;
        for (Line line : lines.values()) {
            again |= settle(line);
        }
        if (!again || end != null) {
            return;
        }
        if (Publisher.hasTimeToPause(deadline)) {
            Publisher.pause();
        } else {
            expire(round);
        }
    }

    /** {@return whether some messages are to be sent again} */
    private boolean settle(Line line) {
        int lastAccepted = -1;
        for (Sent sent : line.round) {
            if (outcome(sent) instanceof PublishOutcome.Accepted(Published published)) {
                lastAccepted = sent.index;
                line.last = Math.max(line.last, published.position().major());
                publisher.accepted(publications.get(sent.index).topic(), sent.request, published);
                results[sent.index] = PublishResult.of(published);
            }
        }
        var again = new ArrayList<Sent>();
        for (Sent sent : line.round) {
            PublishOutcome outcome = outcome(sent);
            if (results[sent.index] != null) {
                continue;
            }
            boolean inOrder = sent.index > lastAccepted;
            boolean overtaken = outcome instanceof PublishOutcome.Overtaken;
            boolean isLeftOut = overtaken || (end != null && outcome.isNotStoredYet());
            if (end == null
                    && (overtaken || (inOrder && outcome.mayBeRepeated(hasId(sent.index))))) {
                again.add(sent);
            } else if (!isLeftOut && (inOrder || !outcome.isNotStoredYet())) {
                fail(sent.index, outcome);
            } else if (!isLeftOut) {
                results[sent.index] =
                        PublishResult.failed(
                                outcome.failure("and a later message of its topic was accepted"));
            }
        }
        boolean inDoubt = again.stream().anyMatch(sent -> isInDoubt(outcome(sent)));
        if (inDoubt && (line.round.size() > 1 || again.getLast().index <= line.carefulUpTo)) {
            line.carefulUpTo = Math.max(line.carefulUpTo, again.getLast().index);
            line.mustLook = true;
        }
        return !again.isEmpty();
    }

    private static boolean isInDoubt(@Nullable PublishOutcome outcome) {
        return outcome instanceof PublishOutcome.Unknown
                || outcome instanceof PublishOutcome.Overtaken;
    }

    private void fail(int index, PublishOutcome outcome) {
        BrokerException failure = publisher.failure(outcome);
        results[index] = PublishResult.failed(failure);
        if (outcome instanceof PublishOutcome.Unknown && end == null) {
            end = failure;
        }
    }

    /** The time is up: what is not settled fails. */
    private void expire(List<Sent> round) {
        for (Sent sent : round) {
            if (results[sent.index] == null && !isInDoubt(outcome(sent))) {
                fail(sent.index, outcome(sent));
            }
        }
        end = new BrokerUnavailableException("cannot publish: the time is up");
    }

    private PublishOutcome outcome(Sent sent) {
        PublishOutcome outcome = outcomes[sent.index];
        if (outcome == null) {
            throw new IllegalStateException("not sent");
        }
        return outcome;
    }

    private boolean hasId(int index) {
        return publications.get(index).message().id() != null;
    }

    private List<PublishResult> results() {
        var all = new ArrayList<PublishResult>(results.length);
        for (int i = 0; i < results.length; i++) {
            PublishResult result = results[i];
            all.add(result != null ? result : PublishResult.failed(leftOut(outcomes[i])));
        }
        return all;
    }

    /** {@return the failure of a message that was left out after an earlier one failed} */
    private BrokerException leftOut(@Nullable PublishOutcome outcome) {
        String why = "not published, because an earlier message has no answer";
        if (outcome instanceof PublishOutcome.Unknown unknown) {
            return publisher.failure(unknown);
        }
        return isInDoubt(outcome)
                ? new BrokerUnavailableException(why, end)
                : BrokerUnavailableException.notSent(why, end);
    }
}
