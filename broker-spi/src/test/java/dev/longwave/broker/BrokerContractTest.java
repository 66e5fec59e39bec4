package dev.longwave.broker;

import static dev.longwave.broker.RecordingSink.texts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longwave.broker.BrokerFaults.Fault;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What every broker must do. Extend it in a broker's module; {@link DeploymentFixture} says what to
 * supply. Tests of a capability that the broker does not declare, and of faults that cannot be
 * made, are skipped.
 */
public abstract class BrokerContractTest extends DeploymentFixture {

    private static final @Nullable Position NO_BOUND = null;

    private static final Comparator<Entry> BY_POSITION =
            (a, b) ->
                    a.position().equals(b.position())
                            ? 0
                            : a.position().isAfter(b.position()) ? 1 : -1;

    // Delivery

    @Test
    void handsOutInTheOrderOfPublishing() {
        Broker node = createNode();
        var sink = new RecordingSink();
        try (var _ = node.subscribe(topic, sink)) {
            List<Position> published = publishNumbers(node, 1, 500);

            sink.awaitCount(500);
            assertThat(sink.texts()).isEqualTo(numbers(1, 500));
            assertThat(sink.positions()).isEqualTo(published);
        }
        sink.assertCalledProperly();
    }

    @Test
    void handsOutEachEventOfManyPublishersOnceAndInEachOnesOrder() throws Exception {
        Broker node = createNode();
        var sink = new RecordingSink();
        var other = new RecordingSink();
        var published = ConcurrentHashMap.<Position>newKeySet();
        try (var _ = node.subscribe(topic, sink);
                var _ = node.subscribe(topic, other)) {
            var publishers = new ArrayList<Future<?>>();
            for (int publisher = 0; publisher < 4; publisher++) {
                String prefix = publisher + ":";
                publishers.add(
                        run(() -> {
                            for (int i = 0; i < 500; i++) {
                                published.add(node.publish(topic, text(prefix + i)).position());
                            }
                        }));
            }
            join(publishers);
            sink.awaitCount(2000);
            other.awaitCount(2000);
        }

        sink.assertCalledProperly();
        other.assertCalledProperly();
        assertThat(sink.gaps()).isEmpty();
        assertThat(sink.positions()).containsExactlyInAnyOrderElementsOf(published);
        assertThat(other.entries()).usingElementComparator(BY_POSITION).isEqualTo(sink.entries());
        for (int publisher = 0; publisher < 4; publisher++) {
            String prefix = publisher + ":";
            assertThat(sink.texts().stream().filter(text -> text.startsWith(prefix)))
                    .containsExactlyElementsOf(
                            IntStream.range(0, 500).mapToObj(i -> prefix + i).toList());
        }
    }

    @Test
    void keepsTopicsApart() {
        Broker node = createNode();
        List<String> names =
                List.of(topic, topic + "/a", topic + "/A", topic + "/a/b", topic + ".a", topic + 1);
        var sinks = new ArrayList<RecordingSink>();
        for (String name : names) {
            var sink = new RecordingSink();
            sinks.add(sink);
            node.subscribe(name, sink);
        }

        for (String name : names) {
            node.publish(name, text("for " + name));
        }
        for (String name : names) {
            node.publish(name, text("end"));
        }

        for (int i = 0; i < names.size(); i++) {
            sinks.get(i).awaitText("end");
            assertThat(sinks.get(i).texts()).containsExactly("for " + names.get(i), "end");
        }
    }

    @Test
    void handsOutWhatWasPublished() {
        Broker node = createNode();
        var sink = new RecordingSink();
        node.subscribe(topic, sink);
        var message =
                new Message(
                        "id-1",
                        "greeting",
                        "key é",
                        "hello".getBytes(StandardCharsets.UTF_8),
                        true);

        Published published = node.publish(topic, message);

        sink.awaitCount(1);
        Entry entry = sink.entries().getFirst();
        assertThat(published.duplicate()).isFalse();
        assertThat(entry.position()).isEqualTo(published.position());
        assertThat(entry.time()).isEqualTo(entry.time().truncatedTo(ChronoUnit.MILLIS));
        assertSame(entry.message(), message);
        if (node.capabilities().contains(Capability.HISTORY)) {
            Page page = node.history(topic, new Start.Earliest(), NO_BOUND, 10, ALL);
            assertSame(page.entries().getFirst().message(), message);
            assertThat(page.entries().getFirst().time()).isEqualTo(entry.time());
        }
    }

