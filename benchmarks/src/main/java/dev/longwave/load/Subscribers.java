package dev.longwave.load;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.TimeUnit;

/**
 * All subscribers: connects them at a steady rate, reads for the slow ones, and has short-lived
 * ones connect and leave.
 */
final class Subscribers {
    private static final long SLOW_PERIOD = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long CHURN_STAY = TimeUnit.SECONDS.toNanos(1);
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final int MAX_CONNECTING = 1000;

    private final EventLoop loop;
    private final Options options;
    private final Connector connector;
    private final Requests requests;
    private final Failures failures;
    private final Optional<SocketPublishing> publishing;
    private final Flow flow;
    private final List<Topic> topics;
    private final SubscriberCounts counts = new SubscriberCounts();
    private final SubscriberCounts shortLived = new SubscriberCounts();
    private final List<Http1Subscriber> slow = new ArrayList<>();
    private final Queue<ShortLived> staying = new ArrayDeque<>();
    private final long startedAt;
    private int started;
    private long nextSlowRead;
    private long churnStartedAt = Long.MAX_VALUE;
    private long churned;

    private record ShortLived(Http1Subscriber subscriber, long leavesAt) {}

    Subscribers(
            EventLoop loop,
            Options options,
            Connector connector,
            Requests requests,
            Failures failures,
            Optional<SocketPublishing> publishing,
            Flow flow,
            List<Topic> topics) {
        this.loop = loop;
        this.options = options;
        this.connector = connector;
        this.requests = requests;
        this.failures = failures;
        this.publishing = publishing;
        this.flow = flow;
        this.topics = topics;
        startedAt = loop.now();
    }

    SubscriberCounts counts() {
        return counts;
    }

    /** {@return the counts of short-lived subscribers} */
    SubscriberCounts shortLived() {
        return shortLived;
    }

    /** {@return whether each subscriber has its stream, or has failed to get it} */
    boolean isComplete() {
        return counts.open() + counts.refusedCount() + counts.lostCount() >= options.connections;
    }

    void startChurn() {
        churnStartedAt = loop.now();
    }

    /** Does what is due. {@return when to call it again} */
    long pump() throws IOException {
        long now = loop.now();
        return Math.min(connect(now), Math.min(readSlowly(now), churn(now)));
    }

    private long connect(long now) throws IOException {
        while (started < options.connections) {
            int underWay = started - counts.open() - counts.refusedCount() - counts.lostCount();
            long dueAt = startedAt + started * SECOND / options.connectRate;
            if (underWay >= MAX_CONNECTING || dueAt > now) {
                return Math.max(dueAt, now + SECOND / 1000);
            }
            if (options.streamsPerConnection > 0) {
                connectShared();
            } else {
                connectAlone();
            }
        }
        return Long.MAX_VALUE;
    }

    private void connectShared() throws IOException {
        int count = Math.min(options.streamsPerConnection, options.connections - started);
        var subscriptions = new ArrayList<Subscription>(count);
        for (int i = 0; i < count; i++) {
            subscriptions.add(new Subscription(loop, flow, topic(started++), true));
        }
        var _ = new Http2Subscribers(loop, connector, counts, requests, subscriptions);
    }

    private void connectAlone() throws IOException {
        int index = started++;
        Http1Subscriber.Speed speed = speed(index);
        var subscription =
                new Subscription(loop, flow, topic(index), speed == Http1Subscriber.Speed.PROMPT);
        EventStream stream = stream(subscription);
        var subscriber = new Http1Subscriber(loop, connector, counts, stream, speed);
        if (speed == Http1Subscriber.Speed.SLOW) {
            slow.add(subscriber);
        }
        if (publishing.isPresent() && stream instanceof WebSocketStream socket) {
            publishing.get().add(subscription.topic(), subscriber, socket);
        }
    }

    private EventStream stream(Subscription subscription) {
        return EventStream.of(options, requests, subscription, failures);
    }

    /** Spreads the shares evenly: subscriber by subscriber, one becomes slow when it is due. */
    private Http1Subscriber.Speed speed(int index) {
        if (isDue(index, options.frozenShare)) {
            return Http1Subscriber.Speed.FROZEN;
        }
        return isDue(index, options.slowShare)
                ? Http1Subscriber.Speed.SLOW
                : Http1Subscriber.Speed.PROMPT;
    }

    private static boolean isDue(int index, double share) {
        return Math.floor((index + 1) * share) > Math.floor(index * share);
    }

    private Topic topic(int index) {
        return topics.get(index % topics.size());
    }

    private long readSlowly(long now) {
        if (slow.isEmpty()) {
            return Long.MAX_VALUE;
        }
        if (now >= nextSlowRead) {
            nextSlowRead = now + SLOW_PERIOD;
            int bytes = (int) (options.slowBytesPerSecond * SLOW_PERIOD / SECOND);
            slow.removeIf(subscriber -> !subscriber.readSome(bytes));
        }
        return nextSlowRead;
    }

    private long churn(long now) throws IOException {
        if (options.churn == 0 || churnStartedAt == Long.MAX_VALUE) {
            return Long.MAX_VALUE;
        }
        for (ShortLived oldest = staying.peek();
                oldest != null && oldest.leavesAt <= now;
                oldest = staying.peek()) {
            staying.remove().subscriber.close();
        }
        while (churnStartedAt + churned * SECOND / options.churn <= now) {
            var subscription = new Subscription(loop, flow, topic((int) churned), false);
            var subscriber =
                    new Http1Subscriber(
                            loop,
                            connector,
                            shortLived,
                            stream(subscription),
                            Http1Subscriber.Speed.PROMPT);
            staying.add(new ShortLived(subscriber, now + CHURN_STAY));
            churned++;
        }
        return churnStartedAt + churned * SECOND / options.churn;
    }
}
