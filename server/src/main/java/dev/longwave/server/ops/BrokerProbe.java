package dev.longwave.server.ops;

import dev.longwave.broker.Broker;
import dev.longwave.broker.Capability;
import dev.longwave.broker.Entry;
import dev.longwave.broker.EphemeralMessage;
import dev.longwave.broker.GapReason;
import dev.longwave.broker.Message;
import dev.longwave.broker.Position;
import dev.longwave.core.TopicName;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Finds out whether a node still hears what the broker says: it sends itself a message now and
 * then, which must come back. Safe for many threads.
 */
public final class BrokerProbe implements AutoCloseable {
    /*
     * A node can be connected, and take part in everything but the one thing that it is for: a subscription was lost, or
     * the thread that hands on messages is stuck. Then its health is good and its streams are silent.
     *
     * The probes are ephemeral, in a topic of this node alone: they leave nothing behind in the broker. Such messages may
     * be lost, so it takes several in a row. The count is put back by each that comes back, however late. It goes up
     * whether a probe can be sent or not, and on a thread that asks the broker nothing: a call that hangs is deafness too.
     */
    private static final int PROBES = 3; // within the deadline
    private static final System.Logger LOGGER = System.getLogger(BrokerProbe.class.getName());

    private final Broker broker;
    private final String topic;
    private final Duration deadline;
    private final ScheduledExecutorService prober =
            Executors.newScheduledThreadPool(
                    2, Thread.ofPlatform().daemon().name("longwave-broker-probe-", 1).factory());
    private final AtomicInteger unanswered = new AtomicInteger();
    private volatile long roundTripNanos = -1;
    private volatile boolean deaf;
    private Broker.@Nullable Subscription subscription; // for the thread that sends

    /**
     * Starts probing, unless {@code deadline} is zero, or the broker carries no ephemeral messages.
     *
     * @param node the ID of this node
     * @param deadline how long none may come back before the node is deaf
     */
    public static BrokerProbe start(Broker broker, String node, Duration deadline) {
        var probe = new BrokerProbe(broker, node, deadline);
        if (deadline.isPositive() && broker.capabilities().contains(Capability.EPHEMERAL)) {
            long period = Math.max(1, deadline.toMillis() / PROBES);
            var _ =
                    probe.prober.scheduleAtFixedRate(
                            probe::count, 0, period, TimeUnit.MILLISECONDS);
            var _ = probe.prober.scheduleAtFixedRate(probe::send, 0, period, TimeUnit.MILLISECONDS);
        }
        return probe;
    }

    private BrokerProbe(Broker broker, String node, Duration deadline) {
        this.broker = broker;
        this.topic = TopicName.RESERVED + "/probes/" + node;
        this.deadline = deadline;
    }

    /** {@return whether the last probes have not come back} False if there are none. */
    public boolean deaf() {
        return deaf;
    }

    /** {@return how long the last probe that came back took; empty if none has} */
    OptionalLong roundTripNanos() {
        long nanos = roundTripNanos;
        return nanos < 0 ? OptionalLong.empty() : OptionalLong.of(nanos);
    }

    /** {@return the same in seconds; not a number if none has come back} */
    public double roundTripSeconds() {
        OptionalLong nanos = roundTripNanos();
        return nanos.isPresent() ? nanos.getAsLong() / 1e9 : Double.NaN;
    }

    private void count() {
        noteDeaf(unanswered.getAndIncrement() >= PROBES);
    }

    private void send() {
        try {
            if (subscription == null) {
                subscription = broker.subscribe(topic, new Echo());
            }
            byte[] sent = ByteBuffer.allocate(Long.BYTES).putLong(System.nanoTime()).array();
            broker.broadcast(
                    topic,
                    Message.builder(sent)
                            .attribute("content-type", "application/octet-stream")
                            .build());
        } catch (RuntimeException e) {
            // The broker's own state says why.
            LOGGER.log(System.Logger.Level.DEBUG, "a probe could not be sent", e);
        }
    }

    private void noteDeaf(boolean now) {
        if (now == deaf) {
            return;
        }
        deaf = now;
        if (now) {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    "this node does not hear the broker: its probes have not come back for={0}",
                    deadline);
        } else {
            LOGGER.log(System.Logger.Level.INFO, "this node hears the broker again");
        }
    }

    private void heard(EphemeralMessage message) {
        byte[] data = message.message().data();
        if (data.length == Long.BYTES) {
            roundTripNanos = Math.max(0, System.nanoTime() - ByteBuffer.wrap(data).getLong());
            unanswered.set(0);
        }
    }

    private final class Echo implements Broker.Sink {

        @Override
        public void message(Entry entry) {
            // Nobody publishes here.
        }

        @Override
        public void gap(Position after, Position before, GapReason reason) {
            // Nor can anything be missing.
        }

        @Override
        public void ephemeral(EphemeralMessage message) {
            heard(message);
        }
    }

    /** Stops it. The subscription ends with the broker. */
    @Override
    public void close() {
        prober.shutdownNow();
    }
}
