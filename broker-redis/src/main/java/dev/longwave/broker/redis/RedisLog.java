package dev.longwave.broker.redis;

import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Start;
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
import org.jspecify.annotations.Nullable;

/** The log as the feed sees it: read by scripts, with the live path to listen. */
final class RedisLog implements SharedLog {

    private static final String ANY_EPOCH = "";
    private static final String OLDEST = "-";
    private static final String NEWEST = "+";
    private static final String NOTHING = "";

    private final Server server;
    private final LivePath live;
    private final Keys keys;
    private final RedisSettings settings;
    private final Epochs epochs;

    RedisLog(Server server, LivePath live, Keys keys, RedisSettings settings, Epochs epochs) {
        this.server = server;
        this.live = live;
        this.keys = keys;
        this.settings = settings;
        this.epochs = epochs;
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
        var call =
                new Server.Call(
                        Script.READ,
                        List.of(keys.epoch(Keys.bucket(topic)), keys.log(topic), keys.last(topic)),
                        List.of(
                                epochs.next(),
                                Keys.bytes(from.epoch),
                                Keys.bytes(from.id),
                                Keys.bytes(from.beyond),
                                Keys.bytes(Integer.toString(from.count)),
                                Keys.bytes(until == null ? NEWEST : EntryIds.upTo(until)),
                                Keys.bytes(Integer.toString(maxEntries)),
                                Keys.bytes(Integer.toString(maxBytes))));
        LogPage found = LogPage.of(server.run("read the log", call, true));
        if (until != null && until.epoch() != found.epoch()) {
            return read(topic, start, null, maxEntries, maxBytes); // not a bound in this log
        }
        return found.page(start, until, settings.tailRetention());
    }

    @Override
    public Map<String, Tail> tails(Collection<String> topics) {
        server.checkPrimary(Keys.bytes(keys.unused("key"))); // a replica would answer, too
        if (topics.isEmpty()) {
            return Map.of();
        }
        var buckets = new TreeMap<Integer, List<String>>();
        for (String topic : topics) {
            buckets.computeIfAbsent(Keys.bucket(topic), _ -> new ArrayList<>()).add(topic);
        }
        var calls = new ArrayList<Server.Call>();
        buckets.forEach((bucket, some) -> calls.add(tailsOf(bucket, some)));
        List<Reply> replies = server.run("read the tails", calls, true);
        var tails = new HashMap<String, Tail>();
        int next = 0;
        for (List<String> some : buckets.values()) {
            Reply reply = replies.get(next++);
            long epoch = EntryIds.epoch(reply.at(0).text());
            long now = reply.at(1).number();
            for (int i = 0; i < some.size(); i++) {
                tails.put(some.get(i), tail(epoch, now, reply.at(2).at(i)));
            }
        }
        return tails;
    }

    private Server.Call tailsOf(int bucket, List<String> topics) {
        var names = new ArrayList<byte[]>();
        names.add(keys.epoch(bucket));
        topics.forEach(topic -> names.add(keys.last(topic)));
        return new Server.Call(Script.TAILS, names, List.of(epochs.next()));
    }

    private Tail tail(long epoch, long now, Reply last) {
        return last.isNothing()
                ? Tail.empty(LogPage.beginning(epoch, now, settings.tailRetention()))
                : Tail.at(EntryIds.position(epoch, last.text()));
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
