package dev.longwave.broker.nats;

import dev.longwave.broker.feed.Feed;
import org.jspecify.annotations.Nullable;

/** Passes on what happens to the connection to the feed and to open requests. */
final class FeedConnectionEvents implements ConnectionEvents {

    private final Feed feed;
    private final Denials denials;
    private volatile @Nullable Requests requests; // null until the first connection

    FeedConnectionEvents(Feed feed, Denials denials) {
        this.feed = feed;
        this.denials = denials;
    }

    void connected(Requests first) {
        requests = first;
    }

    @Override
    public void disconnected() {
        Requests open = requests;
        if (open != null) {
            open.disconnected();
        }
        feed.disconnected(DISCONNECTED);
    }

    @Override
    public void reconnected() {
        denials.reconnected();
        feed.suspectAll();
    }

    @Override
    public void messagesDropped() {
        feed.suspectAll();
    }

    @Override
    public void errorReported(String error) {
        Denials.parse(error)
                .ifPresent(denial -> {
                    Requests open = requests;
                    if (open != null && denial.isPublish()) {
                        open.denied(denial.subject());
                    }
                    denials.denied(denial);
                });
    }

    @Override
    public void loginRefused() {
        feed.failed(LOGIN_REFUSED);
    }
}
