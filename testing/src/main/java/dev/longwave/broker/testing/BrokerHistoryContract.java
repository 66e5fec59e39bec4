package dev.longwave.broker.testing;

import static dev.longwave.broker.testing.RecordingSink.texts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longwave.broker.Broker;
import dev.longwave.broker.Capability;
import dev.longwave.broker.Coverage;
import dev.longwave.broker.Entry;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Start;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** The part of {@link BrokerContractTest} that is about reading the log. */
abstract class BrokerHistoryContract extends BrokerContentContract {

    @Test
    void readsHistoryInPages() {
        needs(Capability.HISTORY);
        Broker node = createNode();
        List<Position> positions = publishNumbers(node, 10, 34); // two bytes each

        Page byCount = node.history(topic, Start.earliest(), NO_BOUND, 10, ALL);
        assertThat(texts(byCount.entries())).as("entries of byCount").isEqualTo(numbers(10, 19));
        assertThat(byCount.more()).as("whether the log has more after byCount").isTrue();
        assertThat(byCount.end()).as("where byCount ends").isEqualTo(positions.get(9));

        Page byBytes = node.history(topic, Start.after(byCount.end()), NO_BOUND, 10, 7);
        assertThat(texts(byBytes.entries())).as("entries of byBytes").isEqualTo(numbers(20, 22));
        assertThat(byBytes.more()).as("whether the log has more after byBytes").isTrue();
        assertThat(byBytes.from()).as("where byBytes begins").isEqualTo(byCount.end());

        Page atLeastOne = node.history(topic, Start.after(byBytes.end()), NO_BOUND, 10, 1);
        assertThat(texts(atLeastOne.entries())).as("entries of atLeastOne").containsExactly("23");

        Page rest = node.history(topic, Start.after(atLeastOne.end()), NO_BOUND, 100, ALL);
        assertThat(texts(rest.entries())).as("entries of rest").isEqualTo(numbers(24, 34));
        assertThat(rest.more()).as("whether the log has more after rest").isFalse();
        assertThat(readAll(node, Start.earliest(), NO_BOUND)).as("all pages together").hasSize(25);
    }

    @Test
    void readsHistoryUpToABound() {
        needs(Capability.HISTORY);
        Broker node = createNode();
        List<Position> positions = publishNumbers(node, 0, 9);

        Page bounded = node.history(topic, Start.earliest(), positions.get(6), 100, ALL);
        assertThat(texts(bounded.entries())).as("entries of bounded").isEqualTo(numbers(0, 6));
        assertThat(bounded.more()).as("within the bound").isFalse();

        Page both = node.history(topic, Start.after(positions.get(2)), positions.get(6), 2, ALL);
        assertThat(texts(both.entries())).as("entries of both").isEqualTo(numbers(3, 4));
        assertThat(both.more()).as("whether the log has more after both").isTrue();

        Page none = node.history(topic, Start.after(positions.get(6)), positions.get(6), 2, ALL);
        assertThat(none.entries()).as("entries of none").isEmpty();
        assertThat(none.more()).as("whether the log has more after none").isFalse();
        assertThat(none.end()).as("where none ends").isEqualTo(positions.get(6));
    }

    @Test
    void readsTheLastEntries() {
        needs(Capability.HISTORY);
        Broker node = createNode();
        List<Position> positions = publishNumbers(node, 0, 9);

        Page last = node.history(topic, Start.last(3), NO_BOUND, 100, ALL);
        assertThat(texts(last.entries())).as("entries of last").isEqualTo(numbers(7, 9));
        assertThat(last.coverage()).as("coverage of last").isEqualTo(Coverage.COMPLETE);
        assertThat(last.from()).as("where last begins").isEqualTo(positions.get(6));

        Page all = node.history(topic, Start.last(100), NO_BOUND, 100, ALL);
        assertThat(texts(all.entries())).as("entries of all").isEqualTo(numbers(0, 9));
        assertThat(all.coverage()).as("coverage of all").isEqualTo(Coverage.COMPLETE);
    }

