package dev.longwave.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class ContinuityTest {

    private static final Set<Integer> NO_GAPS = Set.of();

    private final List<Receipt> log = receipts("a-1 b-2 c-3");

    @Test
    void holdsWhereTheLogWasGot() {
        assertThat(breach("a-1 b-2 c-3", NO_GAPS)).isEqualTo(-1);
    }

    @Test
    void breaksWhereSomethingIsMissingOrComesTwiceOrInAnotherOrder() {
        assertThat(breach("a-1 c-3", NO_GAPS)).isEqualTo(1);
        assertThat(breach("a-1 b-2", NO_GAPS)).isEqualTo(2);
        assertThat(breach("a-1 a-1 b-2 c-3", NO_GAPS)).isEqualTo(1);
        assertThat(breach("b-2 a-1 c-3", NO_GAPS)).isZero();
    }

    @Test
    void holdsWhereLostEventsComeBeforeAGap() {
        assertThat(breach("a-1 x-2 b-2 c-3", Set.of(2))).isEqualTo(-1);
        assertThat(breach("a-1 b-2 c-3 x-4", Set.of(4))).isEqualTo(-1);
        assertThat(breach("a-1 b-2 c-3", Set.of(1))).isEqualTo(-1);
    }

    @Test
    void holdsWhereALostEventIsPublishedAgain() {
        assertThat(breach("a-1 b-9 b-2 c-3", Set.of(2))).isEqualTo(-1);
    }

    @Test
    void breaksWhereLostEventsAreNotFollowedByAGap() {
        assertThat(breach("a-1 x-2 b-2 c-3", NO_GAPS)).isEqualTo(1);
        assertThat(breach("a-1 x-2 b-2 c-3", Set.of(1))).isEqualTo(1);
        assertThat(breach("a-1 x-2 b-2 c-3", Set.of(3))).isEqualTo(2);
    }

    @Test
    void breaksWhereAGapHidesEventsThatTheLogHas() {
        assertThat(breach("a-1 c-3", Set.of(1))).isEqualTo(1);
        assertThat(breach("a-1 b-2 b-2 c-3", Set.of(2))).isEqualTo(2);
    }

    private int breach(String got, Set<Integer> gaps) {
        return new Continuity(log, Receipt::equals, receipt -> !log.contains(receipt))
                .breach(receipts(got), gaps);
    }

    private static List<Receipt> receipts(String text) {
        return Arrays.stream(text.split(" ", -1))
                .map(word -> word.split("-", -1))
                .map(word -> new Receipt("topic", word[0], word[1]))
                .toList();
    }
}
