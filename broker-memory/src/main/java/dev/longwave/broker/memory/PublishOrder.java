package dev.longwave.broker.memory;

import dev.longwave.broker.Broker;
import dev.longwave.broker.Entry;
import dev.longwave.broker.Message;
import dev.longwave.broker.Position;
import java.time.Instant;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Gives the entries of all topics their positions, in one sequence, and passes those that a pattern
 * matches to its feed in the order of that sequence. Safe for many threads.
 */
final class PublishOrder {
    /*
     * An entry gets its position, and its place in the topic's log, under the topic's lock, so the
     * order within a topic is that of positions. Two topics share only the counter: 6 may be in its
     * log before 5 is in another one. Two things must hold nevertheless.
     *
     * Reading many topics (PatternHistory). A thread that reads `last` and then takes the lock of
     * each topic finds all entries up to the position that it has read: an entry got such a position
     * earlier, in a section under its topic's lock, which has ended when the reader gets that lock.
     *
     * Dispatching (PatternFeed). A feed must never get 6 before 5. So the entries of a topic that a
     * feed matches get their positions under this object's monitor, and go to the feeds before it is
     * released. Other topics do not take it, and no topic does while there are no feeds: a publisher
     * reads `feeds`, which is one volatile read, and increments the counter.
     *
     * Joining. A publisher may have read `feeds` just before a feed was added, and be about to take a
     * position without it. It does both under its topic's lock. So the feed is first stored in
     * `feeds`, then the lock of each matching topic is taken and released, and then, under this
     * monitor, the feed begins after S, the last position taken. A publisher to a matching topic
     * either had that lock before, and its position is at most S; or it got the lock later, saw the
     * feed, and took this monitor: before the feed began, and its position is at most S, or after,
     * and the feed has its entry. A topic that did not exist when the locks were taken was created,
     * and read `feeds`, after the feed was stored. Everything up to S can be read, as said above.
     *
     * Locks. The only ones ever held together are a topic's, then this one, then a feed's, in that
     * order. No foreign code is called and nothing is waited for under them.
     */
    static final PatternFeed[] NONE = {};

    private final long epoch;
    private final AtomicLong last = new AtomicLong();
    private volatile PatternFeed[] feeds = NONE; // replaced under the monitor, never changed

    PublishOrder(long epoch) {
        this.epoch = epoch;
    }

    long epoch() {
        return epoch;
    }

    Position position(long sequence) {
        return new Position(epoch, sequence);
    }

    /** {@return the last position taken} */
    Position last() {
        return position(last.get());
    }

    /**
     * {@return all feeds; the same array as long as they are the same, and NONE if there are none}
     */
    PatternFeed[] feeds() {
        return feeds;
    }

    /**
     * {@return the next entry of {@code topic}, which {@code to} have been passed} Under the
     * topic's lock.
     */
    Entry next(String topic, Instant time, Message message, PatternFeed[] to) {
        if (to.length == 0) {
            return Entry.of(position(last.incrementAndGet()), time, message);
        }
        synchronized (this) {
            var entry = Entry.of(position(last.incrementAndGet()), time, message);
            Entry named = entry.in(topic);
            for (PatternFeed feed : to) {
                feed.append(named);
            }
            return entry;
        }
    }

    /** Has entries passed to {@code feed}. */
    synchronized void add(PatternFeed feed) {
        PatternFeed[] more = Arrays.copyOf(feeds, feeds.length + 1);
        more[more.length - 1] = feed;
        feeds = more;
    }

    /** Has {@code feed} begin, once no publisher to a topic of it can overlook it. */
    synchronized void open(PatternFeed feed, Broker.Sink sink) {
        feed.open(sink, last());
    }

    /** Takes back {@link #add}. Does nothing the second time. */
    synchronized void remove(PatternFeed feed) {
        PatternFeed[] fewer =
                Arrays.stream(feeds).filter(other -> other != feed).toArray(PatternFeed[]::new);
        if (fewer.length != feeds.length) {
            feeds = fewer.length == 0 ? NONE : fewer;
        }
    }
}
