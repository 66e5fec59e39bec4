package dev.longwave.broker.testing;

import static dev.longwave.broker.testing.RecordingSink.texts;
import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.broker.Broker;
import dev.longwave.broker.Capability;
import dev.longwave.broker.Coverage;
import dev.longwave.broker.Entry;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Start;
import dev.longwave.broker.TopicPattern;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * The part of {@link BrokerContractTest} that is about patterns, for brokers that declare {@link
 * Capability#PATTERNS}.
 */
abstract class BrokerPatternContract extends BrokerDeletionContract {

    private static final int PUBLISHERS = 4;
    private static final int EACH = 400;

    /** What was published to matching topics, by position. */
    private final Map<Position, Told> published = new ConcurrentHashMap<>();

    /** What a subscriber must be told of an event. */
    private record Told(String topic, String text) {

        static Told of(Entry entry) {
            return new Told(
                    Objects.requireNonNullElse(entry.topic(), "no topic"),
                    texts(List.of(entry)).getFirst());
        }

        static List<Told> of(List<Entry> entries) {
            return entries.stream().map(Told::of).toList();
        }
    }

    // Delivery

    @Test
    void handsOutAllTopicsOfAPatternInOneOrderEachEventOnce() throws Exception {
        Broker node = createNode();
        needs(node, Capability.PATTERNS);
        var sink = new RecordingSink();
        var second = new RecordingSink();
        try (var _ = node.subscribe(pattern(), sink);
                var _ = node.subscribe(pattern(), second)) {
            join(startPublishers(node));
            sink.awaitCount(PUBLISHERS * EACH);
            second.awaitCount(PUBLISHERS * EACH);
        }

        assertExact(sink);
        assertThat(second.positions()).isEqualTo(sink.positions());
        assertThat(second.gaps()).isEmpty();
        for (int publisher = 0; publisher < PUBLISHERS; publisher++) {
            String prefix = publisher + ":";
            assertThat(sink.texts().stream().filter(text -> text.startsWith(prefix)))
                    .as("one publisher's events, whatever their topics")
                    .containsExactlyElementsOf(
                            IntStream.range(0, EACH).mapToObj(i -> prefix + i).toList());
        }
    }

    @Test
    void handsAPatternInTheSameOrderToEveryNode() throws Exception {
        Broker here = createNode();
        needs(here, Capability.PATTERNS);
        needs(here, Capability.SHARED);
        Broker there = createNode();
        var hereSink = new RecordingSink();
        var thereSink = new RecordingSink();
        here.subscribe(pattern(), hereSink);
        there.subscribe(pattern(), thereSink);

        var publishers = new ArrayList<>(startPublishers(here));
        publishers.addAll(startPublishers(there));
        join(publishers);

        hereSink.awaitCount(2 * PUBLISHERS * EACH);
        thereSink.awaitCount(2 * PUBLISHERS * EACH);
        assertExact(hereSink);
        assertExact(thereSink);
    }

    @Test
    void handsToEachPatternWhatItMatches() {
        Broker node = createNode();
        needs(node, Capability.PATTERNS);
        var sinks = new LinkedHashMap<String, RecordingSink>();
        for (String ending : List.of("*", "**", "*/log", "a/*", "a/**", "*/*", "a/*/log")) {
            var sink = new RecordingSink();
            sinks.put(topic + '/' + ending, sink);
            node.subscribe(topic + '/' + ending, sink);
        }
        var topics = new ArrayList<>(List.of(topic, topic + "x/a", "x" + topic + "/a"));
        for (String ending : List.of("a", "b", "A", "a*", "a/log", "b/log", "a/b/log", "a/b/c/d")) {
            topics.add(topic + '/' + ending);
        }

        topics.forEach(each -> node.publish(each, text("for " + each)));
        node.publish(topic + "/end", text("end"));
        node.publish(topic + "/a/end", text("end"));
        node.publish(topic + "/end/log", text("end"));
        node.publish(topic + "/a/end/log", text("end"));

        sinks.forEach((pattern, sink) -> {
            TopicPattern meant = TopicPattern.parse(pattern);
            sink.awaitText("end");
            sink.assertCalledProperly();
            assertThat(sink.texts().stream().filter(text -> !text.equals("end")))
                    .as(pattern)
                    .containsExactlyElementsOf(
                            topics.stream()
                                    .filter(meant::matches)
                                    .map(each -> "for " + each)
                                    .toList());
        });
    }

    @Test
    void namesTheTopicToWhoAskedByAPatternOnly() {
        Broker node = createNode();
        needs(node, Capability.PATTERNS);
        var byName = new RecordingSink();
        var byPattern = new RecordingSink();
        node.subscribe(topic + "/é b", byName);
        node.subscribe(pattern(), byPattern);

        Position position = node.publish(topic + "/é b", text("1")).position();

        byName.awaitCount(1);
        byPattern.awaitCount(1);
        assertThat(byName.entries().getFirst().topic()).isNull();
        Entry entry = byPattern.entries().getFirst();
        assertThat(entry.topic()).isEqualTo(topic + "/é b");
        assertThat(entry.position()).isEqualTo(position);
        if (node.capabilities().contains(Capability.HISTORY)) {
            assertThat(readAll(node, topic + "/é b", Start.earliest(), NO_BOUND))
                    .allMatch(read -> read.topic() == null);
            assertThat(readAll(node, pattern(), Start.earliest(), NO_BOUND))
                    .singleElement()
                    .satisfies(read -> assertThat(read.topic()).isEqualTo(topic + "/é b"));
        }
    }

    @Test
    void callsNoSinkOfAPatternAfterItsSubscriptionIsClosed() throws Exception {
        Broker node = createNode();
        needs(node, Capability.PATTERNS);
        var done = new AtomicBoolean();
        Future<?> publisher =
                run(() -> {
                    for (int i = 0; !done.get(); i++) {
                        node.publish(topic + '/' + i % 10, text("x"));
                    }
                });
        var sinks = new ArrayList<RecordingSink>();
        for (int i = 0; i < 100; i++) {
            var sink = new RecordingSink();
            Broker.Subscription subscription = node.subscribe(pattern(), sink);
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
        node.publish(topic + "/0", text("x"));

        sinks.forEach(RecordingSink::assertCalledProperly);
    }

    // Start position and resuming

    @Test
    void leavesNoHoleAndNoOverlapAtTheStartPositionOfAPattern() throws Exception {
        Broker node = createNode(settingsToKeep(10_000));
        needs(node, Capability.PATTERNS);
        needs(node, Capability.HISTORY);
        record Joined(RecordingSink sink, Broker.Subscription subscription) {}
        var joined = new ArrayList<Joined>();
        List<Future<?>> publishers = startPublishers(node);
        while (joined.size() < 5
                || (joined.size() < 50 && !publishers.stream().allMatch(Future::isDone))) {
            // To subscribe as the only one, as these two are at first, has a seam of its own.
            node.subscribe(pattern(), new RecordingSink()).close();
            var sink = new RecordingSink();
            joined.add(new Joined(sink, node.subscribe(pattern(), sink)));
        }
        join(publishers);
        node.publish(topic + "/end", text("end"));

        List<Entry> whole = readAll(node, pattern(), Start.earliest(), NO_BOUND);
        assertThat(whole).hasSize(PUBLISHERS * EACH + 1);
        for (Joined each : joined) {
            each.sink.awaitText("end");
            each.sink.assertCalledProperly();
            assertThat(each.sink.gaps()).isEmpty();
            Position start = each.subscription.start();
            var seen = readAll(node, pattern(), Start.earliest(), start);
            seen.addAll(each.sink.entries());
            assertThat(Told.of(seen)).isEqualTo(Told.of(whole));
        }
    }

    @Test
    void resumesAPatternAtAnyPositionOfIt() throws Exception {
        Broker node = createNode(settingsToKeep(10_000));
        needs(node, Capability.PATTERNS);
        needs(node, Capability.HISTORY);
        Position start = node.subscribe(pattern(), new RecordingSink()).start();
        join(startPublishers(node));

        List<Entry> whole = readAll(node, pattern(), Start.after(start), NO_BOUND);
        assertThat(whole).hasSize(published.size());
        for (int i = 0; i < whole.size(); i += 37) {
            Page page = after(node, pattern(), whole.get(i).position());
            assertThat(page.coverage()).isEqualTo(Coverage.COMPLETE);
            assertThat(page.from()).isEqualTo(whole.get(i).position());
            int end = Math.min(whole.size(), i + 1 + 1000);
            assertThat(Told.of(page.entries())).isEqualTo(Told.of(whole.subList(i + 1, end)));
        }
    }

    @Test
    void readsAPatternWithoutHolesWhileItIsPublishedTo() throws Exception {
        Broker node = createNode(settingsToKeep(10_000));
        needs(node, Capability.PATTERNS);
        needs(node, Capability.HISTORY);
        Position start = node.subscribe(pattern(), new RecordingSink()).start();
        List<Future<?>> publishers = startPublishers(node);

        var seen = new ArrayList<Entry>();
        Position cursor = start;
        boolean last;
        do {
            last = publishers.stream().allMatch(Future::isDone);
            Page page = node.history(pattern(), Start.after(cursor), NO_BOUND, 7, ALL);
            assertThat(page.coverage()).isEqualTo(Coverage.COMPLETE);
            seen.addAll(page.entries());
            cursor = page.end();
            last &= page.entries().isEmpty();
        } while (!last);
        join(publishers);

        assertThat(seen).hasSize(PUBLISHERS * EACH);
        assertThat(seen).allMatch(entry -> Told.of(entry).equals(published.get(entry.position())));
        assertInOrder(seen);
    }

    // History

    @Test
    void readsTheHistoryOfAPatternInPages() {
        Broker node = createNode();
        needs(node, Capability.PATTERNS);
        needs(node, Capability.HISTORY);
        List<Position> positions = publishInTurn(node, 10, 34); // two bytes each

        Page byCount = node.history(pattern(), Start.earliest(), NO_BOUND, 10, ALL);
        assertThat(texts(byCount.entries())).isEqualTo(numbers(10, 19));
        assertThat(byCount.more()).isTrue();
        assertThat(byCount.end()).isEqualTo(positions.get(9));

        Page byBytes = node.history(pattern(), Start.after(byCount.end()), NO_BOUND, 10, 7);
        assertThat(texts(byBytes.entries())).isEqualTo(numbers(20, 22));
        assertThat(byBytes.more()).isTrue();

        Page atLeastOne = node.history(pattern(), Start.after(byBytes.end()), NO_BOUND, 10, 1);
        assertThat(texts(atLeastOne.entries())).containsExactly("23");

        Page rest = node.history(pattern(), Start.after(atLeastOne.end()), NO_BOUND, 100, ALL);
        assertThat(texts(rest.entries())).isEqualTo(numbers(24, 34));
        assertThat(rest.more()).isFalse();

        Page bounded =
                node.history(pattern(), Start.after(positions.get(2)), positions.get(6), 3, ALL);
        assertThat(texts(bounded.entries())).isEqualTo(numbers(13, 15));
        assertThat(bounded.more()).isTrue();
        Page toBound = node.history(pattern(), Start.earliest(), positions.get(6), 100, ALL);
        assertThat(texts(toBound.entries())).isEqualTo(numbers(10, 16));
        assertThat(toBound.more()).as("within the bound").isFalse();
    }

    @Test
    void readsTheLastEntriesOfAPattern() {
        Broker node = createNode();
        needs(node, Capability.PATTERNS);
        needs(node, Capability.HISTORY);
        publishInTurn(node, 0, 9);

        Page last = node.history(pattern(), Start.last(3), NO_BOUND, 100, ALL);
        assertThat(texts(last.entries())).isEqualTo(numbers(7, 9));
        assertThat(last.coverage()).isEqualTo(Coverage.COMPLETE);
        assertThat(last.more()).isFalse();

        Page first = node.history(pattern(), Start.last(3), NO_BOUND, 2, ALL);
        assertThat(texts(first.entries())).isEqualTo(numbers(7, 8));
        assertThat(first.more()).isTrue();

        Page all = node.history(pattern(), Start.last(100), NO_BOUND, 100, ALL);
        assertThat(texts(all.entries())).isEqualTo(numbers(0, 9));
    }

    @Test
    void readsWhatWasPublishedToAPatternSinceATime() {
        Broker node = createNode();
        needs(node, Capability.PATTERNS);
        needs(node, Capability.HISTORY);
        for (int i = 0; i < 5; i++) {
            publishInTurn(node, i, i);
            passTime(Duration.ofMillis(20));
        }
        List<Entry> all = readAll(node, pattern(), Start.earliest(), NO_BOUND);

        Page since = node.history(pattern(), Start.since(all.get(2).time()), NO_BOUND, 100, ALL);
        Page never =
                node.history(
                        pattern(),
                        Start.since(all.get(2).time().plus(Duration.ofDays(1))),
                        NO_BOUND,
                        100,
                        ALL);

        assertThat(texts(since.entries())).isEqualTo(numbers(2, 4));
        assertThat(since.coverage()).isEqualTo(Coverage.COMPLETE);
        assertThat(never.entries()).isEmpty();
        assertThat(never.coverage()).isEqualTo(Coverage.COMPLETE);
        assertComplete(node, never.end(), List.of());
    }

    @Test
    void readsNothingOfAPatternWhoseTopicsNobodyUsed() {
        Broker node = createNode();
        needs(node, Capability.PATTERNS);
        needs(node, Capability.HISTORY);
        node.publish(topic, text("no match"));

        for (Start start : List.of(Start.earliest(), Start.last(1))) {
            Page page = node.history(pattern(), start, NO_BOUND, 10, ALL);

            assertThat(page.entries()).isEmpty();
            assertThat(page.coverage()).isEqualTo(Coverage.COMPLETE);
            assertThat(page.more()).isFalse();
            assertComplete(node, page.from(), List.of());
        }
    }

    // Coverage

    @Test
    void saysTrimmedWhereATopicOfThePatternHasLostEntries() {
        needsTrimming();
        Broker node = createNode(settingsToKeep(5));
        needs(node, Capability.PATTERNS);
        needs(node, Capability.HISTORY);
        Position quiet = node.publish(topic + "/quiet", text("quiet")).position();
        Position busy = node.publish(topic + "/busy", text("busy")).position();
        eventually("trimming")
                .until(() -> {
                    publish(node, topic + "/busy", 10);
                    return after(node, topic + "/busy", busy).coverage() == Coverage.TRIMMED;
                });

        Page page = after(node, pattern(), quiet);

        assertThat(page.coverage()).isEqualTo(Coverage.TRIMMED);
        assertThat(page.from().isAfter(quiet)).isTrue();
        assertThat(page.entries()).isNotEmpty();
        assertThat(page.entries().getFirst().position().isAfter(page.from())).isTrue();
        Page moved = after(node, pattern(), page.from());
        assertThat(moved.coverage()).isEqualTo(Coverage.COMPLETE);
        assertThat(Told.of(moved.entries())).isEqualTo(Told.of(page.entries()));
        assertThat(Told.of(readAll(node, pattern(), Start.earliest(), NO_BOUND)))
                .endsWith(Told.of(page.entries()).toArray(Told[]::new));
        assertComplete(node, page.end(), List.of());
    }

    @Test
    void saysCompleteWhereOnlyOthersHaveLostEntries() {
        needsTrimming();
        Broker node = createNode(settingsToKeep(5));
        needs(node, Capability.PATTERNS);
        needs(node, Capability.HISTORY);
        Position start = node.subscribe(pattern(), new RecordingSink()).start();
        publish(node, topic + "/a", 1);
        Position other = node.publish(topic, text("1")).position();
        publish(node, topic + "/b", 1);
        eventually("trimming")
                .until(() -> {
                    publish(node, topic, 10);
                    publish(node, topic + "/a/deep", 10);
                    return after(node, topic, other).coverage() == Coverage.TRIMMED;
                });
        publish(node, topic + "/c", 1);

        Page page = after(node, pattern(), start);

        assertThat(page.coverage())
                .isIn(
                        knowsWhoseEntriesAreLost()
                                ? List.of(Coverage.COMPLETE)
                                : List.of(Coverage.COMPLETE, Coverage.TRIMMED));
        if (page.coverage() == Coverage.COMPLETE) {
            assertThat(page.entries())
                    .extracting(Entry::topic)
                    .containsExactly(topic + "/a", topic + "/b", topic + "/c");
        }
    }

    @Test
    void saysOtherEpochAndAheadOfLogForCursorsThatAPatternNeverHad() {
        Broker node = createNode();
        needs(node, Capability.PATTERNS);
        needs(node, Capability.HISTORY);
        Position tail = publishInTurn(node, 0, 9).getLast();

        Page other =
                after(node, pattern(), new Position(tail.epoch() + 1, tail.major(), tail.minor()));
        Page ahead = after(node, pattern(), new Position(tail.epoch(), tail.major() + 1_000_000));

        assertThat(other.coverage()).isEqualTo(Coverage.OTHER_EPOCH);
        assertThat(texts(other.entries())).isEqualTo(numbers(0, 9));
        assertThat(ahead.coverage()).isEqualTo(Coverage.AHEAD_OF_LOG);
        assertThat(ahead.entries()).isEmpty();
        assertComplete(node, ahead.end(), List.of());
    }

    private String pattern() {
        return topic + "/*";
    }

    /**
     * Publishes to ever more topics of the pattern, and in between to others, from several threads.
     */
    private List<Future<?>> startPublishers(Broker node) {
        var publishers = new ArrayList<Future<?>>();
        for (int publisher = 0; publisher < PUBLISHERS; publisher++) {
            String prefix = publisher + ":";
            publishers.add(
                    run(() -> {
                        for (int i = 0; i < EACH; i++) {
                            String to = topic + '/' + (i * 31 + 7) % (1 + i / 4);
                            String text = prefix + i;
                            Position position = node.publish(to, text(text)).position();
                            published.put(position, new Told(to, text));
                            if (i % 3 == 0) {
                                node.publish(topic, text("other"));
                                node.publish(to + "/deep", text("other"));
                            }
                        }
                    }));
        }
        return publishers;
    }

    private void assertExact(RecordingSink sink) {
        sink.assertCalledProperly();
        assertThat(sink.gaps()).isEmpty();
        assertThat(sink.positions()).containsExactlyInAnyOrderElementsOf(published.keySet());
        assertThat(sink.entries())
                .allMatch(entry -> Told.of(entry).equals(published.get(entry.position())));
    }

    private static void assertInOrder(List<Entry> entries) {
        for (int i = 1; i < entries.size(); i++) {
            assertThat(entries.get(i).position().isAfter(entries.get(i - 1).position())).isTrue();
        }
    }

    /**
     * Publishes {@code from}, …, {@code to}, each to another of three topics than the one before.
     */
    private List<Position> publishInTurn(Broker node, int from, int to) {
        var positions = new ArrayList<Position>();
        for (int i = from; i <= to; i++) {
            positions.add(node.publish(topic + '/' + i % 3, text(Integer.toString(i))).position());
        }
        return positions;
    }

    private static void publish(Broker node, String to, int count) {
        for (int i = 0; i < count; i++) {
            node.publish(to, text("x"));
        }
    }

    private static Page after(Broker node, String name, Position position) {
        return node.history(name, Start.after(position), NO_BOUND, 1000, ALL);
    }

    private void assertComplete(Broker node, Position after, List<String> expected) {
        Page page = after(node, pattern(), after);
        assertThat(page.coverage()).isEqualTo(Coverage.COMPLETE);
        assertThat(page.from()).isEqualTo(after);
        assertThat(texts(page.entries())).isEqualTo(expected);
    }
}
