package dev.longwave.broker.memory;

import static dev.longwave.broker.testing.RecordingSink.texts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.BrokerContext;
import dev.longwave.broker.BrokerProvider;
import dev.longwave.broker.BrokerStatus;
import dev.longwave.broker.Coverage;
import dev.longwave.broker.Message;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Presence;
import dev.longwave.broker.Published;
import dev.longwave.broker.Settings;
import dev.longwave.broker.Start;
import dev.longwave.broker.testing.RecordingSink;
import dev.longwave.broker.testing.TestClock;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class MemoryBrokerTest {

    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration A_LITTLE = Duration.ofMillis(1);

    private final TestClock clock = new TestClock();
    private final List<BrokerStatus> statuses = new ArrayList<>();
    private final List<Broker> brokers = new ArrayList<>();

    @AfterEach
    void closeBrokers() {
        brokers.forEach(Broker::close);
    }

    // Starting

    @Test
    void isFoundByItsType() {
        assertThat(ServiceLoader.load(BrokerProvider.class))
                .extracting(BrokerProvider::type)
                .contains("memory");
    }

    @Test
    void saysThatItIsConnected() {
        broker(Map.of());

        assertThat(statuses).containsExactly(BrokerStatus.connected());
    }

    @Test
    void startsANewEpochThatIsShortInIds() {
        Position one = broker(Map.of()).publish("t", text("1")).position();
        Position other = broker(Map.of()).publish("t", text("1")).position();

        assertThat(one.sameEpoch(other)).isFalse();
        assertThat(one.epoch() >>> 40).isZero();
        assertThat(one.major()).isEqualTo(1);
        assertThat(one.toString()).hasSizeLessThanOrEqualTo(10);
    }

    @Test
    void refusesABudgetThatCannotHoldOneMessage() {
        assertThatThrownBy(() -> broker(Map.of("max-bytes", "512KiB")))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("max-message-bytes=1048576");
    }

    @Test
    void documentsItsSettings() {
        var settings = new Settings(Map.of());

        MemorySettings.read(settings);

        assertThat(settings.known())
                .extracting(known -> known.key() + '=' + known.fallback())
                .containsExactly(
                        "retention-count=1000000",
                        "retention-bytes=64MiB",
                        "retention-age=PT1H",
                        "max-bytes=128MiB",
                        "dedup-window=PT2M",
                        "dedup-count=1000",
                        "max-message-bytes=1MiB");
        assertThat(settings.known()).allMatch(known -> known.purpose().endsWith("."));
    }

    // Retention

    @Test
    void keepsTheNewestByCount() {
        MemoryBroker broker = broker(Map.of("retention-count", "3"));

        publishNumbers(broker, "t", 1, 10);

        assertThat(texts(earliest(broker, "t").entries())).containsExactly("8", "9", "10");
    }

    @Test
    void keepsTheNewestByBytes() {
        MemoryBroker broker = broker(Map.of("retention-bytes", "4KiB"));
        for (int i = 0; i < 10; i++) {
            broker.publish("t", Message.of(new byte[840])); // 1,000 with what an entry costs
        }

        assertThat(earliest(broker, "t").entries()).hasSize(4);
    }

    @Test
    void dropsWhatIsTooOldBeforeItIsRead() {
        MemoryBroker broker = broker(Map.of());
        Position first = broker.publish("t", text("1")).position();
        clock.advance(HOUR.dividedBy(2));
        Position second = broker.publish("t", text("2")).position();

        clock.advance(HOUR.dividedBy(2));
        assertThat(earliest(broker, "t").entries()).hasSize(2);

        clock.advance(A_LITTLE);
        assertThat(texts(earliest(broker, "t").entries())).containsExactly("2");
        assertThat(after(broker, "t", first).coverage()).isEqualTo(Coverage.COMPLETE);
        assertThat(after(broker, "t", second).coverage()).isEqualTo(Coverage.COMPLETE);
        assertThat(after(broker, "t", before(first)).coverage()).isEqualTo(Coverage.TRIMMED);
    }

    @Test
    void missedNothingAtTheTailOfATopicWhoseEntriesHaveAllExpired() {
        MemoryBroker broker = broker(Map.of());
        broker.subscribe("t", new RecordingSink());
        publishNumbers(broker, "t", 1, 2);
        Position tail = broker.publish("t", text("3")).position();

        clock.advance(HOUR.plus(A_LITTLE));

        Page atTail = after(broker, "t", tail);
        assertThat(atTail.coverage()).isEqualTo(Coverage.COMPLETE);
        assertThat(atTail.end()).isEqualTo(tail);
        Page beforeTail = after(broker, "t", before(tail));
        assertThat(beforeTail.coverage()).isEqualTo(Coverage.TRIMMED);
        assertThat(beforeTail.from()).isEqualTo(tail);
    }

    @Test
    void saysTrimmedSinceATimeOnlyIfAnEntryThatNewIsGone() {
        MemoryBroker broker = broker(Map.of("retention-count", "2"));
        var start = clock.instant();
        for (int i = 1; i <= 3; i++) {
            publishNumbers(broker, "t", i, i);
            clock.advance(Duration.ofSeconds(1));
        }

        assertThat(since(broker, start).coverage()).isEqualTo(Coverage.TRIMMED);
        assertThat(texts(since(broker, start).entries())).containsExactly("2", "3");
        assertThat(since(broker, start.plusMillis(1)).coverage()).isEqualTo(Coverage.COMPLETE);
        assertThat(texts(since(broker, start.plusMillis(1)).entries())).containsExactly("2", "3");
    }

    @Test
    void endsAHoleAtTheBoundThatWasAskedFor() {
        MemoryBroker broker = broker(Map.of("retention-count", "2"));
        List<Position> positions = publishNumbers(broker, "t", 1, 10);

        Page page = broker.history("t", Start.after(positions.get(1)), positions.get(4), 10, 10);

        assertThat(page.coverage()).isEqualTo(Coverage.TRIMMED);
        assertThat(page.entries()).isEmpty();
        assertThat(page.end()).isEqualTo(positions.get(4));
    }

    @Test
    void keepsAllTopicsTogetherWithinTheBudget() {
        MemoryBroker broker = broker(Map.of("max-bytes", "1MiB", "max-message-bytes", "64KiB"));

        for (int i = 0; i < 500; i++) {
            broker.publish("t" + i % 50, Message.of(new byte[10_000]));

            assertThat(broker.usedBytes()).isLessThanOrEqualTo(1 << 20);
        }

        assertThat(broker.usedBytes()).isGreaterThan(900_000);
        assertThat(earliest(broker, "t49").entries()).isNotEmpty();
    }

    @ParameterizedTest
    @CsvSource({"x, false", "x, true", "\u4e16, false"})
    void countsWhatTopicsReallyCost(String letter, boolean ids) {
        int topics = 150_000; // so that what else comes and goes is small beside them
        MemoryBroker broker = broker(Map.of("max-bytes", "1GiB"));
        String prefix = letter.repeat(240 / letter.getBytes(StandardCharsets.UTF_8).length);
        long before = liveBytes();

        for (int i = 0; i < topics; i++) {
            Message.Builder message = Message.builder(new byte[10]);
            broker.publish(prefix + i, ids ? message.id("message-" + i).build() : message.build());
        }

        double counted = broker.usedBytes();
        assertThat((liveBytes() - before) / counted).isBetween(0.8, 1.2);
        assertThat(broker.topicCount()).isEqualTo(topics);
    }

    private static long liveBytes() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    @Test
    void forgetsTopicsRatherThanExceedTheBudgetByTheirNames() {
        MemoryBroker broker = broker(Map.of("max-bytes", "1MiB", "max-message-bytes", "64KiB"));
        String prefix = "x".repeat(240);

        for (int i = 0; i < 10_000; i++) {
            broker.publish(prefix + i, text("x"));
        }

        assertThat(broker.usedBytes()).isLessThanOrEqualTo(1 << 20);
        assertThat(broker.topicCount()).isBetween(1000, 1600);
    }

    @Test
    void takesRoomFromTheTopicUsedLeastRecently() {
        MemoryBroker broker = broker(Map.of("max-bytes", "1MiB", "max-message-bytes", "64KiB"));
        Position quiet = broker.publish("quiet", Message.of(new byte[10_000])).position();
        clock.advance(Duration.ofSeconds(1));
        broker.publish("busy", Message.of(new byte[10_000]));
        clock.advance(Duration.ofSeconds(1));
        broker.publish("other", Message.of(new byte[10_000]));
        for (int i = 0; i < 110; i++) {
            clock.advance(Duration.ofSeconds(1));
            broker.publish("busy", Message.of(new byte[10_000]));
        }

        assertThat(earliest(broker, "quiet").entries()).isEmpty();
        assertThat(earliest(broker, "other").entries()).isEmpty();
        assertThat(earliest(broker, "busy").entries()).hasSizeGreaterThan(80);
        assertThat(after(broker, "quiet", before(quiet)).coverage()).isEqualTo(Coverage.TRIMMED);
    }

    @Test
    void evictsATopicThatSomebodyListensToAndKeepsItsPlace() {
        MemoryBroker broker = broker(Map.of("max-bytes", "1MiB", "max-message-bytes", "64KiB"));
        var sink = new RecordingSink();
        broker.subscribe("listened", sink);
        Position first = broker.publish("listened", Message.of(new byte[10_000])).position();
        for (int i = 0; i < 200; i++) {
            clock.advance(Duration.ofSeconds(1));
            broker.publish("busy", Message.of(new byte[10_000]));
        }
        assertThat(earliest(broker, "listened").entries()).isEmpty();
        assertThat(after(broker, "listened", first).coverage()).isEqualTo(Coverage.COMPLETE);

        Position second = broker.publish("listened", text("again")).position();

        assertThat(second.isAfter(first)).isTrue();
        assertThat(sink.positions()).containsExactly(first, second);
        assertThat(sink.gaps()).isEmpty();
    }

    // Forgetting topics

    @Test
    void forgetsATopicThatNobodyUses() {
        MemoryBroker broker = broker(Map.of());
        broker.publish("t", Message.builder(new byte[1]).id("id").build());
        broker.subscribe("u", new RecordingSink()).close();
        Broker.Subscription subscription = broker.subscribe("v", new RecordingSink());

        clock.advance(HOUR);
        broker.sweep();
        assertThat(broker.topicCount()).isEqualTo(2);

        clock.advance(A_LITTLE);
        broker.sweep();
        assertThat(broker.topicCount()).isEqualTo(1);

        subscription.close();
        broker.sweep();
        assertThat(broker.topicCount()).as("left just now").isEqualTo(1);

        clock.advance(HOUR);
        broker.sweep();
        assertThat(broker.topicCount()).isZero();
        assertThat(broker.usedBytes()).isZero();
    }

    @Test
    void makesNoTopicByReading() {
        MemoryBroker broker = broker(Map.of());

        earliest(broker, "t");

        assertThat(broker.topicCount()).isZero();
        assertThat(broker.usedBytes()).isZero();
    }

    @Test
    void givesOutNoPositionTwiceThoughTheTopicWasForgotten() {
        MemoryBroker broker = broker(Map.of());
        publishNumbers(broker, "t", 1, 2);
        Position tail = broker.publish("t", text("3")).position();
        forgetAll(broker);
        assertThat(after(broker, "t", tail).coverage()).isEqualTo(Coverage.COMPLETE);
        assertThat(after(broker, "t", before(tail)).coverage()).isEqualTo(Coverage.TRIMMED);

        var sink = new RecordingSink();
        Position start = broker.subscribe("t", sink).start();
        Position next = broker.publish("t", text("4")).position();

        assertThat(start).isEqualTo(tail);
        assertThat(next.isAfter(tail)).isTrue();
        assertThat(sink.positions()).containsExactly(next);
        assertThat(texts(after(broker, "t", tail).entries())).containsExactly("4");
        assertThat(after(broker, "t", tail).coverage()).isEqualTo(Coverage.COMPLETE);
        Page missed = after(broker, "t", before(tail));
        assertThat(missed.coverage()).isEqualTo(Coverage.TRIMMED);
        assertThat(missed.from()).isEqualTo(tail);
    }

    @Test
    void neverClaimsThatAForgottenTopicIsComplete() {
        MemoryBroker broker = broker(Map.of("retention-count", "1"));
        // Far more topics than there are marks, so that they share them.
        var tails = new ArrayList<Position>();
        for (int topic = 0; topic < 20_000; topic++) {
            tails.add(publishNumbers(broker, "t" + topic, 0, topic % 3).getLast());
        }
        forgetAll(broker);

        for (int topic = 0; topic < tails.size(); topic++) {
            Position tail = tails.get(topic);
            assertThat(after(broker, "t" + topic, before(tail)).coverage())
                    .isEqualTo(Coverage.TRIMMED);
            assertThat(after(broker, "t" + topic, tail).coverage())
                    .isIn(Coverage.COMPLETE, Coverage.TRIMMED);
            Position next = broker.publish("t" + topic, text("next")).position();
            assertThat(next.isAfter(tail)).isTrue();
        }
    }

    @Test
    void remembersThatAForgottenTopicHadNewerEvents() {
        MemoryBroker broker = broker(Map.of());
        var start = clock.instant();
        publishNumbers(broker, "t", 1, 3);
        forgetAll(broker);

        assertThat(since(broker, start).coverage()).isEqualTo(Coverage.TRIMMED);
        assertThat(since(broker, start.plusMillis(1)).coverage()).isEqualTo(Coverage.COMPLETE);
    }

    @Test
    void doesNotForgetATopicWhileItIsPublishedTo() throws Exception {
        MemoryBroker broker = broker(Map.of("retention-age", "PT0.001S", "dedup-window", "PT0S"));
        Thread forgetter =
                Thread.ofVirtual()
                        .start(() -> {
                            while (!Thread.currentThread().isInterrupted()) {
                                clock.advance(Duration.ofMillis(2));
                                broker.sweep();
                            }
                        });
        long last = 0;
        for (int i = 0; i < 20_000; i++) {
            var sink = new RecordingSink();
            try (var subscription = broker.subscribe("t", sink)) {
                Position position = broker.publish("t", text("x")).position();
                assertThat(position.major()).isGreaterThan(last);
                assertThat(position.isAfter(subscription.start())).isTrue();
                assertThat(sink.positions()).containsExactly(position);
                last = position.major();
            }
        }
        forgetter.interrupt();
        forgetter.join();
    }

    // Deduplication

    @Test
    void remembersAnIdForTheWindow() {
        MemoryBroker broker = broker(Map.of());
        Position first = publishWithId(broker, "a").position();

        clock.advance(Duration.ofMinutes(2));
        assertThat(publishWithId(broker, "a").position()).isEqualTo(first);

        clock.advance(A_LITTLE);
        Published late = publishWithId(broker, "a");
        assertThat(late.duplicate()).isFalse();
        assertThat(late.position().isAfter(first)).isTrue();
    }

    @Test
    void remembersTheNewestIdsByCount() {
        MemoryBroker broker = broker(Map.of("dedup-count", "2"));
        publishWithId(broker, "a");
        publishWithId(broker, "b");
        publishWithId(broker, "c");

        assertThat(publishWithId(broker, "c").duplicate()).isTrue();
        assertThat(publishWithId(broker, "b").duplicate()).isTrue();
        assertThat(publishWithId(broker, "a").duplicate()).isFalse();
    }

    @Test
    void remembersAnIdLongerThanItsEntry() {
        MemoryBroker broker = broker(Map.of("retention-count", "1"));
        Position first = publishWithId(broker, "a").position();
        publishNumbers(broker, "t", 1, 5);

        Published again = publishWithId(broker, "a");

        assertThat(again.duplicate()).isTrue();
        assertThat(again.position()).isEqualTo(first);
    }

    // Presence and claims

    @Test
    void sweepsWhatHasExpired() {
        var presence = new MemoryPresence(clock);
        var claims = new Claims(clock);
        presence.put("t", Presence.Member.of("ann", ""), Duration.ofSeconds(1));
        presence.put("u", Presence.Member.of("ann", ""), Duration.ofSeconds(9));
        claims.claim("a", Duration.ofSeconds(1));
        claims.claim("b", Duration.ofSeconds(9));

        clock.advance(Duration.ofSeconds(1));
        presence.sweep();
        claims.sweep();

        assertThat(presence.topicCount()).isEqualTo(1);
        assertThat(claims.size()).isEqualTo(1);
    }

    @Test
    void dropsAPresenceTopicWithItsLastMember() {
        var presence = new MemoryPresence(clock);
        presence.put("t", Presence.Member.of("ann", ""), HOUR);

        presence.remove("t", "ann");

        assertThat(presence.topicCount()).isZero();
    }

    @Test
    void refusesMembersWithoutTime() {
        var presence = new MemoryPresence(clock);

        assertThatThrownBy(() -> presence.put("t", Presence.Member.of("ann", ""), Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("ttl=PT0S");
    }

    private MemoryBroker broker(Map<String, String> settings) {
        var broker =
                MemoryBroker.start(
                        MemorySettings.read(new Settings(settings)),
                        BrokerContext.builder("node").clock(clock).onStatus(statuses::add).build());
        brokers.add(broker);
        return broker;
    }

    /** Lets pass what must for the broker to forget its topics, in the steps that take it there. */
    private void forgetAll(MemoryBroker broker) {
        clock.advance(HOUR.plus(A_LITTLE));
        broker.sweep();
        assertThat(broker.topicCount()).isZero();
    }

    private static List<Position> publishNumbers(Broker broker, String topic, int from, int to) {
        var positions = new ArrayList<Position>();
        for (int i = from; i <= to; i++) {
            positions.add(broker.publish(topic, text(Integer.toString(i))).position());
        }
        return positions;
    }

    private static Published publishWithId(Broker broker, String id) {
        return broker.publish("t", Message.builder(new byte[1]).id(id).build());
    }

    private static Page earliest(Broker broker, String topic) {
        return broker.history(topic, Start.earliest(), null, 1000, Integer.MAX_VALUE);
    }

    private static Page after(Broker broker, String topic, Position position) {
        return broker.history(topic, Start.after(position), null, 1000, Integer.MAX_VALUE);
    }

    private static Page since(Broker broker, Instant time) {
        return broker.history("t", Start.since(time), null, 1000, Integer.MAX_VALUE);
    }

    private static Position before(Position position) {
        return new Position(position.epoch(), position.major() - 1);
    }

    private static Message text(String text) {
        return Message.of(text.getBytes(StandardCharsets.UTF_8));
    }
}