    @Test
    void handsTheSameSequenceToEveryNode() throws Exception {
        Broker here = createNode();
        needs(here, Capability.SHARED);
        Broker there = createNode();
        var hereSink = new RecordingSink();
        var thereSink = new RecordingSink();
        here.subscribe(topic, hereSink);
        there.subscribe(topic, thereSink);

        join(
                List.of(
                        run(() -> publishNumbers(here, 1, 300)),
                        run(() -> publishNumbers(there, 301, 600))));

        hereSink.awaitCount(600);
        thereSink.awaitCount(600);
        hereSink.assertCalledProperly();
        thereSink.assertCalledProperly();
        assertThat(thereSink.positions()).isEqualTo(hereSink.positions());
        assertThat(thereSink.texts()).isEqualTo(hereSink.texts());
    }

    @Test
    void goesOnWhenASinkFails() {
        Broker node = createNode();
        var failing =
                new RecordingSink(_ -> {
                    throw new IllegalStateException("thrown by a test");
                });
        var sink = new RecordingSink();
        node.subscribe(topic, failing);
        node.subscribe(topic, sink);

        publishNumbers(node, 1, 10);

        sink.awaitCount(10);
        failing.awaitCount(10);
        assertThat(sink.texts()).isEqualTo(numbers(1, 10));
    }

    @Test
    void tellsASlowSinkEverythingOrOfTheHole() throws Exception {
        Broker node = createNode();
        var release = new CountDownLatch(1);
        var slow = new RecordingSink(_ -> awaitUninterruptibly(release));
        node.subscribe(topic, slow);
        var published = new ArrayList<Position>();

        Future<?> first = run(() -> publishNumbers(node, 0, 0));
        slow.awaitCount(1);
        published.addAll(publishNumbers(node, 1, 3000));
        release.countDown();
        published.addAll(publishNumbers(node, 3001, 3001));

        join(List.of(first));
        slow.awaitText("3001");
        slow.assertCalledProperly();
        assertComplete(slow, published);
    }

    // Subscribing

    @Test
    void leavesNoHoleAndNoOverlapAtTheStartPosition() throws Exception {
        Broker node = createNode(settingsToKeep(10_000));
        needs(node, Capability.HISTORY);
        int last = 3000;
        node.subscribe(topic, new RecordingSink(_ -> spin())); // so that handing out falls behind
        List<Future<?>> publishers =
                List.of(
                        run(() -> publishNumbers(node, 1, last)),
                        run(() -> publishNumbers(node, 1, last)));
        record Joined(RecordingSink sink, Broker.Subscription subscription) {}
        var joined = new ArrayList<Joined>();
        while (joined.size() < 10 || (joined.size() < 200 && !allDone(publishers))) {
            var sink = new RecordingSink();
            joined.add(new Joined(sink, node.subscribe(topic, sink)));
        }
        join(publishers);
        node.publish(topic, text("end"));

        List<Entry> whole = readAll(node, new Start.Earliest(), NO_BOUND);
        assertThat(whole).hasSize(2 * last + 1);
        for (Joined each : joined) {
            each.sink.awaitText("end");
            each.sink.assertCalledProperly();
            var seen = readAll(node, new Start.Earliest(), each.subscription.start());
            seen.addAll(each.sink.entries());
            assertThat(seen).usingElementComparator(BY_POSITION).isEqualTo(whole);
        }
    }

    @Test
    void startsAnEmptyTopicWhereItsFirstEventFollows() {
        Broker node = createNode();
        needs(node, Capability.HISTORY);
        Broker.Subscription subscription = node.subscribe(topic, new RecordingSink());

        publishNumbers(node, 1, 3);

        Page page = node.history(topic, new Start.After(subscription.start()), NO_BOUND, 10, ALL);
        assertThat(page.coverage()).isEqualTo(Coverage.COMPLETE);
        assertThat(texts(page.entries())).isEqualTo(numbers(1, 3));
    }

    @Test
    void callsNoSinkAfterItsSubscriptionIsClosed() throws Exception {
        Broker node = createNode();
        var done = new AtomicBoolean();
        Future<?> publisher =
                run(() -> {
                    while (!done.get()) {
                        publishNumbers(node, 1, 10);
                    }
                });
        var sinks = new ArrayList<RecordingSink>();
        for (int i = 0; i < 300; i++) {
            var sink = new RecordingSink();
            Broker.Subscription subscription = node.subscribe(topic, sink);
            if (i % 3 == 0) {
                sink.awaitCount(1);
            }
            subscription.close();
            sink.expectNoMore();
            subscription.close();
            sinks.add(sink);
        }
        done.set(true);
        join(List.of(publisher));
        publishNumbers(node, 1, 10);

        sinks.forEach(RecordingSink::assertCalledProperly);
    }

    @Test
    void letsASinkCloseItsOwnSubscription() {
        Broker node = createNode();
        var own = new AtomicReference<Broker.@Nullable Subscription>();
        var closing =
                new RecordingSink(_ -> {
                    Broker.Subscription subscription = own.get();
                    if (subscription != null) {
                        subscription.close();
                    }
                });
        var staying = new RecordingSink();
        own.set(node.subscribe(topic, closing));
        node.subscribe(topic, staying);

        publishNumbers(node, 1, 5);

        staying.awaitCount(5);
        assertThat(closing.texts()).containsExactly("1");
    }

