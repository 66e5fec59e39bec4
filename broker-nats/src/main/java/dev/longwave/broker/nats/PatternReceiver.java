package dev.longwave.broker.nats;

import dev.longwave.broker.Position;
import dev.longwave.broker.feed.Feed;

/** What is live of a pattern. By its dispatcher's thread alone. */
final class PatternReceiver {
    /*
     * A live message says which one was before it in its topic, not in the pattern: nobody can tell
     * from it whether one of another topic was lost on the way. So it is only word of something to be
     * read from the stream; where the stream is busy, one page brings many. But nothing can be
     * between two messages whose sequences are neighbours. So where all that is published matches,
     * they are handed on as they come.
     *
     * An ordered consumer for each pattern would notice what is lost on the way, but not what the
     * stream removes before a slow one has got it, and it would be one more thing on the servers
     * that can stop, and has to be made again.
     */
    private final String pattern;
    private final Feed feed;
    private long latest;

    PatternReceiver(String pattern, Feed feed) {
        this.pattern = pattern;
        this.feed = feed;
    }

    void arrived(StoredMessage stored, String topic, long epoch) {
        var previous = new Position(epoch, stored.sequence() - 1);
        if (stored.sequence() == latest + 1) {
            feed.live(pattern, previous, stored.entry(epoch).in(topic));
        } else {
            feed.announce(pattern, new Position(epoch, stored.sequence()));
        }
        latest = stored.sequence();
    }
}
