package dev.longwave.broker.nats;

import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Start;
import dev.longwave.broker.feed.Feed;
import dev.longwave.broker.feed.SharedLog;
import dev.longwave.broker.feed.Tail;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Presents the stream to the feed. */
final class JetStreamLog implements SharedLog {
    /*
     * A look-up returns the whole message. So a tail is kept, and used again if the stream has not
     * changed since: then no topic has. Tails are kept for subscribed topics only.
     *
     * The mark of a deletion comes before what it marks is purged (see Deletions), and anybody may write
     * one. So a mark that the feed has read is remembered, and when it has proven true, by the check that
     * follows or a later one, the feed is told. One that does not prove true is forgotten.
     */
    private static final long FORGET_NANOS = Duration.ofMinutes(1).toNanos();

    private final LivePath live;
    private final EphemeralPath ephemeral;
    private final LogReader reader;
    private final StreamLeader leader;
    private final Stream stream;
    private final Subjects subjects;
    private final Deletions deletions;
    private final Feed feed;
    private final Map<String, Known> known = new ConcurrentHashMap<>();
    private final Map<String, Mark> marks = new ConcurrentHashMap<>(); // the newest of each topic

    /**
     * A tail that was found earlier.
     *
     * @param facts the stream's state before the look-up; null for nothing known
     */
    private record Known(@Nullable StreamFacts facts, Tail tail) {

        static final Known NOTHING = new Known(null, Tail.empty(new Position(0, 0)));

        boolean isCurrent(StreamFacts now) {
            return facts != null && facts.isSameState(now);
        }
    }

    /** A mark that was read. */
    private record Mark(StoredMessage stored, long nanos) {}

    JetStreamLog(
            LivePath live,
            EphemeralPath ephemeral,
            LogReader reader,
            StreamLeader leader,
            Stream stream,
            Subjects subjects,
            Deletions deletions,
            Feed feed) {
        this.live = live;
        this.ephemeral = ephemeral;
        this.reader = reader;
        this.leader = leader;
        this.stream = stream;
        this.subjects = subjects;
        this.deletions = deletions;
        this.feed = feed;
    }

    @Override
    public void listen(String topic) {
        known.put(topic, Known.NOTHING);
        ephemeral.subscribe(topic);
        live.subscribe(topic); // and waits for both
    }

    @Override
    public void unlisten(String topic) {
        known.remove(topic);
        marks.remove(topic);
        live.unsubscribe(topic);
        ephemeral.unsubscribe(topic);
    }

    /** {@return a page for {@link dev.longwave.broker.Broker#history}} */
    Page history(
            String topic, Start start, @Nullable Position until, int maxEntries, int maxBytes) {
        return reader.read(
                        new LogReader.Request(
                                subjects.filter(topic),
                                start,
                                until,
                                maxEntries,
                                maxBytes,
                                _ -> {}))
                .withoutSkipped();
    }

    @Override
    public Page read(
            String topic, Start start, @Nullable Position until, int maxEntries, int maxBytes) {
        return reader.read(
                new LogReader.Request(
                        subjects.filter(topic),
                        start,
                        until,
                        maxEntries,
                        maxBytes,
                        mark -> remember(topic, mark)));
    }

    private void remember(String topic, StoredMessage mark) {
        if (known.containsKey(topic)) {
            marks.put(topic, new Mark(mark, System.nanoTime()));
            feed.suspect(topic);
        }
    }

    @Override
    public Map<String, Tail> tails(Collection<String> topics) {
        // Read first: a topic that is then found to be empty has nothing up to the last sequence.
        StreamFacts facts = stream.facts();
        var tails = new HashMap<String, Tail>();
        var toAsk = new ArrayList<String>();
        for (String topic : topics) {
            tellDeletion(topic, facts.epoch());
            Known before = known.getOrDefault(topic, Known.NOTHING);
            if (before.isCurrent(facts)) {
                tails.put(topic, before.tail);
            } else {
                toAsk.add(topic);
            }
        }
        List<Optional<StoredMessage>> found =
                leader.ask(
                        toAsk.stream()
                                .map(t -> StreamLeader.Query.last(subjects.filter(t).subject()))
                                .toList());
        boolean someEmpty = found.stream().anyMatch(Optional::isEmpty);
        Tail empty = someEmpty ? emptyTail(facts) : Known.NOTHING.tail;
        for (int i = 0; i < toAsk.size(); i++) {
            String topic = toAsk.get(i);
            Tail tail = found.get(i).map(m -> Tail.at(m.position(facts.epoch()))).orElse(empty);
            tails.put(topic, tail);
            known.replace(topic, new Known(facts, tail));
        }
        return tails;
    }

    /** {@return the tail of the topics that were found to be empty after reading {@code facts}} */
    private Tail emptyTail(StreamFacts facts) {
        Position position = facts.end();
        if (!stream.removesEarly()) {
            return Tail.empty(position);
        }
        // Read again, after the look-ups: a message may have been removed just before them.
        StreamFacts later = stream.facts();
        return Tail.empty(position, new Position(later.epoch(), later.first() - 1));
    }

    private void tellDeletion(String topic, long epoch) {
        Mark mark = marks.get(topic);
        if (mark == null) {
            return;
        }
        if (deletions.isTrue(mark.stored)) {
            marks.remove(topic, mark);
            subjects.topic(mark.stored.subject())
                    .ifPresent(deleted ->
                            feed.deleted(deleted, new Position(epoch, mark.stored.deletedUpTo())));
        } else if (System.nanoTime() - mark.nanos > FORGET_NANOS) {
            marks.remove(topic, mark);
        }
    }
}
