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
        needs(Capability.PATTERNS);
        Broker node = createNode();
        var sink = new RecordingSink();
        var second = new RecordingSink();
        try (var _ = node.subscribe(pattern(), sink);
                var _ = node.subscribe(pattern(), second)) {
            join(startPublishers(node));
            sink.awaitCount(PUBLISHERS * EACH);
            second.awaitCount(PUBLISHERS * EACH);
        }

        assertExact(sink);
        assertThat(second.positions())
                .as("positions that second received")
                .isEqualTo(sink.positions());
        assertThat(second.gaps()).as("gaps that second was told of").isEmpty();
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
        needs(Capability.PATTERNS);
        needs(Capability.SHARED);
        Broker here = createNode();
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
        needs(Capability.PATTERNS);
        Broker node = createNode();
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
        needs(Capability.PATTERNS);
        Broker node = createNode();
        var byName = new RecordingSink();
        var byPattern = new RecordingSink();
        node.subscribe(topic + "/é b", byName);
        node.subscribe(pattern(), byPattern);

        Position position = node.publish(topic + "/é b", text("1")).position();

        byName.awaitCount(1);
        byPattern.awaitCount(1);
        assertThat(byName.entries().getFirst().topic())
                .as("topic of an entry that was not asked for by a pattern")
                .isNull();
        Entry entry = byPattern.entries().getFirst();
        assertThat(entry.topic()).as("topic of an entry of a pattern").isEqualTo(topic + "/é b");
        assertThat(entry.position()).as("position of the live delivery").isEqualTo(position);
        if (node.capabilities().contains(Capability.HISTORY)) {
            assertThat(readAll(node, topic + "/é b", Start.earliest(), NO_BOUND))
                    .as("history of the topic")
                    .allMatch(read -> read.topic() == null);
            assertThat(readAll(node, pattern(), Start.earliest(), NO_BOUND))
                    .as("history of the pattern")
                    .singleElement()
                    .satisfies(read ->
                            assertThat(read.topic())
                                    .as("topic of an entry of a pattern")
                                    .isEqualTo(topic + "/é b"));
        }
    }

    @Test
    void callsNoSinkOfAPatternAfterItsSubscriptionIsClosed() throws Exception {
        needs(Capability.PATTERNS);
        Broker node = createNode();
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
        needs(Capability.PATTERNS);
        needs(Capability.HISTORY);
        Broker node = createNode(settingsToKeep(10_000));
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
        assertThat(whole).as("all entries of the pattern").hasSize(PUBLISHERS * EACH + 1);
        for (Joined each : joined) {
            each.sink.awaitText("end");
            each.sink.assertCalledProperly();
            assertThat(each.sink.gaps()).as("gaps that sink was told of").isEmpty();
            Position start = each.subscription.start();
            var seen = readAll(node, pattern(), Start.earliest(), start);
            seen.addAll(each.sink.entries());
            assertThat(Told.of(seen))
                    .as("history up to the start position, and live from there on")
                    .isEqualTo(Told.of(whole));
        }
    }

    @Test
    void resumesAPatternAtAnyPositionOfIt() throws Exception {
        needs(Capability.PATTERNS);
        needs(Capability.HISTORY);
        Broker node = createNode(settingsToKeep(10_000));
        Position start = node.subscribe(pattern(), new RecordingSink()).start();
        join(startPublishers(node));

        List<Entry> whole = readAll(node, pattern(), Start.after(start), NO_BOUND);
        assertThat(whole).as("all entries of the pattern").hasSize(published.size());
        for (int i = 0; i < whole.size(); i += 37) {
            Page page = after(node, pattern(), whole.get(i).position());
            assertThat(page.coverage()).as("coverage of page").isEqualTo(Coverage.COMPLETE);
            assertThat(page.from()).as("where page begins").isEqualTo(whole.get(i).position());
            int end = Math.min(whole.size(), i + 1 + 1000);
            assertThat(Told.of(page.entries()))
                    .as("entries of page")
                    .isEqualTo(Told.of(whole.subList(i + 1, end)));
        }
    }

    @Test
    void readsAPatternWithoutHolesWhileItIsPublishedTo() throws Exception {
        needs(Capability.PATTERNS);
        needs(Capability.HISTORY);
        Broker node = createNode(settingsToKeep(10_000));
        Position start = node.subscribe(pattern(), new RecordingSink()).start();
        List<Future<?>> publishers = startPublishers(node);

        var seen = new ArrayList<Entry>();
        Position cursor = start;
        boolean last;
        do {
            last = publishers.stream().allMatch(Future::isDone);
            Page page = node.history(pattern(), Start.after(cursor), NO_BOUND, 7, ALL);
            assertThat(page.coverage()).as("coverage of page").isEqualTo(Coverage.COMPLETE);
            seen.addAll(page.entries());
            cursor = page.end();
            last &= page.entries().isEmpty();
        } while (!last);
        join(publishers);

        assertThat(seen).as("entries read").hasSize(PUBLISHERS * EACH);
        assertThat(seen)
                .as("what was read is what was published")
                .allMatch(entry -> Told.of(entry).equals(published.get(entry.position())));
        assertInOrder(seen);
    }

    // History

    @Test
    void readsTheHistoryOfAPatternInPages() {
        needs(Capability.PATTERNS);
        needs(Capability.HISTORY);
        Broker node = createNode();
        List<Position> positions = publishInTurn(node, 10, 34); // two bytes each

        Page byCount = node.history(pattern(), Start.earliest(), NO_BOUND, 10, ALL);
        assertThat(texts(byCount.entries())).as("entries of byCount").isEqualTo(numbers(10, 19));
        assertThat(byCount.more()).as("whether the log has more after byCount").isTrue();
        assertThat(byCount.end()).as("where byCount ends").isEqualTo(positions.get(9));

        Page byBytes = node.history(pattern(), Start.after(byCount.end()), NO_BOUND, 10, 7);
        assertThat(texts(byBytes.entries())).as("entries of byBytes").isEqualTo(numbers(20, 22));
        assertThat(byBytes.more()).as("whether the log has more after byBytes").isTrue();

        Page atLeastOne = node.history(pattern(), Start.after(byBytes.end()), NO_BOUND, 10, 1);
        assertThat(texts(atLeastOne.entries())).as("entries of atLeastOne").containsExactly("23");

        Page rest = node.history(pattern(), Start.after(atLeastOne.end()), NO_BOUND, 100, ALL);
        assertThat(texts(rest.entries())).as("entries of rest").isEqualTo(numbers(24, 34));
        assertThat(rest.more()).as("whether the log has more after rest").isFalse();

        Page bounded =
                node.history(pattern(), Start.after(positions.get(2)), positions.get(6), 3, ALL);
        assertThat(texts(bounded.entries())).as("entries of bounded").isEqualTo(numbers(13, 15));
        assertThat(bounded.more()).as("whether the log has more after bounded").isTrue();
        Page toBound = node.history(pattern(), Start.earliest(), positions.get(6), 100, ALL);
        assertThat(texts(toBound.entries())).as("entries of toBound").isEqualTo(numbers(10, 16));
        assertThat(toBound.more()).as("within the bound").isFalse();
    }

    @Test
    void readsTheLastEntriesOfAPattern() {
        needs(Capability.PATTERNS);
        needs(Capability.HISTORY);
        Broker node = createNode();
        publishInTurn(node, 0, 9);

        Page last = node.history(pattern(), Start.last(3), NO_BOUND, 100, ALL);
        assertThat(texts(last.entries())).as("entries of last").isEqualTo(numbers(7, 9));
        assertThat(last.coverage()).as("coverage of last").isEqualTo(Coverage.COMPLETE);
        assertThat(last.more()).as("whether the log has more after last").isFalse();

        Page first = node.history(pattern(), Start.last(3), NO_BOUND, 2, ALL);
        assertThat(texts(first.entries())).as("entries of first").isEqualTo(numbers(7, 8));
        assertThat(first.more()).as("whether the log has more after first").isTrue();

        Page all = node.history(pattern(), Start.last(100), NO_BOUND, 100, ALL);
        assertThat(texts(all.entries())).as("entries of all").isEqualTo(numbers(0, 9));
    }

    @Test
    void readsWhatWasPublishedToAPatternSinceATime() {
        needs(Capability.PATTERNS);
        needs(Capability.HISTORY);
        Broker node = createNode();
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

        assertThat(texts(since.entries())).as("entries of since").isEqualTo(numbers(2, 4));
        assertThat(since.coverage()).as("coverage of since").isEqualTo(Coverage.COMPLETE);
        assertThat(never.entries()).as("entries of never").isEmpty();
        assertThat(never.coverage()).as("coverage of never").isEqualTo(Coverage.COMPLETE);
        assertComplete(node, never.end(), List.of());
    }

    @Test
    void readsNothingOfAPatternWhoseTopicsNobodyUsed() {
        needs(Capability.PATTERNS);
        needs(Capability.HISTORY);
        Broker node = createNode();
        node.publish(topic, text("no match"));

        for (Start start : List.of(Start.earliest(), Start.last(1))) {
            Page page = node.history(pattern(), start, NO_BOUND, 10, ALL);

            assertThat(page.entries()).as("entries of page").isEmpty();
            assertThat(page.coverage()).as("coverage of page").isEqualTo(Coverage.COMPLETE);
            assertThat(page.more()).as("whether the log has more after page").isFalse();
            assertComplete(node, page.from(), List.of());
        }
    }

    // Coverage

    @Test
    void saysTrimmedWhereATopicOfThePatternHasLostEntries() {
        needsTrimming();
        needs(Capability.PATTERNS);
        needs(Capability.HISTORY);
        Broker node = createNode(settingsToKeep(5));
        Position quiet = node.publish(topic + "/quiet", text("quiet")).position();
        Position busy = node.publish(topic + "/busy", text("busy")).position();
        eventually("trimming")
                .until(() -> {
                    publish(node, topic + "/busy", 10);
                    trim(topic + "/busy");
                    return after(node, topic + "/busy", busy).coverage() == Coverage.TRIMMED;
                });

        Page page = after(node, pattern(), quiet);

        assertThat(page.coverage()).as("coverage of page").isEqualTo(Coverage.TRIMMED);
        assertThat(page.from().isAfter(quiet)).as("the page begins after what is missing").isTrue();
        assertThat(page.entries()).as("entries of page").isNotEmpty();
        assertThat(page.entries().getFirst().position().isAfter(page.from()))
                .as("the page begins before its first entry")
                .isTrue();
        Page moved = after(node, pattern(), page.from());
        assertThat(moved.coverage())
                .as("coverage after the position where the page begins")
                .isEqualTo(Coverage.COMPLETE);
        assertThat(Told.of(moved.entries()))
                .as("entries after the position where the page begins")
                .isEqualTo(Told.of(page.entries()));
        List<Entry> kept = readAll(node, pattern(), Start.after(page.from()), NO_BOUND);
        assertThat(Told.of(readAll(node, pattern(), Start.earliest(), NO_BOUND)))
                .as("the whole log of the pattern ends with what comes after the hole")
                .endsWith(Told.of(kept).toArray(Told[]::new));
        assertComplete(node, kept.getLast().position(), List.of());
    }

    @Test
    void saysCompleteWhereOnlyOthersHaveLostEntries() {
        needsTrimming();
        needs(Capability.PATTERNS);
        needs(Capability.HISTORY);
        Broker node = createNode(settingsToKeep(5));
        Position start = node.subscribe(pattern(), new RecordingSink()).start();
        publish(node, topic + "/a", 1);
        Position other = node.publish(topic, text("1")).position();
        publish(node, topic + "/b", 1);
        eventually("trimming")
                .until(() -> {
                    publish(node, topic, 10);
                    publish(node, topic + "/a/deep", 10);
                    trim(topic);
                    return after(node, topic, other).coverage() == Coverage.TRIMMED;
                });
        publish(node, topic + "/c", 1);

        Page page = after(node, pattern(), start);

        assertThat(page.coverage())
                .as("coverage of page")
                .isIn(
                        knowsWhoseEntriesAreLost()
                                ? List.of(Coverage.COMPLETE)
                                : List.of(Coverage.COMPLETE, Coverage.TRIMMED));
        if (page.coverage() == Coverage.COMPLETE) {
            assertThat(page.entries())
                    .as("entries of page")
                    .extracting(Entry::topic)
                    .containsExactly(topic + "/a", topic + "/b", topic + "/c");
        }
    }

    @Test
    void saysOtherEpochAndAheadOfLogForCursorsThatAPatternNeverHad() {
        needs(Capability.PATTERNS);
        needs(Capability.HISTORY);
        Broker node = createNode();
        Position tail = publishInTurn(node, 0, 9).getLast();

        Page other =
                after(node, pattern(), new Position(tail.epoch() + 1, tail.major(), tail.minor()));
        Page ahead = after(node, pattern(), new Position(tail.epoch(), tail.major() + 1_000_000));

        assertThat(other.coverage()).as("coverage of other").isEqualTo(Coverage.OTHER_EPOCH);
        assertThat(texts(other.entries())).as("entries of other").isEqualTo(numbers(0, 9));
        assertThat(ahead.coverage()).as("coverage of ahead").isEqualTo(Coverage.AHEAD_OF_LOG);
        assertThat(ahead.entries()).as("entries of ahead").isEmpty();
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
        assertThat(sink.gaps()).as("gaps that sink was told of").isEmpty();
        assertThat(sink.positions())
                .as("positions that sink received")
                .containsExactlyInAnyOrderElementsOf(published.keySet());
        assertThat(sink.entries())
                .as("entries of sink")
                .allMatch(entry -> Told.of(entry).equals(published.get(entry.position())));
    }

    private static void assertInOrder(List<Entry> entries) {
        for (int i = 1; i < entries.size(); i++) {
            assertThat(entries.get(i).position().isAfter(entries.get(i - 1).position()))
                    .as("each entry stands after the one before it")
                    .isTrue();
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
        assertThat(page.coverage()).as("coverage of page").isEqualTo(Coverage.COMPLETE);
        assertThat(page.from()).as("where page begins").isEqualTo(after);
        assertThat(texts(page.entries())).as("entries of page").isEqualTo(expected);
    }
}
