package dev.longwave.broker.nats;

import static dev.longwave.broker.testing.RecordingSink.texts;
import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.broker.Coverage;
import dev.longwave.broker.Entry;
import dev.longwave.broker.Message;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class RecentMessagesTest {

    private static final Term TERM = new Term(2, 42);
    private static final int ALL = Integer.MAX_VALUE;

    private final RecentMessages recent = new RecentMessages();

    @Test
    void knowsNothingWhenNew() {
        assertThat(recent.after(at(1), ALL, ALL)).isEmpty();
    }

    @Test
    void returnsTheMessagesAfterACursor() {
        receive(3, 1);
        receive(7, 3);

        assertPage(after(at(1)), Coverage.COMPLETE, 1, "3", "7");
        assertPage(after(at(2)), Coverage.COMPLETE, 2, "3", "7");
        assertPage(after(at(3)), Coverage.COMPLETE, 3, "7");
        assertPage(after(at(7)), Coverage.COMPLETE, 7);
    }

    @Test
    void reportsAHoleBeforeAMessage() {
        receive(7, 5);

        assertPage(after(at(1)), Coverage.TRIMMED, 5, "7");
    }

    @Test
    void endsAPageBeforeAHole() {
        receive(3, 1);
        receive(9, 8);

        Page page = after(at(1));

        assertPage(page, Coverage.COMPLETE, 1, "3");
        assertThat(page.more()).isTrue();
        assertPage(after(page.end()), Coverage.TRIMMED, 8, "9");
    }

    @Test
    void reportsAHoleIfThePreviousMessageIsForgotten() {
        receive(7, -1);

        assertPage(after(at(1)), Coverage.TRIMMED, 6, "7");
    }

    @Test
    void reportsALostLastMessage() {
        receive(3, 1);
        recent.receivedUpTo(TERM, at(5));

        Page page = after(at(1));

        assertPage(page, Coverage.COMPLETE, 1, "3");
        assertThat(page.more()).isTrue();
        assertPage(after(at(3)), Coverage.TRIMMED, 5);
        assertPage(after(at(5)), Coverage.COMPLETE, 5);
        assertThat(after(at(5)).more()).isFalse();
    }

    @Test
    void startsOverInALaterTerm() {
        receive(3, 1);
        var later = new Term(3, 7);
        recent.receivedUpTo(later, new Position(7, 0));

        assertPage(after(at(3)), Coverage.OTHER_EPOCH, 0);

        assertThat(recent.add(new SequenceHeader(later, 4, 2, 0), entry(7, 4), 0)).isTrue();
        assertPage(after(at(3)), Coverage.OTHER_EPOCH, 2, "4");
    }

    @Test
    void ignoresAnEarlierTerm() {
        receive(3, 1);
        var earlier = new Term(1, 7);

        assertThat(recent.add(new SequenceHeader(earlier, 9, 8, 0), entry(7, 9), 0)).isFalse();
        recent.receivedUpTo(earlier, new Position(7, 9));

        assertPage(after(at(1)), Coverage.COMPLETE, 1, "3");
    }

    @Test
    void endsAPageByCountAndByBytes() {
        receive(10, 1);
        receive(11, 10);
        receive(12, 11);

        assertThat(texts(recent.after(at(1), 2, ALL).orElseThrow().entries()))
                .containsExactly("10", "11");
        Page bytes = recent.after(at(1), ALL, 5).orElseThrow();
        assertThat(texts(bytes.entries())).containsExactly("10", "11");
        assertThat(bytes.more()).isTrue();
        assertThat(recent.after(at(1), ALL, 1).orElseThrow().entries()).hasSize(1);
    }

    @Test
    void isBoundedAndForgetsOldMessages() {
        for (int i = 2; i <= RecentMessages.MAX_MESSAGES + 2; i++) {
            receive(i, i - 1);
        }

        assertThat(after(at(1)).coverage()).isEqualTo(Coverage.TRIMMED);
        assertThat(after(at(2)).entries()).hasSize(RecentMessages.MAX_MESSAGES);
        recent.forget(RecentMessages.MAX_MESSAGES + 2);
        assertThat(after(at(2)).entries()).hasSize(1);
    }

    private void receive(long sequence, long previous) {
        assertThat(
                        recent.add(
                                new SequenceHeader(TERM, sequence, previous, 0),
                                entry(42, sequence),
                                sequence))
                .isTrue();
    }

    private Page after(Position cursor) {
        return recent.after(cursor, ALL, ALL).orElseThrow();
    }

    private static void assertPage(Page page, Coverage coverage, long from, String... texts) {
        assertThat(page.coverage()).isEqualTo(coverage);
        assertThat(page.from().major()).isEqualTo(from);
        assertThat(texts(page.entries())).containsExactly(texts);
    }

    private static Position at(long sequence) {
        return new Position(TERM.epoch(), sequence);
    }

    private static Entry entry(long epoch, long sequence) {
        byte[] data = Long.toString(sequence).getBytes(StandardCharsets.UTF_8);
        return Entry.of(new Position(epoch, sequence), Instant.EPOCH, Message.of(data));
    }
}
