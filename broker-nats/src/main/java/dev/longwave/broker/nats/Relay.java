package dev.longwave.broker.nats;

import dev.longwave.broker.feed.Feed;
import org.jspecify.annotations.Nullable;

/** Tells the feed, and who waits for an answer, what becomes of the connection. */
final class Relay implements Connections.Listener {

    private final Feed feed;
    private volatile @Nullable Requests requests; // null until there is a connection

    Relay(Feed feed) {
        this.feed = feed;
    }

    void connected(Requests first) {
        requests = first;
    }

    @Override
    public void lost() {
        Requests waiting = requests;
        if (waiting != null) {
            waiting.connectionLost();
        }
        feed.disconnected();
    }

    @Override
    public void restored() {
        feed.suspectAll();
    }

    @Override
    public void dropped() {
        feed.suspectAll();
    }

    @Override
    public void refused() {
        feed.failed();
    }
}