    @Test
    void losesNothingWhenOthersLeaveAndJoin() throws Exception {
        Broker node = createNode();
        var done = new AtomicBoolean();
        var churn = new ArrayList<Future<?>>();
        for (int i = 0; i < 3; i++) {
            churn.add(
                    run(() -> {
                        while (!done.get()) {
                            node.subscribe(topic, new RecordingSink()).close();
                        }
                    }));
        }

        var published = new ArrayList<Position>();
        for (int round = 0; round < 300; round++) {
            var sink = new RecordingSink();
            try (var subscription = node.subscribe(topic, sink)) {
                Position position = node.publish(topic, text("round " + round)).position();
                published.add(position);
                sink.awaitText("round " + round);
                assertThat(sink.positions()).containsExactly(position);
                assertThat(position.isAfter(subscription.start())).isTrue();
            }
        }
        done.set(true);
        join(churn);

        assertThat(new HashSet<>(published)).as("positions given out once").hasSize(300);
    }

    @Test
    void copesWithFiveThousandTopics() {
        Broker node = createNode();
        int topics = 5000;
        var sink = new AtomicInteger();
        var late = new AtomicInteger();
        var done = new AtomicBoolean();
        var subscriptions = new ArrayList<Broker.Subscription>();
        for (int i = 0; i < topics; i++) {
            subscriptions.add(
                    node.subscribe(
                            topic + '/' + i,
                            new RecordingSink(_ -> (done.get() ? late : sink).incrementAndGet())));
        }
        for (int i = 0; i < topics; i++) {
            node.publish(topic + '/' + i, text("once"));
        }
        awaitThat("all topics", () -> sink.get() >= topics);
        subscriptions.forEach(Broker.Subscription::close);
        done.set(true);
        for (int i = 0; i < topics; i++) {
            node.publish(topic + '/' + i, text("again"));
        }

        assertThat(sink).hasValue(topics);
        assertThat(late).hasValue(0);
    }

    // History

    @Test
    void readsHistoryInPages() {
        Broker node = createNode();
        needs(node, Capability.HISTORY);
        List<Position> positions = publishNumbers(node, 10, 34); // two bytes each

        Page byCount = node.history(topic, new Start.Earliest(), NO_BOUND, 10, ALL);
        assertThat(texts(byCount.entries())).isEqualTo(numbers(10, 19));
        assertThat(byCount.more()).isTrue();
        assertThat(byCount.end()).isEqualTo(positions.get(9));

        Page byBytes = node.history(topic, new Start.After(byCount.end()), NO_BOUND, 10, 7);
        assertThat(texts(byBytes.entries())).isEqualTo(numbers(20, 22));
        assertThat(byBytes.more()).isTrue();
        assertThat(byBytes.from()).isEqualTo(byCount.end());

        Page atLeastOne = node.history(topic, new Start.After(byBytes.end()), NO_BOUND, 10, 1);
        assertThat(texts(atLeastOne.entries())).containsExactly("23");

        Page rest = node.history(topic, new Start.After(atLeastOne.end()), NO_BOUND, 100, ALL);
        assertThat(texts(rest.entries())).isEqualTo(numbers(24, 34));
        assertThat(rest.more()).isFalse();
        assertThat(readAll(node, new Start.Earliest(), NO_BOUND)).hasSize(25);
    }

    @Test
    void readsHistoryUpToABound() {
        Broker node = createNode();
        needs(node, Capability.HISTORY);
        List<Position> positions = publishNumbers(node, 0, 9);

        Page bounded = node.history(topic, new Start.Earliest(), positions.get(6), 100, ALL);
        assertThat(texts(bounded.entries())).isEqualTo(numbers(0, 6));
        assertThat(bounded.more()).as("within the bound").isFalse();

        Page both =
                node.history(topic, new Start.After(positions.get(2)), positions.get(6), 2, ALL);
        assertThat(texts(both.entries())).isEqualTo(numbers(3, 4));
        assertThat(both.more()).isTrue();

        Page none =
                node.history(topic, new Start.After(positions.get(6)), positions.get(6), 2, ALL);
        assertThat(none.entries()).isEmpty();
        assertThat(none.more()).isFalse();
        assertThat(none.end()).isEqualTo(positions.get(6));
    }

    @Test
    void readsTheLastEntries() {
        Broker node = createNode();
        needs(node, Capability.HISTORY);
        List<Position> positions = publishNumbers(node, 0, 9);

        Page last = node.history(topic, new Start.Last(3), NO_BOUND, 100, ALL);
        assertThat(texts(last.entries())).isEqualTo(numbers(7, 9));
        assertThat(last.coverage()).isEqualTo(Coverage.COMPLETE);
        assertThat(last.from()).isEqualTo(positions.get(6));

        Page all = node.history(topic, new Start.Last(100), NO_BOUND, 100, ALL);
        assertThat(texts(all.entries())).isEqualTo(numbers(0, 9));
        assertThat(all.coverage()).isEqualTo(Coverage.COMPLETE);
    }

