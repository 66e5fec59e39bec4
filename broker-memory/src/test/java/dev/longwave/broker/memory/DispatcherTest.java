package dev.longwave.broker.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerContext;
import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.Entry;
import dev.longwave.broker.EphemeralMessage;
import dev.longwave.broker.GapReason;
import dev.longwave.broker.Message;
import dev.longwave.broker.Position;
import dev.longwave.broker.Settings;
import dev.longwave.broker.testing.RecordingSink;
import dev.longwave.broker.testing.TestClock;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How a topic hands out: by its publishers, one at a time, in order. */
final class DispatcherTest {

    private static final Logger LOGGER = Logger.getLogger(Dispatcher.class.getName());

    private final Warnings warnings = new Warnings();
    private final CountDownLatch release = new CountDownLatch(1);
    private final MemoryBroker broker = broker(Map.of("retention-count", "10"));

    @BeforeEach
    void listenToTheLog() {
        LOGGER.addHandler(warnings);
        LOGGER.setUseParentHandlers(false);
    }

    @AfterEach
    void closeBroker() {
        release.countDown();
        broker.close();
        LOGGER.removeHandler(warnings);
        LOGGER.setUseParentHandlers(true);
    }

    @Test
    void handsOutInThePublishersOwnThread() {
        var handedOutBy = new AtomicReference<Thread>();
        broker.subscribe("t", new RecordingSink(_ -> handedOutBy.set(Thread.currentThread())));

        publish("1");

        assertThat(handedOutBy).hasValue(Thread.currentThread());
    }

    @Test
    void leavesAnEventToThePublisherThatIsHandingOut() throws Exception {
        var handedOutBy = new ConcurrentLinkedQueue<Thread>();
        var sink =
                new RecordingSink(_ -> {
                    handedOutBy.add(Thread.currentThread());
                    awaitRelease();
                });
        broker.subscribe("t", sink);
        Thread first = Thread.ofVirtual().start(() -> publish("1"));
        sink.awaitCount(1);

        publish("2");
        assertThat(sink.texts()).containsExactly("1");
        release.countDown();

        sink.awaitText("2");
        assertThat(handedOutBy).containsExactly(first, first);
        first.join();
    }

    @Test
    void letsASinkPublishToItsOwnTopic() {
        var sink =
                new RecordingSink(entry -> {
                    if (entry.position().major() < 3000) {
                        publish("more");
                    }
                });
        broker.subscribe("t", sink);

        publish("first");

        assertThat(sink.entries()).hasSize(3000);
        sink.assertCalledProperly();
    }

    @Test
    void keepsTheOrderOfOnesOwnEphemeralMessages() throws Exception {
        var order = new ConcurrentLinkedQueue<String>();
        Thread first = publishToABlockedSink("0", order);

        broadcast("1");
        publish("2");
        broadcast("3");
        broadcast("4");
        publish("5");
        release.countDown();

        first.join();
        assertThat(order).containsExactly("0", "1", "2", "3", "4", "5");
    }

    @Test
    void dropsTheOldestEphemeralMessagesBehindASlowSink() throws Exception {
        var order = new ConcurrentLinkedQueue<String>();
        Thread first = publishToABlockedSink("event", order);

        for (int i = 1; i <= 3 * Passing.MAX_MESSAGES; i++) {
            broadcast("" + i);
        }
        release.countDown();

        first.join();
        assertThat(order).hasSize(1 + Passing.MAX_MESSAGES).contains("event");
        assertThat(order.stream().reduce("", (_, last) -> last))
                .isEqualTo("" + 3 * Passing.MAX_MESSAGES);
    }

    @Test
    void keepsNoThreadForOthersEphemeralMessages() {
        var count = new AtomicInteger();
        broker.subscribe(
                "t",
                new Ordering(new ConcurrentLinkedQueue<>()) {
                    @Override
                    public void ephemeral(EphemeralMessage message) {
                        if (count.incrementAndGet() < 100_000) {
                            broadcast("two");
                            broadcast("for one");
                        }
                    }
                });

        broadcast("first");

        assertThat(count.get()).isLessThan(100_000);
    }

    @Test
    void broadcastsToATopicThatNobodyHasUsedWithoutCreatingIt() {
        broadcast("nobody");

        assertThat(broker.topicCount()).isZero();
    }

    @Test
    void sparesWhatIsNotYetHandedOutFromRetention() throws Exception {
        var sink = new RecordingSink(_ -> awaitRelease());
        broker.subscribe("t", sink);
        Thread first = Thread.ofVirtual().start(() -> publish("0"));
        sink.awaitCount(1);

        for (int i = 1; i <= 1000; i++) {
            publish("" + i);
        }
        release.countDown();
        first.join();

        assertThat(sink.entries()).hasSize(1001);
        assertThat(sink.gaps()).isEmpty();
        sink.assertCalledProperly();
    }

