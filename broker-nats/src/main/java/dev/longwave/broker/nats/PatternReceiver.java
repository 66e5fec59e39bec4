package dev.longwave.broker.nats;

import dev.longwave.broker.Position;
import dev.longwave.broker.feed.Feed;

/** Receives the live messages of a pattern. Confined to its dispatcher's thread. */
final class PatternReceiver {
    /*
     * A live message names the message before it in its topic, not in the pattern: it does not show
     * whether a message of another topic was lost on the way. So in general it only announces that
     * there is something to read from the stream; where the stream is busy, one page brings many. But
     * there can be nothing between two messages with consecutive sequences. So where everything that
     * is published matches the pattern, messages are delivered as they arrive.
     *
     * An ordered consumer for each pattern would notice losses on the way, but not what the stream
     * removes before a slow consumer has read it, and it would be one more thing on the servers that
     * can fail and has to be created again.
     */
    private final String pattern;
    private final Feed feed;
    private final Entries entries;
    private long latest;

    PatternReceiver(String pattern, Feed feed, Entries entries) {
        this.pattern = pattern;
        this.feed = feed;
        this.entries = entries;
    }

    void receive(StoredMessage stored, long epoch) {
        if (stored.sequence() == latest + 1 && !stored.marksDeletion()) {
            var previous = new Position(epoch, stored.sequence() - 1);
            feed.live(pattern, previous, entries.ofPattern(stored, epoch));
        } else {
            feed.announce(pattern, stored.position(epoch));
        }
        latest = stored.sequence();
    }
}
