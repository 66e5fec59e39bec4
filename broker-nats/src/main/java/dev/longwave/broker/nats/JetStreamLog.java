package dev.longwave.broker.nats;

import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Start;
import dev.longwave.broker.feed.SharedLog;
import dev.longwave.broker.feed.Tail;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The stream as the feed sees it. */
final class JetStreamLog implements SharedLog {

    private final LivePath live;
    private final LogReader reader;
    private final Leader leader;
    private final Stream stream;
    private final Subjects subjects;

    JetStreamLog(
            LivePath live, LogReader reader, Leader leader, Stream stream, Subjects subjects) {
        this.live = live;
        this.reader = reader;
        this.leader = leader;
        this.stream = stream;
        this.subjects = subjects;
    }

    @Override
    public void listen(String topic) {
        live.listen(topic);
    }

    @Override
    public void unlisten(String topic) {
        live.unlisten(topic);
    }

    @Override
    public Page read(
            String topic, Start start, @Nullable Position until, int maxEntries, int maxBytes) {
        return reader.read(
                new LogReader.Wanted(subjects.log(topic), start, until, maxEntries, maxBytes));
    }

    @Override
    public Map<String, Tail> tails(Collection<String> topics) {
        // Asked first: of a topic that is found to have nothing then, nothing stands up to here.
        StreamFacts facts = stream.facts();
        List<Leader.Query> queries =
                topics.stream().map(topic -> Leader.Query.last(subjects.log(topic))).toList();
        List<Optional<Stored>> newest = leader.ask(queries);
        var tails = new HashMap<String, Tail>();
        int next = 0;
        for (String topic : topics) {
            tails.put(topic, tail(newest.get(next++), facts));
        }
        return tails;
    }

    private static Tail tail(Optional<Stored> newest, StreamFacts facts) {
        return newest.map(stored -> Tail.at(new Position(facts.epoch(), stored.sequence())))
                .orElseGet(() -> Tail.empty(new Position(facts.epoch(), facts.last())));
    }
}
