package dev.longwave.broker.nats;

import static dev.longwave.broker.RecordingSink.texts;
import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.broker.Coverage;
import dev.longwave.broker.Entry;
import dev.longwave.broker.Message;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class ArrivalsTest {

    private static final Reign REIGN = new Reign(2, 42);
    private static final int ALL = Integer.MAX_VALUE;

    private final Arrivals arrivals = new Arrivals();

    @Test
    void knowsNothingAtFirst() {
        assertThat(arrivals.after(at(1), ALL, ALL)).isEmpty();
    }

    @Test
    void hasWhatFollowsACursor() {
        arrive(3, 1);
        arrive(7, 3);

        assertPage(after(at(1)), Coverage.COMPLETE, 1, "3", "7");
        assertPage(after(at(2)), Coverage.COMPLETE, 2, "3", "7");
        assertPage(after(at(3)), Coverage.COMPLETE, 3, "7");
        assertPage(after(at(7)), Coverage.COMPLETE, 7);
    }

    @Test
    void tellsOfAHoleBeforeWhatArrived() {
        arrive(7, 5);

        assertPage(after(at(1)), Coverage.TRIMMED, 5, "7");
    }

    @Test
    void endsAPageBeforeAHole() {
        arrive(3, 1);
        arrive(9, 8);

        Page page = after(at(1));

        assertPage(page, Coverage.COMPLETE, 1, "3");
        assertThat(page.more()).isTrue();
        assertPage(after(page.end()), Coverage.TRIMMED, 8, "9");
    }

    @Test
    void tellsOfAHoleWhereItIsForgottenWhatWasBefore() {
        arrive(7, -1);

        assertPage(after(at(1)), Coverage.TRIMMED, 6, "7");
    }

    @Test
    void tellsOfALostLastMessage() {
        arrive(3, 1);
        arrivals.arrivedUpTo(REIGN, at(5));

        Page page = after(at(1));

        assertPage(page, Coverage.COMPLETE, 1, "3");
        assertThat(page.more()).isTrue();
        assertPage(after(at(3)), Coverage.TRIMMED, 5);
        assertPage(after(at(5)), Coverage.COMPLETE, 5);
        assertThat(after(at(5)).more()).isFalse();
    }

    @Test
    void beginsAnewInALaterReign() {
        arrive(3, 1);
        var later = new Reign(3, 7);
        arrivals.arrivedUpTo(later, new Position(7, 0));

        assertPage(after(at(3)), Coverage.OTHER_EPOCH, 0);

        assertThat(arrivals.add(new Stamp(later, 4, 2, 0), entry(7, 4), 0)).isTrue();
        assertPage(after(at(3)), Coverage.OTHER_EPOCH, 2, "4");
    }

    @Test
    void takesNothingFromAnEarlierReign() {
        arrive(3, 1);
        var earlier = new Reign(1, 7);

        assertThat(arrivals.add(new Stamp(earlier, 9, 8, 0), entry(7, 9), 0)).isFalse();
        arrivals.arrivedUpTo(earlier, new Position(7, 9));

        assertPage(after(at(1)), Coverage.COMPLETE, 1, "3");
    }

    @Test
    void endsAPageByCountAndByBytes() {
        arrive(10, 1);
        arrive(11, 10);
        arrive(12, 11);

        assertThat(texts(arrivals.after(at(1), 2, ALL).orElseThrow().entries()))
                .containsExactly("10", "11");
        Page bytes = arrivals.after(at(1), ALL, 5).orElseThrow();
        assertThat(texts(bytes.entries())).containsExactly("10", "11");
        assertThat(bytes.more()).isTrue();
        assertThat(arrivals.after(at(1), ALL, 1).orElseThrow().entries()).hasSize(1);
    }

    @Test
    void isBoundedAndForgets() {
        for (int i = 2; i <= Arrivals.MAX_MESSAGES + 2; i++) {
            arrive(i, i - 1);
        }

        assertThat(after(at(1)).coverage()).isEqualTo(Coverage.TRIMMED);
        assertThat(after(at(2)).entries()).hasSize(Arrivals.MAX_MESSAGES);
        arrivals.forget(Arrivals.MAX_MESSAGES + 2);
        assertThat(after(at(2)).entries()).hasSize(1);
    }

    private void arrive(long sequence, long previous) {
        assertThat(
                        arrivals.add(
                                new Stamp(REIGN, sequence, previous, 0),
                                entry(42, sequence),
                                sequence))
                .isTrue();
    }

    private Page after(Position cursor) {
        return arrivals.after(cursor, ALL, ALL).orElseThrow();
    }

    private static void assertPage(Page page, Coverage coverage, long from, String... texts) {
        assertThat(page.coverage()).isEqualTo(coverage);
        assertThat(page.from().major()).isEqualTo(from);
        assertThat(texts(page.entries())).containsExactly(texts);
    }

    private static Position at(long sequence) {
        return new Position(REIGN.epoch(), sequence);
    }

    private static Entry entry(long epoch, long sequence) {
        byte[] data = Long.toString(sequence).getBytes(StandardCharsets.UTF_8);
        return new Entry(new Position(epoch, sequence), Instant.EPOCH, Message.of(data));
    }
}
