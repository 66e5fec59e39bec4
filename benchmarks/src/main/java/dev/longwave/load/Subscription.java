package dev.longwave.load;

/** One subscriber of one topic. Checks the events it receives. */
final class Subscription implements EventScanner.Sink {
    private final EventLoop loop;
    private final Flow flow;
    private final Topic topic;
    private final boolean counted;
    private int newest = -1; // in the topic's order
    private long seen; // bit n: has newest - n

    /**
     * @param counted whether its deliveries count: those of slow and of short-lived readers do not
     */
    Subscription(EventLoop loop, Flow flow, Topic topic, boolean counted) {
        this.loop = loop;
        this.flow = flow;
        this.topic = topic;
        this.counted = counted;
        if (counted) {
            topic.subscribe();
        }
    }

    Topic topic() {
        return topic;
    }

    @Override
    public void event(long sequence, long dueAt) {
        if (counted && isNew(topic.order(sequence))) {
            flow.delivered(topic, sequence, dueAt, loop.arrivedAt());
        }
    }

    @Override
    public void foreign() {
        if (counted) {
            flow.recorder().foreign();
        }
    }

    @Override
    public void comment() {
        if (counted) {
            flow.recorder().comment();
        }
    }

    private boolean isNew(int order) {
        int ahead = order - newest;
        if (ahead > 0) {
            seen = ahead < Long.SIZE ? (seen << ahead) | 1 : 1;
            newest = order;
            return true;
        }
        if (order >= 0 && -ahead < Long.SIZE && ((seen >>> -ahead) & 1) != 0) {
            flow.recorder().repeated();
            return false;
        }
        if (order >= 0 && -ahead < Long.SIZE) {
            seen |= 1L << -ahead;
        }
        flow.recorder().reordered();
        return true;
    }
}