    @Test
    void readsWhatWasPublishedSinceATime() {
        Broker node = createNode();
        needs(node, Capability.HISTORY);
        for (int i = 0; i < 5; i++) {
            publishNumbers(node, i, i);
            passTime(Duration.ofMillis(20));
        }
        List<Entry> all = readAll(node, new Start.Earliest(), NO_BOUND);
        Instant time = all.get(2).time();

        Page at = node.history(topic, new Start.Since(time), NO_BOUND, 100, ALL);
        Page before = node.history(topic, new Start.Since(time.minusMillis(1)), NO_BOUND, 100, ALL);
        Page after = node.history(topic, new Start.Since(time.plusMillis(1)), NO_BOUND, 100, ALL);
        Page never =
                node.history(
                        topic, new Start.Since(time.plus(Duration.ofDays(1))), NO_BOUND, 100, ALL);

        assertThat(texts(at.entries())).isEqualTo(numbers(2, 4));
        assertThat(at.coverage()).isEqualTo(Coverage.COMPLETE);
        assertThat(texts(before.entries())).isEqualTo(numbers(2, 4));
        assertThat(texts(after.entries())).isEqualTo(numbers(3, 4));
        assertThat(never.entries()).isEmpty();
        assertThat(never.coverage()).isEqualTo(Coverage.COMPLETE);
        assertThat(never.end()).isEqualTo(all.getLast().position());
    }

    @Test
    void saysCompleteWhereNothingIsMissing() {
        Broker node = createNode();
        needs(node, Capability.HISTORY);
        Position start = node.subscribe(topic, new RecordingSink()).start();
        assertComplete(node, start, List.of());
        List<Position> positions = publishNumbers(node, 0, 9);

        assertComplete(node, start, numbers(0, 9));
        for (int i = 0; i < 10; i++) {
            assertComplete(node, positions.get(i), numbers(i + 1, 9));
        }
    }

    @Test
    void saysTrimmedWhereTheLogHasLostItsOldest() {
        Broker node = createNode(settingsToKeep(5));
        needs(node, Capability.HISTORY);
        Position start = node.subscribe(topic, new RecordingSink()).start();
        var positions = new ArrayList<>(publishNumbers(node, 0, 9));
        patiently("trimming")
                .until(() -> {
                    int next = positions.size();
                    positions.addAll(publishNumbers(node, next, next + 9));
                    return after(node, positions.getFirst()).coverage() == Coverage.TRIMMED;
                });

        for (Position missed : List.of(start, positions.getFirst())) {
            Page page = after(node, missed);
            assertThat(page.coverage()).isEqualTo(Coverage.TRIMMED);
            assertThat(page.entries()).hasSizeGreaterThanOrEqualTo(5);
            Entry first = page.entries().getFirst();
            int index = positions.indexOf(first.position());
            assertThat(page.from().isAfter(missed)).isTrue();
            assertThat(first.position().isAfter(page.from())).isTrue();
            assertThat(page.from().isAfter(positions.get(index - 1)))
                    .as("whether the hole goes beyond the last missing entry")
                    .isFalse();
            assertThat(after(node, page.from()).coverage()).isEqualTo(Coverage.COMPLETE);
            assertThat(texts(page.entries())).isEqualTo(numbers(index, positions.size() - 1));
            assertThat(after(node, positions.get(index - 2)).coverage())
                    .as("coverage if one entry is missing")
                    .isEqualTo(Coverage.TRIMMED);
        }
        assertComplete(node, positions.getLast(), List.of());
        Page earliest = node.history(topic, new Start.Earliest(), NO_BOUND, 1000, ALL);
        assertThat(earliest.coverage()).isEqualTo(Coverage.COMPLETE);
        Page since = node.history(topic, new Start.Since(Instant.EPOCH), NO_BOUND, 1000, ALL);
        assertThat(since.coverage()).isEqualTo(Coverage.TRIMMED);
        assertThat(since.entries()).hasSameSizeAs(earliest.entries());
    }

    @Test
    void saysOtherEpochForTheCursorOfAnotherLog() {
        Broker node = createNode();
        needs(node, Capability.HISTORY);
        Position tail = publishNumbers(node, 0, 9).getLast();

        Page page = after(node, new Position(tail.epoch() + 1, tail.major(), tail.minor()));

        assertThat(page.coverage()).isEqualTo(Coverage.OTHER_EPOCH);
        assertThat(texts(page.entries())).isEqualTo(numbers(0, 9));
        assertThat(page.from().sameEpoch(tail)).isTrue();
    }

