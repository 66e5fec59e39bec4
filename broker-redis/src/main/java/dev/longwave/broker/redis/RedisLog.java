package dev.longwave.broker.redis;

import dev.longwave.broker.BrokerException;
import dev.longwave.broker.BrokerRefusedException;
import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Start;
import dev.longwave.broker.feed.Feed;
import dev.longwave.broker.feed.ForeignEntries;
import dev.longwave.broker.feed.SharedLog;
import dev.longwave.broker.feed.Tail;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** The log as the feed sees it: read by scripts, with the live path to listen. */
final class RedisLog implements SharedLog {

    private static final String PART = "cluster"; // what is degraded

    private static final String ANY_EPOCH = "";
    private static final String OLDEST = "-";
    private static final String NEWEST = "+";
    private static final String NOTHING = "";

    private final Server server;
    private final Primaries primaries;
    private final LivePath live;
    private final Keys keys;
    private final RedisSettings settings;
    private final Epochs epochs;
    private final SeenEntries seen;
    private final ForeignEntries foreign;
    private final Feed feed;

    RedisLog(
            Server server,
            Primaries primaries,
            LivePath live,
            Keys keys,
            RedisSettings settings,
            Epochs epochs,
            SeenEntries seen,
            ForeignEntries foreign,
            Feed feed) {
        this.server = server;
        this.primaries = primaries;
        this.live = live;
        this.keys = keys;
        this.settings = settings;
        this.epochs = epochs;
        this.seen = seen;
        this.foreign = foreign;
        this.feed = feed;
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
        From from = From.of(start);
        int bucket = Keys.bucket(topic);
        var call =
                Server.Call.repeatable(
                        bucket,
                        Script.READ,
                        List.of(
                                keys.epoch(bucket),
                                keys.log(topic),
                                keys.last(topic),
                                keys.erased(topic)),
                        List.of(
                                epochs.next(),
                                Keys.bytes(from.epoch),
                                Keys.bytes(from.id),
                                Keys.bytes(from.beyond),
                                Keys.bytes(Integer.toString(from.count)),
                                Keys.bytes(until == null ? NEWEST : EntryIds.upTo(until)),
                                Keys.bytes(Integer.toString(maxEntries)),
                                Keys.bytes(Integer.toString(maxBytes)),
                                Keys.bytes(Integer.toString(settings.maxMessageBytes()))));
        LogPage found;
        try {
            found = LogPage.of(server.run("read the log", call), foreign);
        } catch (BrokerRefusedException e) {
            throw unavailable(e);
        }
        if (until != null && until.epoch() != found.epoch()) {
            return read(topic, start, null, maxEntries, maxBytes); // not a bound in this log
        }
        return found.page(start, until, settings.tailRetention());
    }

    /**
     * Asks each primary for the tails of its topics. Where only some answer, theirs are returned,
     * so that the topics of the others do not keep them waiting.
     */
    @Override
    public Map<String, Tail> tails(Collection<String> topics) {
        checkPrimaries(); // a replica would answer, too
        if (topics.isEmpty()) {
            return Map.of();
        }
        var buckets = new TreeMap<Integer, List<String>>();
        for (String topic : topics) {
            buckets.computeIfAbsent(Keys.bucket(topic), _ -> new ArrayList<>()).add(topic);
        }
        var calls = new ArrayList<Server.Call>();
        buckets.forEach((bucket, some) -> calls.add(tailsOf(bucket, some)));
        List<Server.Outcome> outcomes = server.runEach("read the tails", calls, server.deadline());
        var tails = new HashMap<String, Tail>();
        BrokerException failure = null;
        int next = 0;
        for (List<String> some : buckets.values()) {
            Server.Outcome outcome = outcomes.get(next++);
            if (outcome.failure() != null) {
                failure = outcome.failure();
                continue;
            }
            Reply reply = outcome.reply();
            long epoch = EntryIds.epoch(reply.at(0).text());
            long now = reply.at(1).number();
            for (int i = 0; i < some.size(); i++) {
                Reply last = reply.at(2).at(2 * i);
                Reply erased = reply.at(2).at(2 * i + 1);
                tails.put(some.get(i), tail(epoch, now, last, erased));
            }
        }
        if (failure != null && tails.isEmpty()) {
            throw unavailable(failure);
        }
        return tails;
    }

    /** Says which part of a cluster does not work; without any that does, it throws. */
    private void checkPrimaries() {
        var failures = new ConcurrentLinkedQueue<BrokerException>();
        server.forEach(shard -> {
            try {
                String unused = keys.unused(primaries.bucketOf(shard), "key");
                server.checkPrimary(shard, Keys.bytes(unused));
            } catch (BrokerException e) {
                failures.add(e);
            }
        });
        int all = primaries.all().size();
        BrokerException failure = failures.peek();
        if (failure != null && failures.size() >= all) {
            throw unavailable(failure);
        }
        if (failure == null) {
            feed.recovered(PART);
        } else {
            feed.degraded(
                    PART,
                    "%d of %d primaries of the cluster do not answer"
                            .formatted(failures.size(), all));
        }
    }

    private static BrokerUnavailableException unavailable(BrokerException failure) {
        return failure instanceof BrokerUnavailableException e
                ? e
                : new BrokerUnavailableException(String.valueOf(failure.getMessage()), failure);
    }

    private Server.Call tailsOf(int bucket, List<String> topics) {
        var names = new ArrayList<byte[]>();
        var values = new ArrayList<byte[]>();
        names.add(keys.epoch(bucket));
        values.add(epochs.next());
        values.add(Keys.bytes(Long.toString(settings.tailRetention().toMillis())));
        for (String topic : topics) {
            names.add(keys.last(topic));
            names.add(keys.erased(topic));
            seen.addTo(values, topic);
        }
        return Server.Call.repeatable(bucket, Script.TAILS, names, values);
    }

    private Tail tail(long epoch, long now, Reply last, Reply erased) {
        if (last.isNothing()) {
            return Tail.empty(LogPage.beginning(epoch, now, settings.tailRetention()));
        }
        Tail tail = Tail.at(EntryIds.position(epoch, last.text()));
        return erased.isNothing() ? tail : tail.erased(EntryIds.position(epoch, erased.text()));
    }

    private static long roundedUp(Instant time) {
        Instant millis = time.truncatedTo(ChronoUnit.MILLIS);
        return Math.max(0, millis.toEpochMilli() + (millis.equals(time) ? 0 : 1));
    }

    /**
     * The start in the form that the script takes.
     *
     * @param epoch the epoch of the id; in another epoch, reading begins with the oldest entry
     * @param id the id to read from, or "-" for the oldest
     * @param beyond the id of an entry to skip, or empty
     * @param count the number of entries to read from the end, or 0
     */
    private record From(String epoch, String id, String beyond, int count) {

        static From of(Start start) {
            return switch (start) {
                case Start.Earliest _ -> new From(ANY_EPOCH, OLDEST, NOTHING, 0);
                case Start.Last last -> new From(ANY_EPOCH, OLDEST, NOTHING, last.count());
                case Start.Since since ->
                        new From(ANY_EPOCH, roundedUp(since.time()) + "-0", NOTHING, 0);
                case Start.After after -> {
                    Position cursor = after.position();
                    String id = EntryIds.id(cursor);
                    yield new From(
                            EntryIds.epochText(cursor.epoch()),
                            id,
                            EntryIds.isMoment(cursor) ? NOTHING : id,
                            0);
                }
                default -> throw start.unsupported();
            };
        }
    }
}
