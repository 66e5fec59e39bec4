package dev.longwave.broker.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.broker.Position;
import org.junit.jupiter.api.Test;

final class InterestTest {

    private final Interest interest = new Interest();

    @Test
    void wantsNothingUnlessSubscribed() {
        interest.covers("a", at(3));
        interest.begin("b");
        interest.end("b");

        assertThat(interest.isNew("a", at(9))).isFalse();
        assertThat(interest.isNew("b", at(9))).isFalse();
    }

    @Test
    void takesEverythingAsNewBeforeItKnowsTheTail() {
        interest.begin("a");

        assertThat(interest.isNew("a", at(1))).isTrue();
        assertThat(interest.coveredUpTo("a")).isNull();
    }

    @Test
    void knowsWhatIsCovered() {
        interest.begin("a");
        interest.covers("a", at(5));
        interest.covers("a", at(4));

        assertThat(interest.coveredUpTo("a")).isEqualTo(at(5));
        assertThat(interest.isNew("a", at(5))).isFalse();
        assertThat(interest.isNew("a", at(6))).isTrue();
    }

    @Test
    void countsEventsInAnyOrderOnceNoneIsMissing() {
        interest.begin("a");
        interest.covers("a", at(5));

        interest.received("a", at(8));
        interest.received("a", at(7));
        interest.received("a", at(10));
        assertThat(interest.coveredUpTo("a")).isEqualTo(at(5));

        interest.received("a", at(6));
        assertThat(interest.coveredUpTo("a")).isEqualTo(at(8));
        interest.received("a", at(9));
        assertThat(interest.coveredUpTo("a")).isEqualTo(at(10));
    }

    @Test
    void keepsCountOfTheNextFewOnly() {
        interest.begin("a");
        interest.covers("a", at(0));

        for (int i = 66; i >= 1; i--) {
            interest.received("a", at(i));
        }

        assertThat(interest.coveredUpTo("a")).isEqualTo(at(64));
        interest.received("a", at(65));
        assertThat(interest.coveredUpTo("a")).isEqualTo(at(65));
    }

    @Test
    void countsNoEventOfAnotherEpoch() {
        interest.begin("a");
        interest.covers("a", at(5));

        interest.received("a", new Position(8, 6));

        assertThat(interest.coveredUpTo("a")).isEqualTo(at(5));
    }

    @Test
    void beginsAnewInAnotherEpoch() {
        interest.begin("a");
        interest.covers("a", at(100));
        var first = new Position(8, 1);

        assertThat(interest.isNew("a", first)).isTrue();
        interest.covers("a", first);
        assertThat(interest.coveredUpTo("a")).isEqualTo(first);
    }

    /** As after a copy was put back: the places are those of before, the events are later. */
    @Test
    void takesALaterEventAtAnEarlierPlaceAsNew() {
        interest.begin("a");
        interest.covers("a", at(9).stamped(500));

        assertThat(interest.isNew("a", at(6).stamped(400))).isFalse();
        assertThat(interest.isNew("a", at(9).stamped(500))).isFalse();
        assertThat(interest.isNew("a", at(6).stamped(501))).isTrue();
    }

    @Test
    void goesBackToTheEndOfTheLog() {
        interest.begin("a");
        interest.covers("a", at(9).stamped(500));

        interest.endsAt("a", at(5).stamped(300));

        assertThat(interest.coveredUpTo("a")).isEqualTo(at(5));
        assertThat(interest.isNew("a", at(6).stamped(400))).isTrue();
    }

    private static Position at(long sequence) {
        return new Position(7, sequence);
    }
}
