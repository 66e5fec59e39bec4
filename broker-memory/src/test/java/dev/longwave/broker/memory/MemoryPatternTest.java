package dev.longwave.broker.memory;

import static dev.longwave.broker.testing.RecordingSink.texts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerContext;
import dev.longwave.broker.Coverage;
import dev.longwave.broker.Entry;
import dev.longwave.broker.GapReason;
import dev.longwave.broker.Message;
import dev.longwave.broker.MessageRefusedException;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Settings;
import dev.longwave.broker.Start;
import dev.longwave.broker.testing.RecordingSink;
import dev.longwave.broker.testing.TestClock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the contract does not say of patterns, or says only of other brokers. */
final class MemoryPatternTest {

    private static final Duration HOUR = Duration.ofHours(1);

    private final TestClock clock = new TestClock();
    private final List<Broker> brokers = new ArrayList<>();
    private final CountDownLatch release = new CountDownLatch(1);

    @AfterEach
    void closeBrokers() {
        release.countDown();
        brokers.forEach(Broker::close);
    }

    // Handing out

    @Test
    void handsOutInThePublishersOwnThread() {
        MemoryBroker broker = broker(Map.of());
        var handedOutBy = new AtomicReference<Thread>();
        broker.subscribe("a/*", new RecordingSink(_ -> handedOutBy.set(Thread.currentThread())));

        publish(broker, "a/1", "x");

        assertThat(handedOutBy).hasValue(Thread.currentThread());
    }

    @Test
    void losesNothingWhenPublishersOfManyTopicsAreFasterThanTheSink() throws Exception {
        MemoryBroker broker = broker(Map.of("retention-count", "10"));
        var slow =
                new RecordingSink(_ -> {
                    for (int i = 0; i < 300; i++) {
                        Thread.onSpinWait();
                    }
                });
        broker.subscribe("a/*", slow);
        var publishers = new ArrayList<Thread>();
        for (int i = 0; i < 6; i++) {
            String topic = "a/" + i;
            publishers.add(
                    Thread.ofPlatform()
                            .start(() -> {
                                for (int n = 0; n < 3000; n++) {
                                    publish(broker, topic, "" + n);
                                }
                            }));
        }
        for (Thread publisher : publishers) {
            publisher.join();
        }

        publish(broker, "a/end", "end");
        slow.awaitText("end");
        slow.assertCalledProperly();
        assertThat(slow.gaps()).isEmpty();
        assertThat(slow.entries()).hasSize(18_001);
    }

    @Test
    void stopsWaitingForASinkThatBlocksAndTellsItOfTheHole() throws Exception {
        MemoryBroker broker = broker(Map.of());
        var sink = new RecordingSink(_ -> awaitRelease());
        broker.subscribe("a/*", sink);
        Thread first = Thread.ofVirtual().start(() -> publish(broker, "a/0", "0"));
        sink.awaitCount(1);

        var positions = new ArrayList<Position>();
        for (int i = 1; i <= 2000; i++) {
            positions.add(publish(broker, "a/" + i % 7, "" + i));
        }
        release.countDown();
        first.join();
        publish(broker, "a/1", "end");

        sink.awaitText("end");
        sink.assertCalledProperly();
        assertThat(sink.gaps()).hasSize(1);
        RecordingSink.Hole hole = sink.gaps().getFirst();
        assertThat(hole.reason()).isEqualTo(GapReason.EXPIRED);
        assertThat(hole.after()).isEqualTo(sink.positions().getFirst());
        int lost = positions.indexOf(hole.before()) + 1;
        assertThat(lost).isPositive();
        assertThat(sink.positions().subList(1, 2001 - lost))
                .isEqualTo(positions.subList(lost, 2000));
    }

    @Test
    void letsASinkPublishToItsOwnPattern() {
        MemoryBroker broker = broker(Map.of());
        var sink =
                new RecordingSink(entry -> {
                    if (entry.position().major() < 3000) {
                        publish(broker, "a/" + entry.position().major() % 5, "more");
                    }
                });
        broker.subscribe("a/*", sink);

        publish(broker, "a/1", "first");

        assertThat(sink.entries()).hasSize(3000);
        sink.assertCalledProperly();
    }

    @Test
    void letsASinkCloseItsOwnSubscriptionAndTheBroker() {
        MemoryBroker broker = broker(Map.of());
        var own = new AtomicReference<Broker.Subscription>();
        var closing = new RecordingSink(_ -> own.get().close());
        own.set(broker.subscribe("a/*", closing));
        var closingAll = new RecordingSink(_ -> broker.close());

        publish(broker, "a/1", "1");
        publish(broker, "a/1", "2");
        broker.subscribe("a/*", closingAll);
        publish(broker, "a/1", "3");

        assertThat(closing.texts()).containsExactly("1");
        assertThat(closingAll.texts()).containsExactly("3");
    }