    @Test
    void sparesWhatIsNotYetHandedOutFromTheBudget() throws Exception {
        try (MemoryBroker small =
                broker(Map.of("max-bytes", "1MiB", "max-message-bytes", "64KiB"))) {
            var sink = new RecordingSink(_ -> awaitRelease());
            small.subscribe("t", sink);
            Thread first =
                    Thread.ofVirtual().start(() -> small.publish("t", Message.of(new byte[1])));
            sink.awaitCount(1);

            for (int i = 0; i < 50; i++) {
                small.publish("t", Message.of(new byte[1]));
            }
            for (int i = 0; i < 500; i++) {
                small.publish("other", Message.of(new byte[10_000]));
                assertThat(small.usedBytes()).isLessThanOrEqualTo(1 << 20);
            }
            release.countDown();
            first.join();

            assertThat(sink.entries()).hasSize(51);
            assertThat(sink.gaps()).isEmpty();
        }
    }

    @Test
    void stopsWaitingForASinkThatBlocksAndTellsItOfTheHole() throws Exception {
        var sink = new RecordingSink(_ -> awaitRelease());
        broker.subscribe("t", sink);
        Thread first = Thread.ofVirtual().start(() -> publish("0"));
        sink.awaitCount(1);

        var positions = new ArrayList<Position>();
        for (int i = 1; i <= 2000; i++) {
            positions.add(publish("" + i));
        }
        release.countDown();
        first.join();

        assertThat(sink.gaps()).hasSize(1);
        RecordingSink.Hole hole = sink.gaps().getFirst();
        assertThat(hole.reason()).isEqualTo(GapReason.EXPIRED);
        assertThat(hole.entriesBefore()).isEqualTo(1);
        assertThat(hole.after()).isEqualTo(sink.positions().getFirst());
        assertThat(hole.before()).isEqualTo(positions.get(1989));
        assertThat(sink.texts().subList(1, 11))
                .isEqualTo(IntStream.rangeClosed(1991, 2000).mapToObj(i -> "" + i).toList());
        assertThat(warnings.messages()).hasSize(1);
    }

    @Test
    void endsTheWaitOfAPublisherThatIsInterrupted() throws Exception {
        var sink = new RecordingSink(_ -> awaitRelease());
        broker.subscribe("t", sink);
        Thread first = Thread.ofVirtual().start(() -> publish("0"));
        sink.awaitCount(1);
        for (int i = 1; i <= 1024; i++) {
            publish("" + i);
        }

        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> publish("refused")).isInstanceOf(BrokerUnavailableException.class);
        assertThat(Thread.interrupted()).isTrue();

