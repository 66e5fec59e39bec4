package dev.longwave.broker.nats;

import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.Entry;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Start;
import dev.longwave.broker.feed.Feed;
import dev.longwave.broker.feed.SharedLog;
import dev.longwave.broker.feed.Tail;
import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.Message;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** What the feed has in place of a log: what arrived at this node in the last seconds. */
final class CoreLog implements SharedLog {
    /*
     * Answers about tails come by the same dispatcher as live messages, and so after all messages
     * that the orderer had sent by then: what is not here when an answer is, never comes. That
     * makes a hole of it, and so nothing is lost in silence, not even the last message of a topic.
     *
     * What arrived is kept for two resync periods, in which the feed has long handed it out; it
     * reads here what it had no room for, and where the next hole is.
     */
    private static final int QUESTION_BYTES = 32 * 1024;
    private static final int PENDING_MESSAGES = 64 * 1024;
    private static final long PENDING_BYTES = 64L << 20;

    private final Connection connection;
    private final Requests requests;
    private final CoreSubjects subjects;
    private final Election election;
    private final Feed feed;
    private final String answers;
    private final Duration keep;
    private final Dispatcher dispatcher;
    private final ConcurrentHashMap<String, Arrivals> topics = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, CompletableFuture<Message>> open =
            new ConcurrentHashMap<>();
    private final AtomicLong questions = new AtomicLong();

    /** Some topics whose tails were asked for, and where the answer goes. */
    private record Question(
            List<String> topics, String subject, CompletableFuture<Message> answer) {}

    /**
     * @param keep for how long what arrived is kept: two resync periods
     */
    CoreLog(
            Connection connection,
            Requests requests,
            CoreSubjects subjects,
            Election election,
            Feed feed,
            Duration keep) {
        this.connection = connection;
        this.requests = requests;
        this.subjects = subjects;
        this.election = election;
        this.feed = feed;
        this.keep = keep;
        // An inbox is unique, and so is its last token.
        String inbox = connection.createInbox();
        this.answers = subjects.answers(inbox.substring(inbox.lastIndexOf('.') + 1)) + '.';
        this.dispatcher = connection.createDispatcher(this::take);
        dispatcher.setPendingLimits(PENDING_MESSAGES, PENDING_BYTES);
        dispatcher.subscribe(answers + '*');
    }

    @Override
    public void listen(String topic) {
        topics.put(topic, new Arrivals());
        try {
            dispatcher.subscribe(subjects.live(topic));
        } catch (IllegalStateException e) {
            throw new BrokerUnavailableException("cannot listen topic=" + topic, e);
        }
        requests.roundTrip("listen topic=" + topic);
    }

    @Override
    public void unlisten(String topic) {
        topics.remove(topic);
        dispatcher.unsubscribe(subjects.live(topic));
    }

    /** Loses all further messages of {@code topic}, as a network may. For tests. */
    void goDeaf(String topic) {
        dispatcher.unsubscribe(subjects.live(topic));
    }

    @Override
    public Page read(
            String topic, Start start, @Nullable Position until, int maxEntries, int maxBytes) {
        if (!(start instanceof Start.After(Position cursor))) {
            throw new UnsupportedOperationException("there is no log to read");
        }
        Arrivals arrivals = topics.get(topic);
        if (arrivals == null) {
            throw new BrokerUnavailableException("not listened to topic=" + topic);
        }
        return arrivals.after(cursor, maxEntries, maxBytes)
                .or(() -> {
                    tails(List.of(topic));
                    return arrivals.after(cursor, maxEntries, maxBytes);
                })
                .orElseThrow(
                        () -> new BrokerUnavailableException("nothing is known topic=" + topic));
    }

    @Override
    public Map<String, Tail> tails(Collection<String> wanted) {
        long deadline = System.nanoTime() + requests.timeout().toNanos();
        Reign reign =
                election.reign()
                        .orElseThrow(
                                () -> new BrokerUnavailableException("it is not known who orders"));
        var tails = new HashMap<String, Tail>();
        var asked = new ArrayList<Question>();
        try {
            for (List<String> portion : portions(wanted)) {
                asked.add(ask(reign, portion));
            }
            for (Question question : asked) {
                tails.putAll(answer(reign, question, deadline));
            }
        } finally {
            asked.forEach(question -> {
                open.remove(question.subject);
                question.answer.cancel(false); // nobody waits any more
            });
        }
        long old = System.nanoTime() - keep.toNanos();
        tails.forEach((topic, tail) -> {
            Arrivals arrivals = topics.get(topic);
            if (arrivals != null) {
                arrivals.arrivedUpTo(reign, tail.position());
                arrivals.forget(old);
            }
        });
        return tails;
    }

    /** At least one, for with no topics it is asked whether anybody answers. */
    private static List<List<String>> portions(Collection<String> topics) {
        var portions = new ArrayList<List<String>>();
        var portion = new ArrayList<String>();
        int bytes = 0;
        for (String topic : topics) {
            int more = Subjects.tokens(topic).length() + 1;
            if (bytes + more > QUESTION_BYTES) {
                portions.add(List.copyOf(portion));
                portion.clear();
                bytes = 0;
            }
            portion.add(topic);
            bytes += more;
        }
        portions.add(portion);
        return portions;
    }

    private Question ask(Reign reign, List<String> portion) {
        var question =
                new Question(
                        portion, answers + questions.incrementAndGet(), new CompletableFuture<>());
        open.put(question.subject, question.answer);
        requests.register(question.answer);
        try {
            connection.publish(subjects.tails(reign), question.subject, Orderer.question(portion));
        } catch (IllegalStateException e) {
            open.remove(question.subject);
            throw new BrokerUnavailableException("not connected, cannot ask for tails", e);
        }
        return question;
    }

    private Map<String, Tail> answer(Reign reign, Question question, long deadline) {
        try {
            long patience = Math.max(0, deadline - System.nanoTime());
            Message message = question.answer.get(patience, TimeUnit.NANOSECONDS);
            if (message.isStatusMessage()) {
                throw unavailable("no node puts messages in order");
            }
            return Orderer.tails(reign, question.topics, message)
                    .orElseThrow(() -> unavailable("the answer makes no sense"));
        } catch (TimeoutException _) {
            throw unavailable("no answer in time");
        } catch (ExecutionException _) {
            throw unavailable("the connection was lost");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BrokerUnavailableException("interrupted while asking for tails", e);
        }
    }

    private BrokerUnavailableException unavailable(String why) {
        return requests.unavailable("ask for tails", why);
    }

    // By the dispatcher's thread

    private void take(Message message) {
        String subject = message.getSubject();
        if (subject.startsWith(answers)) {
            CompletableFuture<Message> answer = open.remove(subject);
            if (answer != null) {
                answer.complete(message);
            }
            return;
        }
        Stamp.of(message.getHeaders()).ifPresent(stamp -> take(stamp, message));
    }

    private void take(Stamp stamp, Message message) {
        election.heard(stamp.reign());
        String topic = subjects.liveTopic(message.getSubject());
        Arrivals arrivals = topics.get(topic);
        if (arrivals == null) {
            return;
        }
        var entry =
                new Entry(
                        stamp.position(),
                        stamp.time(),
                        Envelope.message(message.getHeaders(), message.getData()));
        if (arrivals.add(stamp, entry, System.nanoTime())) {
            feed.live(topic, stamp.previousPosition(), entry);
        }
    }
}