    @Test
    void joinsAndLeavesWhileManyPublishWithoutAHole() throws Exception {
        MemoryBroker broker = broker(Map.of("retention-count", "100000"));
        var done = new AtomicBoolean();
        // Each time fewer than are kept, however long this thread may have to wait for a processor.
        var allowed = new AtomicLong();
        var publishers = new ArrayList<Thread>();
        for (int i = 0; i < 3; i++) {
            String topic = "a/" + i;
            publishers.add(
                    Thread.ofPlatform()
                            .start(() -> {
                                long published = 0;
                                while (!done.get()) {
                                    if (published < allowed.get()) {
                                        publish(broker, topic, "x");
                                        publish(broker, "b", "x");
                                        published++;
                                    } else {
                                        Thread.onSpinWait();
                                    }
                                }
                            }));
        }
        for (int i = 0; i < 200; i++) {
            // Always the only one, so that each begins while publishers take from the counter.
            var sink = new RecordingSink();
            try (var subscription = broker.subscribe("a/*", sink)) {
                allowed.addAndGet(10_000);
                sink.awaitCount(3);
                List<Position> told = sink.positions();
                Page page =
                        broker.history(
                                "a/*",
                                Start.after(subscription.start()),
                                null,
                                told.size(),
                                Integer.MAX_VALUE);
                assertThat(page.coverage()).isEqualTo(Coverage.COMPLETE);
                assertThat(page.entries()).extracting(Entry::position).isEqualTo(told);
            }
        }
        done.set(true);
        for (Thread publisher : publishers) {
            publisher.join();
        }
    }

    @Test
    void refusesToPublishToAPattern() {
        MemoryBroker broker = broker(Map.of());

        assertThatThrownBy(() -> publish(broker, "a/*", "x"))
                .isInstanceOf(MessageRefusedException.class);
        assertThat(broker.topicCount()).isZero();
    }

    @Test
    void makesNoTopicForAPattern() {
        MemoryBroker broker = broker(Map.of());

        broker.subscribe("a/*", new RecordingSink());

        assertThat(broker.topicCount()).isZero();
    }

    // History

    @Test
    void remembersWhatForgottenTopicsHaveLost() {
        MemoryBroker broker = broker(Map.of());
        Position start = broker.subscribe("a/*", new RecordingSink()).start();
        publish(broker, "a/1", "1");
        Position last = publish(broker, "a/2", "2");
        publish(broker, "b/1", "3");
        var begin = clock.instant();
        forgetAll(broker);

        assertThat(after(broker, "a/*", start).coverage()).isEqualTo(Coverage.TRIMMED);
        assertThat(after(broker, "*/1", start).coverage()).isEqualTo(Coverage.TRIMMED);
        assertThat(after(broker, "**", last).coverage()).isEqualTo(Coverage.TRIMMED);
        assertThat(after(broker, "a/*", last).coverage()).isEqualTo(Coverage.COMPLETE);
        assertThat(after(broker, "c/*", start).coverage()).isEqualTo(Coverage.COMPLETE);
        assertThat(since(broker, "a/*", begin).coverage()).isEqualTo(Coverage.TRIMMED);
        assertThat(since(broker, "a/*", begin.plusMillis(1)).coverage())
                .isEqualTo(Coverage.COMPLETE);
        assertThat(since(broker, "c/*", begin).coverage()).isEqualTo(Coverage.COMPLETE);
    }

    @Test
    void doesNotTakeTheLossOfATopicForThatOfANewOneWithItsMark() {
        MemoryBroker broker = broker(Map.of("retention-count", "1"));
        Position start = broker.subscribe("new/**", new RecordingSink()).start();
        // Far more topics than there are marks, so that each new one shares one.
        for (int topic = 0; topic < 20_000; topic++) {
            publish(broker, "old" + topic, "x");
        }
        forgetAll(broker);
        publish(broker, "new/a/b/c/d/1", "1");
        publish(broker, "new/a/b/c/d/2", "2");

        Page page = after(broker, "new/a/b/c/d/*", page(broker).end());

        assertThat(page.coverage()).isEqualTo(Coverage.COMPLETE);
        assertThat(texts(page(broker).entries())).containsExactly("1", "2");
        assertThat(after(broker, "new/**", start).entries()).hasSize(2);
    }

