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

/** Fetches the events that other nodes and applications publish, and passes them to the feed. */
final class EventFetcher implements AutoCloseable {
    /*
     * A notification only says how far a topic has come. While one query runs, announcements of
     * other topics accumulate, and the next query covers all of them, so that the cost per event
     * falls as the load grows. The events that were read go to the feed as live messages; the
     * sequence before each is its previous position. If some did not fit into the result or could
     * not be read, the topic's position is announced to the feed, which then reads them itself. So it is
     * if the log was put back from a copy: the feed finds out what is missing.
     */
    private static final Logger LOGGER = System.getLogger(EventFetcher.class.getName());

    private static final int MAX_TOPICS = 256; // per query

    private final EventLog log;
    private final Interest interest;
    private final Feed feed;
    private final PendingTopics pending = new PendingTopics();
    private final Thread reader =
            Thread.ofVirtual().name("longwave-postgres-reader").unstarted(this::run);

    EventFetcher(EventLog log, Interest interest, Feed feed) {
        this.log = log;
        this.interest = interest;
        this.feed = feed;
    }

    void start() {
        reader.start();
    }

    /** Queues announced events that this node is interested in. */
    void add(List<Announcement> announcements) {
        for (Announcement each : announcements) {
            if (interest.isNew(each.topic(), each.place().in(log.epoch()))) {
                pending.add(each.topic(), each.place());
            }
        }
    }

    private void run() {
        try {
            while (true) {
                Map<String, Announcement.Place> taken = pending.take(0);
                if (taken.isEmpty()) {
                    return;
                }
                try {
                    fetch(taken);
                } catch (RuntimeException e) { // other topics must go on, whatever it is
                    LOGGER.log(Level.WARNING, "cannot fetch events topics=" + taken.size(), e);
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // the fetcher is closed
        }
    }

    private void fetch(Map<String, Announcement.Place> newest) {
        long epoch = log.epoch();
        var wanted = new HashMap<String, Position>();
        var after = new LinkedHashMap<String, Position>();
        newest.forEach((topic, place) -> {
            Position position = place.in(epoch);
            if (!interest.isNew(topic, position)) {
                return;
            }
            Position covered = interest.coveredUpTo(topic);
            if (covered == null || !covered.sameEpoch(position) || !position.isAfter(covered)) {
                interest.covers(topic, position);
                feed.announce(topic, position);
                return;
            }
            wanted.put(topic, position);
            after.put(topic, covered);
            if (after.size() == MAX_TOPICS) {
                fetchBatch(after, wanted);
                after.clear();
            }
        });
        fetchBatch(after, wanted);
    }

    private void fetchBatch(Map<String, Position> after, Map<String, Position> wanted) {
        if (after.isEmpty()) {
            return;
        }
        var read = new HashMap<>(after);
        for (EventLog.TopicEntry each : readNew(after)) {
            Position position = each.entry().position();
            feed.live(each.topic(), each.previous(), each.entry());
            read.put(each.topic(), position);
        }
        after.forEach((topic, from) -> {
            Position upTo = read.getOrDefault(topic, from);
            Position newestWanted = wanted.getOrDefault(topic, from);
            interest.covers(topic, upTo);
            if (interest.isNew(topic, newestWanted)) {
                interest.covers(topic, newestWanted);
                feed.announce(topic, newestWanted);
            }
        });
    }

    private List<EventLog.TopicEntry> readNew(Map<String, Position> after) {
        try {
            return log.readNew(after);
        } catch (BrokerException e) {
            LOGGER.log(Level.DEBUG, "cannot read new events topics=" + after.size(), e);
            return List.of();
        }
    }

    @Override
    public void close() {
        pending.close();
        Threads.stop(reader);
    }
}