    @Test
    void readsWhatWasPublishedSinceATime() {
        needs(Capability.HISTORY);
        Broker node = createNode();
        for (int i = 0; i < 5; i++) {
            publishNumbers(node, i, i);
            passTime(Duration.ofMillis(20));
        }
        List<Entry> all = readAll(node, Start.earliest(), NO_BOUND);
        Instant time = all.get(2).time();

        Page at = node.history(topic, Start.since(time), NO_BOUND, 100, ALL);
        Page before = node.history(topic, Start.since(time.minusMillis(1)), NO_BOUND, 100, ALL);
        Page after = node.history(topic, Start.since(time.plusMillis(1)), NO_BOUND, 100, ALL);
        Page never =
                node.history(topic, Start.since(time.plus(Duration.ofDays(1))), NO_BOUND, 100, ALL);

        assertThat(texts(at.entries())).as("entries of at").isEqualTo(numbers(2, 4));
        assertThat(at.coverage()).as("coverage of at").isEqualTo(Coverage.COMPLETE);
        assertThat(texts(before.entries())).as("entries of before").isEqualTo(numbers(2, 4));
        assertThat(texts(after.entries())).as("entries of after").isEqualTo(numbers(3, 4));
        assertThat(never.entries()).as("entries of never").isEmpty();
        assertThat(never.coverage()).as("coverage of never").isEqualTo(Coverage.COMPLETE);
        assertThat(never.end()).as("where never ends").isEqualTo(all.getLast().position());
    }

    @Test
    void saysCompleteWhereNothingIsMissing() {
        needs(Capability.HISTORY);
        Broker node = createNode();
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
        needsTrimming();
        needs(Capability.HISTORY);
        Broker node = createNode(settingsToKeep(5));
        Position start = node.subscribe(topic, new RecordingSink()).start();
        var positions = new ArrayList<>(publishNumbers(node, 0, 9));
        eventually("trimming")
                .until(() -> {
                    int next = positions.size();
                    positions.addAll(publishNumbers(node, next, next + 9));
                    trim(topic);
                    return after(node, positions.getFirst()).coverage() == Coverage.TRIMMED;
                });

        for (Position missed : List.of(start, positions.getFirst())) {
            Page page = after(node, missed);
            List<Entry> kept = readAll(node, Start.after(page.from()), NO_BOUND);
            assertThat(page.coverage()).as("coverage after " + missed).isEqualTo(Coverage.TRIMMED);
            assertThat(page.entries())
                    .as("entries of a topic that keeps its newest 5")
                    .hasSizeGreaterThanOrEqualTo(5);
            Entry first = page.entries().getFirst();
            int index = positions.indexOf(first.position());
            assertThat(page.from().isAfter(missed))
                    .as("the page begins after what is missing")
                    .isTrue();
            assertThat(first.position().isAfter(page.from()))
                    .as("the page begins before its first entry")
                    .isTrue();
            assertThat(page.from().isAfter(positions.get(index - 1)))
                    .as("whether the hole goes beyond the last missing entry")
                    .isFalse();
            assertThat(after(node, page.from()).coverage())
                    .as("coverage after the position where the page begins")
                    .isEqualTo(Coverage.COMPLETE);
            assertThat(texts(kept))
                    .as("entries from the first that is left")
                    .isEqualTo(numbers(index, positions.size() - 1));
            assertThat(texts(kept))
                    .as("pages after where the page begins")
                    .startsWith(texts(page.entries()).toArray(String[]::new));
            assertThat(after(node, positions.get(index - 2)).coverage())
                    .as("coverage if one entry is missing")
                    .isEqualTo(Coverage.TRIMMED);
        }
        assertComplete(node, positions.getLast(), List.of());
        Page earliest = node.history(topic, Start.earliest(), NO_BOUND, 1000, ALL);
        assertThat(earliest.coverage()).as("coverage of earliest").isEqualTo(Coverage.COMPLETE);
        Page since = node.history(topic, Start.since(Instant.EPOCH), NO_BOUND, 1000, ALL);
        assertThat(since.coverage()).as("coverage of since").isEqualTo(Coverage.TRIMMED);
        assertThat(since.entries()).as("entries of since").hasSameSizeAs(earliest.entries());
    }

