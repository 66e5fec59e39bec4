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

/** The stream as the feed sees it. */
final class JetStreamLog implements SharedLog {
    /*
     * A look-up brings the whole message. So what was found is kept, and used again if the stream has
     * not got longer since: then no topic has. It is kept for topics that are listened to only.
     */
    private static final long NEVER = -1;

    private final LivePath live;
    private final LogReader reader;
    private final StreamLeader leader;
    private final Stream stream;
    private final Subjects subjects;
    private final Map<String, Seen> seen = new ConcurrentHashMap<>();

    /**
     * A tail as it was found.
     *
     * @param asOf where the stream ended before it was looked up, or NEVER
     */
    private record Seen(long asOf, Tail tail) {

        static final Seen NOTHING = new Seen(NEVER, Tail.empty(new Position(0, 0)));

        boolean isUpToDate(StreamFacts facts) {
            return asOf == facts.last() && tail.position().epoch() == facts.epoch();
        }
    }

    JetStreamLog(LivePath live, LogReader reader, StreamLeader leader, Stream stream, Subjects subjects) {
        this.live = live;
        this.reader = reader;
        this.leader = leader;
        this.stream = stream;
        this.subjects = subjects;
    }

    @Override
    public void listen(String topic) {
        seen.put(topic, Seen.NOTHING);
        live.listen(topic);
    }

    @Override
    public void unlisten(String topic) {
        seen.remove(topic);
        live.unlisten(topic);
    }

    @Override
    public Page read(
            String topic, Start start, @Nullable Position until, int maxEntries, int maxBytes) {
        return reader.read(
                new LogReader.Wanted(subjects.filter(topic), start, until, maxEntries, maxBytes));
    }

    @Override
    public Map<String, Tail> tails(Collection<String> topics) {
        // Asked first: of a topic that is found to have nothing then, nothing stands up to here.
        StreamFacts facts = stream.facts();
        var tails = new HashMap<String, Tail>();
        var toAsk = new ArrayList<String>();
        for (String topic : topics) {
            Seen before = seen.getOrDefault(topic, Seen.NOTHING);
            if (before.isUpToDate(facts)) {
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
        for (int i = 0; i < toAsk.size(); i++) {
            String topic = toAsk.get(i);
            Tail tail = tail(found.get(i), facts);
            tails.put(topic, tail);
            seen.replace(topic, new Seen(facts.last(), tail));
        }
        return tails;
    }

    private static Tail tail(Optional<StoredMessage> newest, StreamFacts facts) {
        return newest.map(stored -> Tail.at(new Position(facts.epoch(), stored.sequence())))
                .orElseGet(() -> Tail.empty(new Position(facts.epoch(), facts.last())));
    }
}
