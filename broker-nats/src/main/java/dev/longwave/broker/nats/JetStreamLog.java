package dev.longwave.broker.nats;

import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Start;
import dev.longwave.broker.feed.SharedLog;
import dev.longwave.broker.feed.Tail;
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
     * grown since: then no topic has. Tails are kept for subscribed topics only.
     */
    private static final long NEVER = -1;

    private final LivePath live;
    private final EphemeralPath ephemeral;
    private final LogReader reader;
    private final StreamLeader leader;
    private final Stream stream;
    private final Subjects subjects;
    private final Map<String, Known> known = new ConcurrentHashMap<>();

    /**
     * A tail that was found earlier.
     *
     * @param asOf the stream's last sequence before the look-up, or NEVER
     */
    private record Known(long asOf, Tail tail) {

        static final Known NOTHING = new Known(NEVER, Tail.empty(new Position(0, 0)));

        boolean isCurrent(StreamFacts facts) {
            return asOf == facts.last() && tail.position().epoch() == facts.epoch();
        }
    }

    JetStreamLog(
            LivePath live,
            EphemeralPath ephemeral,
            LogReader reader,
            StreamLeader leader,
            Stream stream,
            Subjects subjects) {
        this.live = live;
        this.ephemeral = ephemeral;
        this.reader = reader;
        this.leader = leader;
        this.stream = stream;
        this.subjects = subjects;
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
        live.unsubscribe(topic);
        ephemeral.unsubscribe(topic);
    }

    @Override
    public Page read(
            String topic, Start start, @Nullable Position until, int maxEntries, int maxBytes) {
        return reader.read(
                new LogReader.Request(subjects.filter(topic), start, until, maxEntries, maxBytes));
    }

    @Override
    public Map<String, Tail> tails(Collection<String> topics) {
        // Read first: a topic that is then found to be empty has nothing up to the last sequence.
        StreamFacts facts = stream.facts();
        var tails = new HashMap<String, Tail>();
        var toAsk = new ArrayList<String>();
        for (String topic : topics) {
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
            Tail tail =
                    found.get(i)
                            .map(m -> Tail.at(new Position(facts.epoch(), m.sequence())))
                            .orElse(empty);
            tails.put(topic, tail);
            known.replace(topic, new Known(facts.last(), tail));
        }
        return tails;
    }

    /** {@return the tail of the topics that were found to be empty after reading {@code facts}} */
    private Tail emptyTail(StreamFacts facts) {
        var position = new Position(facts.epoch(), facts.last());
        if (!stream.removesEarly()) {
            return Tail.empty(position);
        }
        // Read again, after the look-ups: a message may have been removed just before them.
        StreamFacts later = stream.facts();
        return Tail.empty(position, new Position(later.epoch(), later.first() - 1));
    }
}
