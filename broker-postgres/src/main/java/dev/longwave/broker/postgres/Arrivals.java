package dev.longwave.broker.postgres;

import dev.longwave.broker.BrokerException;
import dev.longwave.broker.Position;
import dev.longwave.broker.feed.Feed;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Brings the feed what other nodes and applications have published. */
final class Arrivals implements AutoCloseable {
    /*
     * A notification says only where a topic is now. While one query runs, word of further topics
     * gathers, and the next query is for all of them: the more there is to do, the less each event
     * costs. What is read goes to the feed as live messages, each with the sequence before it as the
     * previous one. What did not fit into the answer, or could not be read, is announced: the feed
     * then reads that topic by itself.
     */
    private static final Logger LOGGER = System.getLogger(Arrivals.class.getName());

    private static final int MAX_TOPICS = 256; // of one query

    private final EventLog log;
    private final Interest interest;
    private final Feed feed;
    private final Newest pending = new Newest();
    private final Thread reader =
            Thread.ofVirtual().name("longwave-postgres-reader").unstarted(this::run);

    Arrivals(EventLog log, Interest interest, Feed feed) {
        this.log = log;
        this.interest = interest;
        this.feed = feed;
    }

    void start() {
        reader.start();
    }

    /** Takes word of events. */
    void add(List<Announcement> announcements) {
        for (Announcement each : announcements) {
            if (interest.isNews(each.topic(), new Position(log.epoch(), each.sequence()))) {
                pending.add(each.topic(), each.sequence());
            }
        }
    }

    private void run() {
        try {
            while (true) {
                Map<String, Long> taken = pending.take(0);
                if (taken.isEmpty()) {
                    return;
                }
                try {
                    bring(taken);
                } catch (RuntimeException e) { // whatever it is, others' news must not stop
                    LOGGER.log(Level.WARNING, "cannot bring news topics=" + taken.size(), e);
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // it is closed
        }
    }

    private void bring(Map<String, Long> newest) {
        long epoch = log.epoch();
        var wanted = new HashMap<String, Position>();
        var after = new LinkedHashMap<String, Position>();
        newest.forEach((topic, sequence) -> {
            var position = new Position(epoch, sequence);
            if (!interest.isNews(topic, position)) {
                return;
            }
            Position seen = interest.seenTo(topic);
            if (seen == null || !seen.sameEpoch(position)) {
                interest.sees(topic, position);
                feed.announce(topic, position);
                return;
            }
            wanted.put(topic, position);
            after.put(topic, seen);
            if (after.size() == MAX_TOPICS) {
                bringPart(after, wanted);
                after.clear();
            }
        });
        bringPart(after, wanted);
    }

    private void bringPart(Map<String, Position> after, Map<String, Position> wanted) {
        if (after.isEmpty()) {
            return;
        }
        var read = new HashMap<>(after);
        for (EventLog.News each : news(after)) {
            Position position = each.entry().position();
            feed.live(
                    each.topic(),
                    new Position(position.epoch(), position.major() - 1),
                    each.entry());
            read.put(each.topic(), position);
        }
        after.forEach((topic, from) -> {
            Position upTo = read.getOrDefault(topic, from);
            Position goal = wanted.getOrDefault(topic, from);
            interest.sees(topic, upTo);
            if (interest.isNews(topic, goal)) {
                interest.sees(topic, goal);
                feed.announce(topic, goal);
            }
        });
    }

    private List<EventLog.News> news(Map<String, Position> after) {
        try {
            return log.readNews(after);
        } catch (BrokerException e) {
            LOGGER.log(Level.DEBUG, "cannot read news topics=" + after.size(), e);
            return List.of();
        }
    }

    @Override
    public void close() {
        pending.close();
        Threads.end(reader);
    }
}
