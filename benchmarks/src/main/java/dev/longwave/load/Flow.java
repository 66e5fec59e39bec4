package dev.longwave.load;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;

/** Publishes events to some topics, on a schedule, and follows them to their subscribers. */
final class Flow {
    private static final double NANOS_PER_SECOND = 1e9;

    private final EventLoop loop;
    private final List<Topic> topics;
    private final Publishing publishing;
    private final double nanosBetween; // 0: no fixed rate
    private final int window;
    private final Recorder recorder = new Recorder();
    private final Queue<Topic> permits = new ArrayDeque<>(); // with a window: who may publish
    private boolean running;
    private int open; // how many events of a topic may be under way now; 0: as the rate says
    private long startedAt;
    private long count;
    private int ready;

    private Flow(
            EventLoop loop,
            List<Topic> topics,
            Publishing publishing,
            double nanosBetween,
            int window) {
        this.loop = loop;
        this.topics = topics;
        this.publishing = publishing;
        this.nanosBetween = nanosBetween;
        this.window = window;
    }

    /**
     * {@return a flow of {@code rate} events per second in total} Event k is due k / rate after the
     * start, and its latency counts from then, however late it is sent.
     */
    static Flow atRate(EventLoop loop, List<Topic> topics, Publishing publishing, double rate) {
        return new Flow(loop, topics, publishing, NANOS_PER_SECOND / rate, 0);
    }

    /** {@return a flow with {@code window} events of each topic under way, or none if that is 0} */
    static Flow saturating(EventLoop loop, List<Topic> topics, Publishing publishing, int window) {
        return new Flow(loop, topics, publishing, 0, window);
    }

    Recorder recorder() {
        return recorder;
    }

    /** {@return whether the way to the server is open for each topic} Call it until it is. */
    boolean isReady() {
        while (ready < topics.size() && publishing.isReady(topics.get(ready))) {
            ready++;
        }
        return ready == topics.size();
    }

    /**
     * Publishes as fast as possible, until {@link #start}: what a server must find out or compile
     * it then has behind it.
     */
    void warmUp() {
        begin(nanosBetween > 0 ? 1 : window);
    }

    /** Goes on as it is meant to. */
    void start() {
        if (!running || open != window) {
            begin(window);
        }
    }

    private void begin(int newOpen) {
        running = true;
        open = newOpen;
        startedAt = loop.now();
        count = 0;
        permits.clear();
        for (Topic topic : topics) {
            for (int i = 0; i < open && topic.subscribers() > 0; i++) {
                permits.add(topic);
            }
        }
    }

    void stop() {
        running = false;
    }

    /** Publishes what is due. {@return when there is more to do, as far as it is known} */
    long pump() {
        if (!running) {
            return Long.MAX_VALUE;
        }
        if (open > 0) {
            return pumpWindow();
        }
        return nanosBetween > 0 ? pumpSchedule() : Long.MAX_VALUE;
    }

    private long pumpSchedule() {
        while (true) {
            long dueAt = startedAt + (long) (count * nanosBetween);
            Topic topic = topics.get((int) (count % topics.size()));
            if (dueAt > loop.now()) {
                return dueAt;
            }
            if (!publishing.isReady(topic)) {
                return Long.MAX_VALUE; // until an answer comes in
            }
            publish(topic, dueAt);
            count++;
        }
    }

    private long pumpWindow() {
        for (Topic topic = permits.peek();
                topic != null && publishing.isReady(topic);
                topic = permits.peek()) {
            permits.remove();
            publish(topic, loop.now());
        }
        return Long.MAX_VALUE;
    }

    private void publish(Topic topic, long dueAt) {
        recorder.published(dueAt, topic.subscribers());
        publishing.publish(topic, topic.next(), dueAt);
    }

    /** A subscriber has an event, for the first time. */
    void delivered(Topic topic, long sequence, long dueAt, long arrivedAt) {
        recorder.delivered(dueAt, arrivedAt);
        if (topic.delivered(sequence) && open > 0) {
            permits.add(topic);
        }
    }
}