    @Test
    void saysAheadOfLogForACursorBeyondTheTail() {
        Broker node = createNode();
        needs(node, Capability.HISTORY);
        Position tail = publishNumbers(node, 0, 9).getLast();

        Page page = after(node, new Position(tail.epoch(), tail.major() + 1_000_000));

        assertThat(page.coverage()).isEqualTo(Coverage.AHEAD_OF_LOG);
        assertThat(page.entries()).isEmpty();
        assertThat(page.end()).isEqualTo(tail);
    }

    @Test
    void readsNothingOfATopicThatNobodyUsed() {
        Broker node = createNode();
        needs(node, Capability.HISTORY);

        for (Start start : List.of(new Start.Earliest(), new Start.Last(1))) {
            Page page = node.history(topic, start, NO_BOUND, 10, ALL);

            assertThat(page.entries()).isEmpty();
            assertThat(page.coverage()).isEqualTo(Coverage.COMPLETE);
            assertThat(page.more()).isFalse();
            assertComplete(node, page.from(), List.of());
        }
    }

    @Test
    void refusesHistoryAndClaimsThatItDoesNotDeclare() {
        Broker node = createNode();
        Set<Capability> capabilities = node.capabilities();

        if (!capabilities.contains(Capability.HISTORY)) {
            assertThatThrownBy(() -> node.history(topic, new Start.Earliest(), NO_BOUND, 1, 1))
                    .isInstanceOf(UnsupportedOperationException.class);
        }
        if (!capabilities.contains(Capability.CLAIMS)) {
            assertThatThrownBy(() -> node.claim(topic, Duration.ofMinutes(1)))
                    .isInstanceOf(UnsupportedOperationException.class);
        }
        assertThat(node.presence().isPresent())
                .isEqualTo(capabilities.contains(Capability.PRESENCE));
    }

    // Deduplication

    @Test
    void keepsOneOfTwoMessagesWithTheSameId() {
        Broker node = createNode();
        needs(node, Capability.DEDUPLICATION);
        var sink = new RecordingSink();
        node.subscribe(topic, sink);

        Published first = node.publish(topic, text("1", "a"));
        Published other = node.publish(topic, text("2", "b"));
        Published again = node.publish(topic, text("1", "a"));
        Published elsewhere = node.publish(topic + "/other", text("1", "a"));
        node.publish(topic, text("3"));

        assertThat(first.duplicate()).isFalse();
        assertThat(other.duplicate()).isFalse();
        assertThat(again.duplicate()).isTrue();
        assertThat(again.position()).isEqualTo(first.position());
        assertThat(elsewhere.duplicate()).as("in another topic").isFalse();
        sink.awaitText("3");
        assertThat(sink.texts()).isEqualTo(numbers(1, 3));
        if (node.capabilities().contains(Capability.HISTORY)) {
            assertThat(texts(readAll(node, new Start.Earliest(), NO_BOUND)))
                    .isEqualTo(numbers(1, 3));
        }
    }

    @Test
    void keepsOneOfManyConcurrentMessagesWithTheSameId() throws Exception {
        Broker node = createNode();
        needs(node, Capability.DEDUPLICATION);
        var sink = new RecordingSink();
        node.subscribe(topic, sink);
        var kept = new AtomicInteger();
        var positions = ConcurrentHashMap.<Position>newKeySet();
        var publishers = new ArrayList<Future<?>>();
        for (int i = 0; i < 4; i++) {
            publishers.add(
                    run(() -> {
                        for (int id = 0; id < 200; id++) {
                            Published published = node.publish(topic, text("" + id, "id-" + id));
                            positions.add(published.position());
                            if (!published.duplicate()) {
                                kept.incrementAndGet();
                            }
                        }
                    }));
        }
        join(publishers);
        node.publish(topic, text("end"));

        sink.awaitText("end");
        assertThat(kept).hasValue(200);
        assertThat(positions).hasSize(200);
        assertThat(sink.entries()).hasSize(201);
    }

    // Limits

    @Test
    void takesTheLongestMessageAndRefusesALongerOne() {
        Broker node = createNode();
        var sink = new RecordingSink();
        node.subscribe(topic, sink);
        int max = node.maxMessageBytes();
        byte[] longest = new byte[max];
        longest[max - 1] = 1;

        node.publish(topic, Message.of(longest));
        assertThatThrownBy(() -> node.publish(topic, Message.of(new byte[max + 1])))
                .isInstanceOf(MessageRefusedException.class)
                .hasMessageContaining("max=" + max);
        node.publish(topic, Message.of(new byte[0]));

        sink.awaitCount(2);
        assertThat(sink.entries().getFirst().message().data()).isEqualTo(longest);
        assertThat(sink.entries().getLast().message().data()).isEmpty();
    }

