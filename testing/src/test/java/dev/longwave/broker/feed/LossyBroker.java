package dev.longwave.broker.feed;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerFactory;
import dev.longwave.broker.BrokerProvider;
import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.Capability;
import dev.longwave.broker.Entry;
import dev.longwave.broker.EphemeralMessage;
import dev.longwave.broker.Message;
import dev.longwave.broker.MessageRefusedException;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Published;
import dev.longwave.broker.Settings;
import dev.longwave.broker.SpiVersion;
import dev.longwave.broker.Start;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A broker on a {@link Bus}, whose live path loses, repeats and delays a message here and there
 * even when all is well.
 */
final class LossyBroker implements Broker, SharedLog, Bus.Listener {

    static final Duration RESYNC_PERIOD = Duration.ofMillis(100);

    private static final long TIMEOUT_MILLIS = 300;
    private static final int MAX_MESSAGE_BYTES = 64 * 1024;

    /** What becomes of the messages between this node and the bus. */
    enum Wire {
        WELL,
        NO_LIVE,
        NO_ACK,
        REFUSED,
        SILENT
    }

    private final Bus bus;
    private final Feed feed;
    private final Set<String> interest = ConcurrentHashMap.newKeySet();
    private final BlockingQueue<Runnable> arrived = new ArrayBlockingQueue<>(1024);
    private final Thread dispatcher;
    private Wire wire = Wire.WELL; // guarded by this
    private volatile int topicsChecked;
    private volatile boolean closed;

    private LossyBroker(Bus bus, Feed feed) {
        this.bus = bus;
        this.feed = feed;
        this.dispatcher = Thread.ofVirtual().name("lossy-dispatcher").unstarted(this::dispatch);
    }

    /** {@return a provider of nodes on this bus} */
    static BrokerProvider provider(Bus bus, Consumer<LossyBroker> onCreated) {
        return new BrokerProvider() {
            @Override
            public String type() {
                return "lossy";
            }

            @Override
            public String spiVersion() {
                return SpiVersion.CURRENT;
            }

            @Override
            public BrokerFactory settings(Settings settings) {
                String purpose = "How many entries a topic keeps.";
                int keep = (int) settings.number("keep", 100_000, 1, 100_000, purpose);
                return context -> {
                    bus.keep(keep);
                    var broker = new LossyBroker(bus, new Feed(RESYNC_PERIOD, context.onStatus()));
                    broker.dispatcher.start();
                    broker.feed.start(broker);
                    bus.add(broker);
                    onCreated.accept(broker);
                    return broker;
                };
            }
        };
    }

    /** Breaks or heals the wire, without a word to the feed. */
    synchronized void wire(Wire now) {
        wire = now;
        if (now != Wire.WELL) {
            arrived.clear();
        }
        notifyAll();
    }

    /** Tells the feed what a client library does. */
    Feed feed() {
        return feed;
    }

    @Override
    public Set<Capability> capabilities() {
        return Set.of(
                Capability.HISTORY,
                Capability.DEDUPLICATION,
                Capability.SHARED,
                Capability.DURABLE,
                Capability.EPHEMERAL);
    }

    @Override
    public int maxMessageBytes() {
        return MAX_MESSAGE_BYTES;
    }

    @Override
    public Published publish(String topic, Message message) {
        checkLength(message);
        awaitAnswer();
        Published published = bus.publish(topic, message);
        if (wire() == Wire.NO_ACK) {
            throw new BrokerUnavailableException("no answer");
        }
        return published;
    }

    @Override
    public void broadcast(String topic, Message message) {
        checkLength(message);
        awaitAnswer();
        bus.broadcast(topic, EphemeralMessage.of(message));
    }

    @Override
    public Subscription subscribe(String topic, Sink sink) {
        return feed.subscribe(topic, sink);
    }

    @Override
    public Page history(
            String topic, Start start, @Nullable Position until, int maxEntries, int maxBytes) {
        return read(topic, start, until, maxEntries, maxBytes);
    }

    @Override
    public void close() {
        feed.close();
        closed = true;
        bus.remove(this);
        dispatcher.interrupt();
    }

    // The log

    @Override
    public void listen(String topic) {
        awaitAnswer();
        if (!interest.add(topic)) {
            throw new AssertionError("listened twice topic=" + topic);
        }
    }

    @Override
    public void unlisten(String topic) {
        interest.remove(topic);
    }

    /** {@return how many topics are listened to} */
    int interest() {
        return interest.size();
    }

    /** {@return how many topics the last check of the tails asked for} */
    int topicsChecked() {
        return topicsChecked;
    }

    @Override
    public Page read(
            String topic, Start start, @Nullable Position until, int maxEntries, int maxBytes) {
        awaitAnswer();
        return bus.read(topic, start, until, maxEntries, maxBytes);
    }

    @Override
    public Map<String, Tail> tails(Collection<String> topics) {
        awaitAnswer();
        topicsChecked = topics.size();
        var tails = new HashMap<String, Tail>();
        topics.forEach(topic -> tails.put(topic, bus.tail(topic)));
        return tails;
    }

    // The live path

    @Override
    public void published(String topic, @Nullable Position previous, Entry entry) {
        Wire now = wire();
        if (!interest.contains(topic) || (now != Wire.WELL && now != Wire.NO_ACK)) {
            return;
        }
        int copies =
                switch (ThreadLocalRandom.current().nextInt(50)) {
                    case 0 -> 0;
                    case 1 -> 2;
                    default -> 1;
                };
        for (int i = 0; i < copies; i++) {
            if (!arrived.offer(() -> feed.live(topic, previous, entry))) {
                feed.suspect(topic);
            }
        }
    }

    @Override
    public void broadcast(String topic, EphemeralMessage message) {
        if (wire() == Wire.WELL && interest.contains(topic)) {
            var _ = arrived.offer(new InOrder(() -> feed.broadcast(topic, message)));
        }
    }

    /** What comes in the order in which it was sent, as nothing would put it right again. */
    private record InOrder(Runnable call) implements Runnable {

        @Override
        public void run() {
            call.run();
        }
    }

    private static void checkLength(Message message) {
        if (message.data().length > MAX_MESSAGE_BYTES) {
            throw new MessageRefusedException(
                    "too large length=%d max=%d"
                            .formatted(message.data().length, MAX_MESSAGE_BYTES));
        }
    }

    private void dispatch() {
        try {
            while (!closed) {
                Runnable first = arrived.take();
                boolean swapped =
                        !(first instanceof InOrder) && ThreadLocalRandom.current().nextInt(50) == 0;
                Runnable second = swapped ? arrived.poll() : null;
                if (second != null) {
                    second.run();
                }
                first.run();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // it is closed
        }
    }

    // The wire

    private synchronized Wire wire() {
        return wire;
    }

    private synchronized void awaitAnswer() {
        if (closed) {
            throw new IllegalStateException("the broker is closed");
        }
        if (wire == Wire.REFUSED) {
            throw new BrokerUnavailableException("refused");
        }
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(TIMEOUT_MILLIS);
        while (wire == Wire.SILENT) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                throw new BrokerUnavailableException("no answer");
            }
            try {
                TimeUnit.NANOSECONDS.timedWait(this, left);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new BrokerUnavailableException("interrupted", e);
            }
        }
    }
}
