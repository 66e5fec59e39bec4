package dev.longwave.broker.nats;

import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.Entry;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Start;
import dev.longwave.broker.feed.Feed;
import dev.longwave.broker.feed.ForeignEntries;
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

/** Stands in for a log in core mode: the messages that this node received in the last seconds. */
final class CoreLog implements SharedLog {
    /*
     * Answers about tails arrive on the same dispatcher as live messages, and so after all messages
     * that the sequencer had sent before. A message that is not here by then never arrives: it is a
     * hole, which is reported. So no loss goes unnoticed, not even that of a topic's last message.
     *
     * Messages are kept for two resync periods. By then the feed has long delivered them; it reads
     * here what exceeded its buffer, and where the next hole is.
     */
    private static final int QUESTION_BYTES = 32 * 1024;
    private static final int PENDING_MESSAGES = 64 * 1024;
    private static final long PENDING_BYTES = 64L << 20;

    private final Connection connection;
    private final Requests requests;
    private final CoreSubjects subjects;
    private final EphemeralPath ephemeral;
    private final Election election;
    private final Feed feed;
    private final ForeignEntries foreign;
    private final String replies;
    private final Duration keep;
    private final Dispatcher dispatcher;
    private final ConcurrentHashMap<String, RecentMessages> topics = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, CompletableFuture<Message>> open =
            new ConcurrentHashMap<>();
    private final AtomicLong questions = new AtomicLong();

    /** A question about the tails of some topics, and the answer to it. */
    private record Question(
            List<String> topics, String replyTo, CompletableFuture<Message> answer) {}

    /**
     * A log without messages.
     *
     * @param keep how long a message is kept: two resync periods
     */
    CoreLog(
            Connection connection,
            Requests requests,
            CoreSubjects subjects,
            EphemeralPath ephemeral,
            Election election,
            Feed feed,
            ForeignEntries foreign,
            Duration keep) {
        this.connection = connection;
        this.requests = requests;
        this.subjects = subjects;
        this.ephemeral = ephemeral;
        this.election = election;
        this.feed = feed;
        this.foreign = foreign;
        this.keep = keep;
        // An inbox is unique, and so is its last token.
        String inbox = connection.createInbox();
        this.replies = subjects.replies(inbox.substring(inbox.lastIndexOf('.') + 1)) + '.';
        this.dispatcher = connection.createDispatcher(this::receive);
        dispatcher.setPendingLimits(PENDING_MESSAGES, PENDING_BYTES);
        dispatcher.subscribe(replies + '*');
    }

    @Override
    public void listen(String topic) {
        topics.put(topic, new RecentMessages());
        ephemeral.subscribe(topic);
        try {
            dispatcher.subscribe(subjects.live(topic));
        } catch (IllegalStateException e) {
            throw new BrokerUnavailableException("cannot subscribe topic=" + topic, e);
        }
        requests.roundTrip("subscribe topic=" + topic);
    }

    @Override
    public void unlisten(String topic) {
        topics.remove(topic);
        dispatcher.unsubscribe(subjects.live(topic));
        ephemeral.unsubscribe(topic);
    }

    @Override
    public Page read(
            String topic, Start start, @Nullable Position until, int maxEntries, int maxBytes) {
        if (!(start instanceof Start.After after)) {
            throw start.unsupported();
        }
        Position cursor = after.position();
        RecentMessages recent = topics.get(topic);
        if (recent == null) {
            throw new BrokerUnavailableException("not subscribed topic=" + topic);
        }
        return recent.after(cursor, maxEntries, maxBytes)
                .or(() -> {
                    tails(List.of(topic));
                    return recent.after(cursor, maxEntries, maxBytes);
                })
                .orElseThrow(() ->
                        new BrokerUnavailableException("the tail is not known topic=" + topic));
    }

    @Override
    public Map<String, Tail> tails(Collection<String> wanted) {
        long deadline = System.nanoTime() + requests.timeout().toNanos();
        Term term =
                election.term()
                        .orElseThrow(() -> new BrokerUnavailableException("no sequencer is known"));
        var tails = new HashMap<String, Tail>();
        var asked = new ArrayList<Question>();
        try {
            for (List<String> portion : portions(wanted)) {
                asked.add(ask(term, portion));
            }
            for (Question question : asked) {
                tails.putAll(answer(term, question, deadline));
            }
        } finally {
            asked.forEach(question -> {
                open.remove(question.replyTo);
                question.answer.cancel(false); // nobody waits for it any more
            });
        }
        long old = System.nanoTime() - keep.toNanos();
        tails.forEach((topic, tail) -> {
            RecentMessages recent = topics.get(topic);
            if (recent != null) {
                recent.receivedUpTo(term, tail.position());
                recent.forget(old);
            }
        });
        return tails;
    }

    /** {@return one portion or more: without topics, the question is whether anybody answers} */
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

    private Question ask(Term term, List<String> portion) {
        var question =
                new Question(
                        portion, replies + questions.incrementAndGet(), new CompletableFuture<>());
        open.put(question.replyTo, question.answer);
        requests.register(question.answer);
        try {
            connection.publish(
                    subjects.tails(term), question.replyTo, TermSequencer.tailsQuestion(portion));
        } catch (IllegalStateException e) {
            open.remove(question.replyTo);
            throw new BrokerUnavailableException("not connected, cannot ask for tails", e);
        }
        return question;
    }

    private Map<String, Tail> answer(Term term, Question question, long deadline) {
        try {
            long left = Math.max(0, deadline - System.nanoTime());
            Message message = question.answer.get(left, TimeUnit.NANOSECONDS);
            if (message.isStatusMessage()) {
                throw unavailable("no node is the sequencer of this term");
            }
            return TermSequencer.tails(term, question.topics, message)
                    .orElseThrow(() -> unavailable("the answer is malformed"));
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

    // All of the following runs on the dispatcher's thread

    private void receive(Message message) {
        String subject = message.getSubject();
        if (subject.startsWith(replies)) {
            CompletableFuture<Message> answer = open.remove(subject);
            if (answer != null) {
                answer.complete(message);
            }
            return;
        }
        SequenceHeader.of(message.getHeaders()).ifPresent(header -> receive(header, message));
    }

    private void receive(SequenceHeader header, Message message) {
        election.observe(header.term());
        String topic = subjects.liveTopic(message.getSubject());
        RecentMessages recent = topics.get(topic);
        if (recent == null) {
            return;
        }
        Entry entry =
                foreign.entry(
                        header.position(),
                        header.time(),
                        Envelope.message(message.getHeaders(), message.getData()),
                        null);
        if (recent.add(header, entry, System.nanoTime())) {
            feed.live(topic, header.previousPosition(), entry);
        }
    }
}
