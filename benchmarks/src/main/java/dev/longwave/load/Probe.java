package dev.longwave.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/** A small topic beside the large ones: one subscriber, few events, on a thread of its own. */
final class Probe {
    /*
     * The load's own thread may have thousands of deliveries to read at once, and the probe's must
     * not queue behind them: that would be the load generator's delay, not the server's. All state
     * belongs to the probe's thread, which takes its orders from a queue; the recorder is read once
     * that thread has ended.
     */
    private static final double RATE = 50;
    private static final long ORDERS_PERIOD = TimeUnit.MILLISECONDS.toNanos(5);
    private static final long LONGEST_DRAIN = TimeUnit.SECONDS.toNanos(10);

    private final EventLoop loop = new EventLoop();
    private final Failures failures = new Failures();
    private final Queue<Runnable> orders = new ConcurrentLinkedQueue<>();
    private final Flow flow;
    private final Thread thread;
    private boolean ended;

    Probe(Options options, String topicName) throws IOException {
        var connector =
                new Connector(
                        loop,
                        options.address,
                        options.localAddresses,
                        TlsClient.Shared.of(options));
        var requests = Requests.of(options);
        var topic = new Topic(topicName, Topic.LEAST_REMEMBERED);
        var publishing = new PostPublishing(loop, connector, requests, failures, 1);
        flow = Flow.atRate(loop, List.of(topic), publishing, RATE);
        var _ =
                new Http1Subscriber(
                        loop,
                        connector,
                        new SubscriberCounts(),
                        EventStream.of(
                                options,
                                requests,
                                new Subscription(loop, flow, topic, true),
                                failures),
                        Http1Subscriber.Speed.PROMPT);
        thread = Thread.ofPlatform().daemon().name("probe").unstarted(this::run);
        thread.start();
    }

    void start() {
        orders.add(flow::start);
    }

    void measureFromNow() {
        long now = loop.now();
        orders.add(() -> flow.recorder().measureFrom(now));
    }

    void measureToNow() {
        long now = loop.now();
        orders.add(() -> flow.recorder().measureTo(now));
    }

    /** Waits for what is under way. {@return what was recorded} */
    Recorder end() {
        orders.add(() -> {
            flow.stop();
            ended = true;
        });
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return flow.recorder();
    }

    private void run() {
        try {
            while (!ended) {
                turn();
            }
            long until = loop.now() + LONGEST_DRAIN;
            while (flow.recorder().isWaiting() && loop.now() < until) {
                turn();
            }
        } catch (UncheckedIOException e) {
            System.err.println("load: the probe failed: " + e.getMessage());
        }
    }

    private void turn() {
        for (Runnable order = orders.poll(); order != null; order = orders.poll()) {
            order.run();
        }
        loop.turn(Math.min(flow.pump(), loop.now() + ORDERS_PERIOD));
    }
}