    @Test
    void carriesAnyBytes() {
        Broker node = createNode();
        var sink = new RecordingSink();
        node.subscribe(topic, sink);
        byte[] bytes = new byte[512];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) i;
        }

        node.publish(topic, Message.of(bytes));

        sink.awaitCount(1);
        assertThat(sink.entries().getFirst().message().data()).isEqualTo(bytes);
    }

    @Test
    void takesAnyTopicNameAndKeepsItApart() {
        Broker node = createNode();
        var names =
                List.of(
                        "with space",
                        " ",
                        ".",
                        "..",
                        "a..b",
                        "*",
                        "**",
                        ">",
                        "a.>",
                        "a.b",
                        "a b",
                        "a:b",
                        "a{b}",
                        "a}b{",
                        "a[b]?",
                        "%2F",
                        "a%2Fb",
                        "'; drop table events; --",
                        "\"\\",
                        "$SYS",
                        "_INBOX",
                        "é",
                        "e\u0301",
                        "日本語",
                        "😀",
                        "ÀÀ/ß",
                        "x".repeat(255 - topic.length() - 1),
                        "y".repeat(254 - topic.length() - 3) + "é");
        var sinks = new ArrayList<RecordingSink>();
        for (String name : names) {
            var sink = new RecordingSink();
            sinks.add(sink);
            node.subscribe(topic + '/' + name, sink);
        }
        for (String name : names) {
            assertThat((topic + '/' + name).getBytes(StandardCharsets.UTF_8))
                    .hasSizeLessThanOrEqualTo(255);
            node.publish(topic + '/' + name, text("for " + name));
        }
        for (String name : names) {
            node.publish(topic + '/' + name, text("end"));
        }

        for (int i = 0; i < names.size(); i++) {
            sinks.get(i).awaitText("end");
            assertThat(sinks.get(i).texts()).containsExactly("for " + names.get(i), "end");
        }
    }

    // Start and end

    @Test
    void refusesASettingThatItDoesNotKnow() {
        assertThatThrownBy(() -> createNode(Map.of("no-such-setting", "1")))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("broker." + provider().type() + ".no-such-setting");
    }

    @Test
    void namesItsTypeAsConfigurationDoes() {
        assertThat(provider().type()).matches("[a-z0-9-]+");
    }

    @Test
    void leavesNothingBehindWhenClosed() throws Exception {
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        Broker node = createNode();
        var sink = new RecordingSink();
        Broker.Subscription subscription = node.subscribe(topic, sink);
        publishNumbers(node, 1, 3);
        sink.awaitCount(3);

        node.close();
        sink.expectNoMore();
        node.close();
        subscription.close();

        awaitThat(
                "the end of the broker's threads",
                () ->
                        Thread.getAllStackTraces().keySet().stream()
                                .allMatch(thread -> before.contains(thread) || isNotOurs(thread)));
        assertThatThrownBy(() -> node.publish(topic, text("late")))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> node.subscribe(topic, new RecordingSink()))
                .isInstanceOf(IllegalStateException.class);
        sink.assertCalledProperly();
        assertThat(sink.entries()).hasSize(3);
    }

    @Test
    void callsNoSinkAfterItIsClosedUnderLoad() throws Exception {
        Broker node = createNode();
        var sinks = new ArrayList<RecordingSink>();
        for (int i = 0; i < 10; i++) {
            var sink = new RecordingSink();
            sinks.add(sink);
            node.subscribe(topic, sink);
        }
        var publishers = new ArrayList<Future<?>>();
        for (int i = 0; i < 3; i++) {
            publishers.add(run(() -> publishUntilClosed(node)));
        }
        sinks.getLast().awaitCount(100);

        node.close();
        sinks.forEach(RecordingSink::expectNoMore);

        join(publishers);
        sinks.forEach(RecordingSink::assertCalledProperly);
    }

    @Test
    void keepsTheInterruptOfItsCaller() throws Exception {
        Broker node = createNode();
        var stillSet = new AtomicBoolean();
        join(
                List.of(
                        run(() -> {
                            Thread.currentThread().interrupt();
                            try {
                                node.publish(topic, text("1", "a"));
                            } catch (BrokerUnavailableException _) {
                                // As good: it must not wait.
                            }
                            stillSet.set(Thread.currentThread().isInterrupted());
                        })));

        assertThat(stillSet).isTrue();
        var sink = new RecordingSink();
        node.subscribe(topic, sink);
        node.publish(topic, text("2"));
        sink.awaitText("2");
    }

    // Presence and claims

    @Test
    void knowsWhoIsPresent() {
        Broker node = createNode();
        needs(node, Capability.PRESENCE);
        Presence presence = node.presence().orElseThrow();

        presence.put(topic, "ann", "Ann", Duration.ofHours(1));
        presence.put(topic, "ben", "Ben", Duration.ofHours(1));
        presence.put(topic, "ben", "Benjamin", Duration.ofHours(1));
        presence.put(topic + "/other", "cem", "Cem", Duration.ofHours(1));

        assertThat(presence.members(topic, 10))
                .containsExactlyInAnyOrderEntriesOf(Map.of("ann", "Ann", "ben", "Benjamin"));
        assertThat(presence.members(topic, 1)).hasSize(1);
        assertThat(presence.count(topic)).isEqualTo(2);
        presence.remove(topic, "ann");
        presence.remove(topic, "nobody");
        assertThat(presence.members(topic, 10)).containsOnlyKeys("ben");
        assertThat(presence.count(topic + "/nobody")).isZero();
    }

    @Test
    void forgetsAMemberThatDoesNotRenew() {
        Broker node = createNode();
        needs(node, Capability.PRESENCE);
        Presence presence = node.presence().orElseThrow();
        presence.put(topic, "gone", "", Duration.ofSeconds(2));
        presence.put(topic, "renewed", "", Duration.ofSeconds(2));
        presence.put(topic, "renewed", "", Duration.ofHours(1));

        passTime(Duration.ofSeconds(3));

        awaitThat("the expiry", () -> presence.count(topic) == 1);
        assertThat(presence.members(topic, 10)).containsOnlyKeys("renewed");
    }

    @Test
    void givesAClaimToOneOfMany() throws Exception {
        Broker node = createNode();
        needs(node, Capability.CLAIMS);
        Broker other = node.capabilities().contains(Capability.SHARED) ? createNode() : node;
        for (int round = 0; round < 50; round++) {
            String key = topic + '#' + round;
            var won = new AtomicInteger();
            var callers = new ArrayList<Future<?>>();
            for (int i = 0; i < 8; i++) {
                Broker caller = i % 2 == 0 ? node : other;
                callers.add(
                        run(() -> {
                            if (caller.claim(key, Duration.ofMinutes(1))) {
                                won.incrementAndGet();
                            }
                        }));
            }
            join(callers);

            assertThat(won).hasValue(1);
        }
    }

    @Test
    void givesAClaimAgainOnceItHasExpired() {
        Broker node = createNode();
        needs(node, Capability.CLAIMS);
        assertThat(node.claim(topic, Duration.ofSeconds(1))).isTrue();

        passTime(Duration.ofSeconds(2));

        awaitThat("the expiry", () -> node.claim(topic, Duration.ofMinutes(1)));
        assertThat(node.claim(topic, Duration.ofMinutes(1))).isFalse();
    }

    // Faults

    @Test
    void saysThatTheOutcomeIsUnknownWhenItsServersCannotBeReached() {
        Broker node = createNode();
        publishNumbers(node, 1, 1);

        try (var _ = inject(Fault.REFUSE, node)) {
            assertThatThrownBy(() -> node.publish(topic, text("2", "two")))
                    .isInstanceOf(BrokerUnavailableException.class);
        }

        publishUntilAccepted(node, text("2", "two"));
    }

    @Test
    void givesUpInTimeWhenNothingAnswers() throws Exception {
        Broker node = createNode();
        publishNumbers(node, 1, 1);

        try (var _ = inject(Fault.BLACKHOLE, node)) {
            assertThatThrownBy(() -> node.publish(topic, text("2", "two")))
                    .isInstanceOf(BrokerUnavailableException.class);
            var stillSet = new AtomicBoolean();
            Future<?> waiting =
                    run(() -> {
                        Thread.currentThread().interrupt();
                        assertThatThrownBy(() -> node.publish(topic, text("3", "three")))
                                .isInstanceOf(BrokerUnavailableException.class);
                        stillSet.set(Thread.currentThread().isInterrupted());
                    });
            join(List.of(waiting));
            assertThat(stillSet).isTrue();
        }
    }

    @Test
    void keepsOneOfTwoWhenTheAnswerWasLost() {
        Broker node = createNode();
        needs(node, Capability.DEDUPLICATION);
        var sink = new RecordingSink();
        node.subscribe(topic, sink);

        try (var _ = inject(Fault.LOSE_ACK, node)) {
            assertThatThrownBy(() -> node.publish(topic, text("1", "one")))
                    .isInstanceOf(BrokerUnavailableException.class);
        }
        Published again = publishUntilAccepted(node, text("1", "one"));
        publishUntilAccepted(node, text("2", "two"));

        assertThat(again.duplicate()).isTrue();
        sink.awaitText("2");
        assertThat(sink.texts()).containsExactly("1", "2");
    }

    @Test
    void losesRepeatsAndReordersNothingOverDisconnects() {
        Broker node = createNode();
        needs(node, Capability.HISTORY);
        needs(node, Capability.DEDUPLICATION);
        Broker other = node.capabilities().contains(Capability.SHARED) ? createNode() : node;
        var sink = new RecordingSink();
        var otherSink = new RecordingSink();
        node.subscribe(topic, sink);
        other.subscribe(topic, otherSink);

        for (int i = 1; i <= 200; i++) {
            if (i % 40 == 0) {
                inject(Fault.CUT, i % 80 == 0 ? node : other).close();
            }
            publishUntilAccepted(node, text("" + i, "id-" + i));
        }

        for (RecordingSink each : List.of(sink, otherSink)) {
            each.awaitText("200");
            each.assertCalledProperly();
            assertThat(each.gaps()).isEmpty();
            assertThat(each.texts()).isEqualTo(numbers(1, 200));
        }
    }

    @Test
    void bringsALostLastMessageWithinTheResyncPeriod() {
        Broker node = createNode();
        needs(node, Capability.HISTORY);
        var sink = new RecordingSink();
        node.subscribe(topic, sink);

        try (var _ = inject(Fault.LOSE_LIVE, node)) {
            publishNumbers(node, 1, 1);
        }

        patiently("resync").atMost(resyncPeriod()).until(() -> sink.texts().contains("1"));
        publishNumbers(node, 2, 2);
        sink.awaitText("2");
        assertThat(sink.texts()).containsExactly("1", "2");
    }

    @Test
    void goesOnAfterItsServersWereKilled() {
        Broker node = createNode();
        var sink = new RecordingSink();
        node.subscribe(topic, sink);
        var published = new ArrayList<>(publishNumbers(node, 1, 50));
        sink.awaitCount(50);

        inject(Fault.KILL, node).close();
        published.add(publishUntilAccepted(node, text("51", "id-51")).position());

        sink.awaitText("51");
        assertThat(sink.texts()).isEqualTo(numbers(1, 51));
        if (node.capabilities().contains(Capability.DURABLE)) {
            assertThat(sink.gaps()).isEmpty();
            assertThat(texts(readAll(node, new Start.Earliest(), NO_BOUND)))
                    .isEqualTo(numbers(1, 51));
            assertThat(sink.positions()).isEqualTo(published);
        } else {
            assertThat(sink.gaps()).as("a lost log is told of").isNotEmpty();
        }
    }

    @Test
    void noticesThatItsServersStandStill() {
        Broker node = createNode();
        var sink = new RecordingSink();
        node.subscribe(topic, sink);

        try (var _ = inject(Fault.FREEZE, node)) {
            awaitThat("word of it", () -> states(node).contains(BrokerState.DISCONNECTED));
        }

        awaitThat("recovery", () -> states(node).getLast() == BrokerState.CONNECTED);
        publishUntilAccepted(node, text("1", "one"));
        sink.awaitText("1");
    }

    // What they share

    private Page after(Broker node, Position position) {
        return node.history(topic, new Start.After(position), NO_BOUND, 1000, ALL);
    }

    private void assertComplete(Broker node, Position after, List<String> expected) {
        Page page = after(node, after);
        assertThat(page.coverage()).isEqualTo(Coverage.COMPLETE);
        assertThat(page.from()).isEqualTo(after);
        assertThat(texts(page.entries())).isEqualTo(expected);
    }

    /** Every published position was handed out, or lies in a gap. */
    private static void assertComplete(RecordingSink sink, List<Position> published) {
        var seen = new HashSet<>(sink.positions());
        List<RecordingSink.Hole> gaps = sink.gaps();
        assertThat(published)
                .allMatch(position ->
                        seen.contains(position)
                                || gaps.stream()
                                        .anyMatch(gap ->
                                                position.isAfter(gap.after())
                                                        && !position.isAfter(gap.before())));
    }

    private static void assertSame(Message actual, Message expected) {
        assertThat(actual).usingRecursiveComparison().isEqualTo(expected);
    }

    private Published publishUntilAccepted(Broker node, Message message) {
        var published = new AtomicReference<@Nullable Published>();
        awaitThat(
                "acceptance",
                () -> {
                    try {
                        published.set(node.publish(topic, message));
                        return true;
                    } catch (BrokerUnavailableException _) {
                        return false;
                    }
                });
        return Objects.requireNonNull(published.get());
    }

    private void publishUntilClosed(Broker node) {
        try {
            while (true) {
                publishNumbers(node, 1, 1);
            }
        } catch (IllegalStateException | BrokerUnavailableException _) {
            // It is closed.
        }
    }

    private static boolean allDone(List<Future<?>> tasks) {
        return tasks.stream().allMatch(Future::isDone);
    }

    private static void spin() {
        for (int i = 0; i < 500; i++) {
            Thread.onSpinWait();
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** {@return whether a thread belongs to the JVM or to the test's own machinery} */
    private static boolean isNotOurs(Thread thread) {
        String name = thread.getName();
        return !thread.isAlive()
                || name.startsWith("ForkJoinPool")
                || name.startsWith("VirtualThread-")
                || name.startsWith("junit-")
                || name.startsWith("surefire-");
    }
}