    @Test
    void saysOtherEpochForTheCursorOfAnotherLog() {
        needs(Capability.HISTORY);
        Broker node = createNode();
        Position tail = publishNumbers(node, 0, 9).getLast();

        Page page = after(node, new Position(tail.epoch() + 1, tail.major(), tail.minor()));

        assertThat(page.coverage()).as("coverage of page").isEqualTo(Coverage.OTHER_EPOCH);
        assertThat(texts(page.entries())).as("entries of page").isEqualTo(numbers(0, 9));
        assertThat(page.from().sameEpoch(tail)).as("the page begins in the present epoch").isTrue();
    }

    @Test
    void saysAheadOfLogForACursorBeyondTheTail() {
        needs(Capability.HISTORY);
        Broker node = createNode();
        Position tail = publishNumbers(node, 0, 9).getLast();

        Page page = after(node, new Position(tail.epoch(), tail.major() + 1_000_000));

        assertThat(page.coverage()).as("coverage of page").isEqualTo(Coverage.AHEAD_OF_LOG);
        assertThat(page.entries()).as("entries of page").isEmpty();
        assertThat(page.end()).as("where page ends").isEqualTo(tail);
    }

    @Test
    void readsNothingOfATopicThatNobodyUsed() {
        needs(Capability.HISTORY);
        Broker node = createNode();

        for (Start start : List.of(Start.earliest(), Start.last(1))) {
            Page page = node.history(topic, start, NO_BOUND, 10, ALL);

            assertThat(page.entries()).as("entries of page").isEmpty();
            assertThat(page.coverage()).as("coverage of page").isEqualTo(Coverage.COMPLETE);
            assertThat(page.more()).as("whether the log has more after page").isFalse();
            assertComplete(node, page.from(), List.of());
        }
    }

    /** Who goes on where an empty page ends must get it. */
    @Test
    void endsAnEmptyPageBeforeWhatIsPublishedMeanwhile() throws Exception {
        needs(Capability.HISTORY);
        Broker node = createNode();
        List<Start> starts = List.of(Start.earliest(), Start.last(5), Start.since(Instant.EPOCH));
        for (int round = 0; round < 300; round++) {
            String fresh = topic + '/' + round;
            Start start = starts.get(round % starts.size());
            var pages = new ArrayList<Page>();
            Future<?> reading =
                    run(() -> {
                        do {
                            pages.add(node.history(fresh, start, NO_BOUND, 10, ALL));
                        } while (pages.getLast().entries().isEmpty());
                    });
            Position position = node.publish(fresh, text("first")).position();
            join(List.of(reading));

            assertThat(pages.removeLast().entries())
                    .as("the first page that is not empty")
                    .extracting(Entry::position)
                    .containsExactly(position);
            assertThat(pages)
                    .as("empty pages end before what is published later")
                    .allSatisfy(page -> assertThat(position.isAfter(page.end())).isTrue());
        }
    }

    @Test
    void refusesHistoryAndClaimsThatItDoesNotDeclare() {
        Broker node = createNode();
        Set<Capability> capabilities = node.capabilities();

        if (!capabilities.contains(Capability.HISTORY)) {
            assertThatThrownBy(() -> node.history(topic, Start.earliest(), NO_BOUND, 1, 1))
                    .isInstanceOf(UnsupportedOperationException.class);
        }
        if (!capabilities.contains(Capability.CLAIMS)) {
            assertThatThrownBy(() -> node.claim(topic, Duration.ofMinutes(1)))
                    .isInstanceOf(UnsupportedOperationException.class);
        }
        assertThat(node.presence().isPresent())
                .as("presence is there if it is declared")
                .isEqualTo(capabilities.contains(Capability.PRESENCE));
    }

    private Page after(Broker node, Position position) {
        return node.history(topic, Start.after(position), NO_BOUND, 1000, ALL);
    }

    private void assertComplete(Broker node, Position after, List<String> expected) {
        Page page = after(node, after);
        assertThat(page.coverage()).as("coverage of page").isEqualTo(Coverage.COMPLETE);
        assertThat(page.from()).as("where page begins").isEqualTo(after);
        assertThat(texts(page.entries())).as("entries of page").isEqualTo(expected);
    }
}