        release.countDown();
        first.join();
        assertThat(sink.entries()).hasSize(1025);
    }

    @Test
    void losesNothingWhenPublishersAreFasterThanTheSink() throws Exception {
        var slow =
                new RecordingSink(_ -> {
                    for (int i = 0; i < 300; i++) {
                        Thread.onSpinWait();
                    }
                });
        broker.subscribe("t", slow);
        var publishers = new ArrayList<Thread>();
        for (int i = 0; i < 6; i++) {
            publishers.add(
                    Thread.ofPlatform()
                            .start(() -> {
                                for (int n = 0; n < 4000; n++) {
                                    // Repeats, so that one may be left the work to.
                                    publish("" + n, "id-" + n / 2);
                                }
                            }));
        }
        for (Thread publisher : publishers) {
            publisher.join();
        }

        publish("end");
        slow.awaitText("end");
        slow.assertCalledProperly();
        assertThat(slow.gaps()).isEmpty();
        List<Position> positions = slow.positions();
        assertThat(positions.getLast().major()).isEqualTo(positions.size());
    }

    @Test
    void leavesTheWorkToAPublisherThatWaitsThoughItRepeatsAMessage() throws Exception {
        var sink = new RecordingSink(_ -> awaitRelease());
        broker.subscribe("t", sink);
        Thread first = Thread.ofVirtual().start(() -> publish("0", "id"));
        sink.awaitCount(1);
        for (int i = 1; i <= 1024; i++) {
            publish("" + i);
        }
        Thread repeating = Thread.ofPlatform().start(() -> publish("0", "id"));
        await().until(() -> repeating.getState() == Thread.State.TIMED_WAITING);

        release.countDown();

        first.join();
        repeating.join();
        assertThat(sink.entries()).hasSize(1025);
        sink.assertCalledProperly();
    }

    @Test
    void waitsOnCloseForTheCallThatIsRunning() throws Exception {
        var sink = new RecordingSink(_ -> awaitRelease());
        Broker.Subscription subscription = broker.subscribe("t", sink);
        Thread publisher = Thread.ofVirtual().start(() -> publish("1"));
        sink.awaitCount(1);
        Thread closer =
                Thread.ofPlatform()
                        .start(() -> {
                            subscription.close();
                            sink.expectNoMore();
                        });
        await().until(() -> closer.getState() == Thread.State.TIMED_WAITING);

        publish("2");
        release.countDown();

        closer.join();
        publisher.join();
        sink.assertCalledProperly();
        assertThat(sink.texts()).containsExactly("1");
    }

    @Test
    void waitsOnCloseThoughInterrupted() throws Exception {
        var sink = new RecordingSink(_ -> awaitRelease());
        Broker.Subscription subscription = broker.subscribe("t", sink);
        Thread publisher = Thread.ofVirtual().start(() -> publish("1"));
        sink.awaitCount(1);
        Thread closer =
                Thread.ofPlatform()
                        .start(() -> {
                            Thread.currentThread().interrupt();
                            subscription.close();
                            sink.expectNoMore();
                        });
        await().until(() -> closer.getState() == Thread.State.TIMED_WAITING);

        release.countDown();

        closer.join();
        publisher.join();
        sink.assertCalledProperly();
    }

    @Test
    void letsASinkCloseAnotherSubscriptionOfItsTopic() {
        var other = new RecordingSink();
        var subscription = new AtomicReference<Broker.Subscription>();
        broker.subscribe(
                "t",
                new RecordingSink(_ -> {
                    subscription.get().close();
                    other.expectNoMore();
                }));
        subscription.set(broker.subscribe("t", other));

        publish("1");
        publish("2");

        other.assertCalledProperly();
        assertThat(other.entries()).isEmpty();
    }

    @Test
    void letsASinkCloseTheBroker() {
        var sink = new RecordingSink(_ -> broker.close());
        broker.subscribe("t", sink);

        publish("1");

        assertThat(sink.entries()).hasSize(1);
    }

    @Test
    void logsASinkThatFailsOnce() {
        var calls = new AtomicInteger();
        broker.subscribe(
                "t",
                new Broker.Sink() {
                    @Override
                    public void message(Entry entry) {
                        calls.incrementAndGet();
                        throw new AssertionError("thrown by a test");
                    }

                    @Override
                    public void gap(Position after, Position before, GapReason reason) {}
                });

        publish("1");
        publish("2");

        assertThat(calls).hasValue(2);
        assertThat(warnings.messages()).containsExactly("a sink failed topic=t");
    }

    private Position publish(String text) {
        return broker.publish("t", Message.of(bytes(text))).position();
    }

    private void broadcast(String text) {
        broker.broadcast("t", Message.of(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** Returns once the sink has the event, and holds it until the release. */
    private Thread publishToABlockedSink(String event, Queue<String> order)
            throws InterruptedException {
        var begun = new CountDownLatch(1);
        broker.subscribe(
                "t",
                new Ordering(order) {
                    @Override
                    public void message(Entry entry) {
                        super.message(entry);
                        begun.countDown();
                        awaitRelease();
                    }
                });
        Thread publisher = Thread.ofVirtual().start(() -> publish(event));
        begun.await();
        return publisher;
    }

    private void publish(String text, String id) {
        broker.publish("t", Message.builder(bytes(text)).id(id).build());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private void awaitRelease() {
        try {
            assertThat(release.await(5, TimeUnit.MINUTES)).isTrue();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private static MemoryBroker broker(Map<String, String> settings) {
        return MemoryBroker.start(
                MemorySettings.read(new Settings(settings)),
                BrokerContext.builder("node").clock(new TestClock()).build());
    }

    /** What is logged at WARNING. */
    private static final class Warnings extends Handler {

        private final List<String> messages = new ArrayList<>();

        synchronized List<String> messages() {
            return List.copyOf(messages);
        }

        @Override
        public synchronized void publish(LogRecord entry) {
            if (entry.getLevel().equals(Level.WARNING)) {
                messages.add(entry.getMessage());
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    /** A sink that keeps the texts of all messages in one order. */
    private static class Ordering implements Broker.Sink {

        private final Queue<String> order;

        Ordering(Queue<String> order) {
            this.order = order;
        }

        @Override
        public void message(Entry entry) {
            add(entry.message());
        }

        @Override
        public void ephemeral(EphemeralMessage message) {
            add(message.message());
        }

        @Override
        public void gap(Position after, Position before, GapReason reason) {
            order.add("gap");
        }

        private void add(Message message) {
            order.add(new String(message.data(), StandardCharsets.UTF_8));
        }
    }
}
