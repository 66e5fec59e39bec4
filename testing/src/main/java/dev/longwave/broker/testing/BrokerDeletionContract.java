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
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The part of {@link BrokerContractTest} that is about erasing topics, for brokers that declare
 * {@link Capability#DELETE}.
 */
abstract class BrokerDeletionContract extends BrokerHistoryContract {

    @Test
    void throwsIfItCannotDelete() {
        Broker node = createNode();
        if (node.capabilities().contains(Capability.DELETE)) {
            return;
        }

        assertThatThrownBy(() -> node.delete(topic))
                .isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void findsNothingOfATopicThatWasDeleted() {
        needs(Capability.DELETE);
        Broker node = createNode();
        List<Position> positions = publishNumbers(node, 0, 9);
        node.publish(topic + "/other", text("other"));

        node.delete(topic);

        assertThat(readAll(node, Start.earliest(), NO_BOUND)).as("what is left").isEmpty();
        assertThat(readAll(node, Start.last(100), NO_BOUND)).as("the last ones").isEmpty();
        assertThat(page(node, positions.get(4)).coverage())
                .as("for a reader to whom some were not delivered")
                .isIn(Coverage.DELETED, Coverage.TRIMMED);
        assertThat(page(node, positions.getLast()).coverage())
                .as("for a reader who has all of them")
                .isEqualTo(Coverage.COMPLETE);
        Page other = node.history(topic + "/other", Start.earliest(), NO_BOUND, 10, ALL);
        assertThat(other.entries()).as("of another topic").hasSize(1);
    }

    @Test
    void goesOnAfterADeletionBeyondTheOldPositions() {
        needs(Capability.DELETE);
        Broker node = createNode();
        var sink = new RecordingSink();
        node.subscribe(topic, sink);
        Position last = publishNumbers(node, 0, 4).getLast();
        sink.awaitCount(5);

        node.delete(topic);
        Position next = publishNumbers(node, 5, 5).getFirst();

        assertThat(next.sameEpoch(last)).as("same epoch").isTrue();
        assertThat(next.isAfter(last)).as("%s after %s", next, last).isTrue();
        sink.awaitText("5");
        assertThat(sink.texts()).isEqualTo(numbers(0, 5));
        assertThat(sink.gaps()).as("gaps of a reader who had all").isEmpty();
        assertThat(texts(readAll(node, Start.earliest(), NO_BOUND))).containsExactly("5");
        sink.assertCalledProperly();
    }

    @Test
    void tellsTheSinksOfAllNodesWhatToForget() {
        needs(Capability.DELETE);
        Broker node = createNode();
        Broker other = node.capabilities().contains(Capability.SHARED) ? createNode() : node;
        var here = new RecordingSink();
        var there = new RecordingSink();
        node.subscribe(topic, here);
        other.subscribe(topic, there);
        Position last = publishNumbers(node, 0, 4).getLast();
        here.awaitCount(5);
        there.awaitCount(5);

        Position upTo = node.delete(topic);

        assertThat(last.isAfter(upTo)).as("the last one is erased").isFalse();
        for (RecordingSink sink : List.of(here, there)) {
            eventually("told what to forget")
                    .until(() -> sink.deleted().stream().anyMatch(told -> !last.isAfter(told)));
            assertThat(sink.gaps()).as("gaps").isEmpty();
        }
    }

    @Test
    void deletesATopicThatNobodyUsed() {
        needs(Capability.DELETE);
        Broker node = createNode();

        node.delete(topic);
        node.delete(topic);

        assertThat(readAll(node, Start.earliest(), NO_BOUND)).as("entries").isEmpty();
        assertThat(texts(publishedAndRead(node))).containsExactly("0");
    }

    private List<Entry> publishedAndRead(Broker node) {
        publishNumbers(node, 0, 0);
        return readAll(node, Start.earliest(), NO_BOUND);
    }

    private Page page(Broker node, Position after) {
        return node.history(topic, Start.after(after), NO_BOUND, 100, ALL);
    }
}