    private static Page page(Broker broker) {
        return broker.history("new/a/b/c/d/*", Start.earliest(), null, 1000, Integer.MAX_VALUE);
    }

    @Test
    void givesOutWhatIsWholeThoughAnotherTopicHasLostMore() {
        MemoryBroker broker = broker(Map.of("retention-count", "2"));
        publish(broker, "a/quiet", "1");
        for (int i = 2; i <= 6; i++) {
            publish(broker, "a/busy", "" + i);
        }
        publish(broker, "a/quiet", "7");

        Page page = broker.history("a/*", Start.earliest(), null, 1000, Integer.MAX_VALUE);

        assertThat(texts(page.entries())).containsExactly("5", "6", "7");
        assertThat(page.coverage()).isEqualTo(Coverage.COMPLETE);
        assertThat(after(broker, "a/*", page.from()).coverage()).isEqualTo(Coverage.COMPLETE);
    }

    @Test
    void readsAHoleUpToTheBoundThatWasAskedFor() {
        MemoryBroker broker = broker(Map.of("retention-count", "2"));
        var positions = new ArrayList<Position>();
        for (int i = 0; i < 10; i++) {
            positions.add(publish(broker, "a/1", "x"));
        }

        Page page = broker.history("a/*", Start.after(positions.get(1)), positions.get(4), 10, 10);

        assertThat(page.coverage()).isEqualTo(Coverage.TRIMMED);
        assertThat(page.entries()).isEmpty();
        assertThat(page.more()).isFalse();
        assertThat(page.end()).isEqualTo(positions.get(4));
    }

    @Test
    void readsPagesWithoutHolesWhileTopicsLoseEntriesAllTheTime() throws Exception {
        MemoryBroker broker = broker(Map.of("retention-count", "50"));
        var done = new AtomicBoolean();
        var publishers = new ArrayList<Thread>();
        var sink = new RecordingSink();
        Position cursor = broker.subscribe("a/*", sink).start();
        for (int i = 0; i < 2; i++) {
            int publisher = i;
            publishers.add(
                    Thread.ofPlatform()
                            .start(() -> {
                                for (int n = 0; !done.get(); n++) {
                                    publish(broker, "a/" + (publisher + n) % 3, "x");
                                }
                            }));
        }
        record Read(Position after, Page page) {}
        var pages = new ArrayList<Read>();
        for (int i = 0; i < 2000; i++) {
            Page page = broker.history("a/*", Start.after(cursor), null, 5, Integer.MAX_VALUE);
            pages.add(new Read(cursor, page));
            cursor = page.end();
        }
        done.set(true);
        for (Thread publisher : publishers) {
            publisher.join();
        }
        Position end = publish(broker, "a/1", "end");
        sink.awaitText("end");

        List<Position> log = sink.positions();
        assertThat(log).contains(end);
        for (Read read : pages) {
            Position from = read.page.from();
            List<Position> positions = read.page.entries().stream().map(Entry::position).toList();
            assertThat(from).matches(p -> !read.after.isAfter(p));
            if (read.page.coverage() == Coverage.COMPLETE) {
                assertThat(from).isEqualTo(read.after);
            }
            if (!positions.isEmpty()) {
                int first = firstAfter(log, from);
                assertThat(positions).isEqualTo(log.subList(first, first + positions.size()));
            }
        }
    }

    private static int firstAfter(List<Position> log, Position position) {
        int low = 0;
        int high = log.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (log.get(middle).isAfter(position)) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    private MemoryBroker broker(Map<String, String> settings) {
        var broker =
                MemoryBroker.start(
                        MemorySettings.read(new Settings(settings)),
                        BrokerContext.builder("node").clock(clock).build());
        brokers.add(broker);
        return broker;
    }

    private void forgetAll(MemoryBroker broker) {
        clock.advance(HOUR.plusMillis(1));
        broker.sweep();
        assertThat(broker.topicCount()).isZero();
    }

    private void awaitRelease() {
        try {
            assertThat(release.await(5, TimeUnit.MINUTES)).isTrue();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private static Position publish(Broker broker, String topic, String text) {
        return broker.publish(topic, Message.of(text.getBytes(StandardCharsets.UTF_8))).position();
    }

    private static Page after(Broker broker, String pattern, Position position) {
        return broker.history(pattern, Start.after(position), null, 1000, Integer.MAX_VALUE);
    }

    private static Page since(Broker broker, String pattern, Instant time) {
        return broker.history(pattern, Start.since(time), null, 1000, Integer.MAX_VALUE);
    }
}
