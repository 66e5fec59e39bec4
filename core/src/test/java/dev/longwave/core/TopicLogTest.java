package dev.longwave.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.broker.Entry;
import dev.longwave.broker.GapReason;
import dev.longwave.broker.Message;
import dev.longwave.broker.Position;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class TopicLogTest {

    private static final TopicId TOPIC = new TopicId("a");
    private static final Position ORIGIN = new Position(1, 10);
    private static final int OVERHEAD =
            Event.gap(1, TOPIC, new Gap(null, ORIGIN, GapReason.SKIPPED), ORIGIN).size();

    private final TopicLog log = log(8, 1 << 20);

    @Test
    void saysLappedOnceTheSlotIsReused() {
        append(log, 9);

        assertThat(log.read(1)).isNull();
        assertThat(log.read(2)).isNotNull();
        assertThat(log.read(9)).isNotNull();
    }

    @Test
    void keepsAllWhileItGrows() {
        for (int count = 1; count <= 8; count++) {
            append(log, 1);
            for (int sequence = 1; sequence <= count; sequence++) {
                assertThat(log.read(sequence)).isNotNull();
            }
        }
    }

    @Test
    void dropsTheOldestBeyondItsBytes() {
        TopicLog small = log(1024, 1000);

        append(small, 10, 300);

        assertThat(small.oldest().sequence()).isEqualTo(8);
        assertThat(small.latest()).isEqualTo(10);
    }

    @Test
    void keepsTheLatestHoweverLarge() {
        TopicLog small = log(1024, 1000);

        append(small, 2, 5000);

        assertThat(small.oldest().sequence()).isEqualTo(2);
    }

    @Test
    void knowsWhereAReaderGoesOn() {
        append(log, 3);

        assertThat(log.sequenceAfter(ORIGIN)).isEqualTo(1);
        assertThat(log.sequenceAfter(new Position(1, 11))).isEqualTo(2);
        assertThat(log.sequenceAfter(new Position(1, 13))).isEqualTo(4);
        assertThat(log.sequenceAfter(new Position(1, 99))).isEqualTo(4);
    }

    @Test
    void doesNotKnowWhatIsBeforeItsOriginOrOfAnotherEpoch() {
        append(log, 3);

        assertThat(log.sequenceAfter(new Position(1, 9))).isEqualTo(-1);
        assertThat(log.sequenceAfter(new Position(2, 11))).isEqualTo(-1);
    }

    @Test
    void sendsACursorFromBeforeALossToTheGap() {
        append(log, 3); // 11, 12, 13
        append(log, 11, true);
        append(log, 14, false);

        assertThat(log.sequenceAfterOld(new Position(1, 13))).isEqualTo(4);
        assertThat(log.sequenceAfterOld(new Position(1, 12))).isEqualTo(4);
        assertThat(log.sequenceAfterOld(new Position(1, 11))).isEqualTo(5);
        assertThat(log.sequenceAfterOld(new Position(1, 14))).isEqualTo(6);
        assertThat(log.sequenceAfterOld(ORIGIN)).isEqualTo(1);
    }

    @Test
    void doesNotKnowACursorThatAnotherEventHasTakenThePlaceOf() {
        for (long major = 11; major <= 13; major++) {
            Position position = new Position(1, major).stamped(100 + major);
            log.append(message(log.nextSequence(), position, 10));
        }

        assertThat(log.sequenceAfterOld(new Position(1, 12).stamped(112))).isEqualTo(3);
        assertThat(log.sequenceAfterOld(new Position(1, 12))).isEqualTo(3);
        assertThat(log.sequenceAfterOld(new Position(1, 12).stamped(99))).isEqualTo(-1);
        assertThat(log.sequenceAfter(new Position(1, 12).stamped(99))).isEqualTo(-1);
    }

    @Test
    void doesNotKnowACursorWhoseEventIsNotHere() {
        append(log, 11, false);
        append(log, 15, false);

        assertThat(log.sequenceAfterOld(new Position(1, 13).stamped(99))).isEqualTo(-1);
        assertThat(log.sequenceAfterOld(new Position(1, 13))).isEqualTo(2);
    }

    @Test
    void forgetsWhatWasErased() {
        append(log, 4); // 11 to 14
        Event tail = log.tail();
        log.append(tail.withoutContent(log.nextSequence()));
        log.forget(new Position(1, 14));
        append(log, 15, false);

        assertThat(log.read(4)).isNull();
        assertThat(log.read(0)).isNotNull();
        assertThat(log.tail().position()).isEqualTo(new Position(1, 15));
        assertThat(log.oldest().isTold()).isFalse();
        assertThat(log.sequenceAfter(new Position(1, 14))).isEqualTo(6);
        assertThat(log.sequenceAfter(new Position(1, 12))).isEqualTo(-1);
    }

    @Test
    void keepsWhatCameAfterWhatWasErased() {
        append(log, 4); // 11 to 14
        log.append(log.tail().withoutContent(log.nextSequence()));
        log.forget(new Position(1, 12));

        assertThat(log.read(2)).isNull();
        assertThat(log.read(3)).isNotNull();
        assertThat(log.sequenceAfter(new Position(1, 12))).isEqualTo(-1);
    }

    @Test
    void forgetsItsOriginOnceEventsAfterItAreGone() {
        append(log, 20);

        assertThat(log.sequenceAfter(ORIGIN)).isEqualTo(-1);
        assertThat(log.sequenceAfter(new Position(1, 10 + 13))).isEqualTo(14);
        assertThat(log.sequenceAfter(new Position(1, 10 + 12))).isEqualTo(-1);
        assertThat(log.oldest().sequence()).isEqualTo(13);
    }

    private static TopicLog log(int events, int bytes) {
        var log = new TopicLog(events, bytes);
        log.origin(Event.origin(TOPIC, ORIGIN));
        return log;
    }

    private static void append(TopicLog log, long major, boolean back) {
        var position = new Position(1, major);
        log.append(
                back
                        ? Event.gap(
                                log.nextSequence(),
                                TOPIC,
                                new Gap(new Position(1, major + 1), position, GapReason.LOG_LOST),
                                position)
                        : message(log.nextSequence(), position, 10));
    }

    private static void append(TopicLog log, int count) {
        append(log, count, 10);
    }

    /** Events of {@code size} bytes each. */
    private static void append(TopicLog log, int count, int size) {
        for (int i = 0; i < count; i++) {
            long sequence = log.nextSequence();
            log.append(message(sequence, new Position(1, ORIGIN.major() + sequence), size));
        }
    }

    private static Event message(long sequence, Position position, int size) {
        int data = Math.max(0, size - OVERHEAD);
        return Event.message(
                sequence, TOPIC, Entry.of(position, Instant.EPOCH, Message.of(new byte[data])));
    }
}
