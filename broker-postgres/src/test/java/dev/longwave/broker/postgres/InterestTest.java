package dev.longwave.broker.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.broker.Position;
import org.junit.jupiter.api.Test;

final class InterestTest {

    private final Interest interest = new Interest();

    @Test
    void caresForNothingUnlessToldTo() {
        interest.sees("a", at(3));
        interest.begin("b");
        interest.end("b");

        assertThat(interest.isNews("a", at(9))).isFalse();
        assertThat(interest.isNews("b", at(9))).isFalse();
        assertThat(interest.size()).isZero();
    }

    @Test
    void takesEverythingForNewsBeforeItKnowsTheTail() {
        interest.begin("a");

        assertThat(interest.isNews("a", at(1))).isTrue();
        assertThat(interest.seenTo("a")).isNull();
    }

    @Test
    void knowsWhatIsSeenTo() {
        interest.begin("a");
        interest.sees("a", at(5));
        interest.sees("a", at(4));

        assertThat(interest.seenTo("a")).isEqualTo(at(5));
        assertThat(interest.isNews("a", at(5))).isFalse();
        assertThat(interest.isNews("a", at(6))).isTrue();
    }

    @Test
    void countsEventsInAnyOrderOnceNoneIsMissing() {
        interest.begin("a");
        interest.sees("a", at(5));

        interest.seesOne("a", at(8));
        interest.seesOne("a", at(7));
        interest.seesOne("a", at(10));
        assertThat(interest.seenTo("a")).isEqualTo(at(5));

        interest.seesOne("a", at(6));
        assertThat(interest.seenTo("a")).isEqualTo(at(8));
        interest.seesOne("a", at(9));
        assertThat(interest.seenTo("a")).isEqualTo(at(10));
    }

    @Test
    void keepsCountOfTheNextFewOnly() {
        interest.begin("a");
        interest.sees("a", at(0));

        for (int i = 66; i >= 1; i--) {
            interest.seesOne("a", at(i));
        }

        assertThat(interest.seenTo("a")).isEqualTo(at(64));
        interest.seesOne("a", at(65));
        assertThat(interest.seenTo("a")).isEqualTo(at(65));
    }

    @Test
    void countsNoEventOfAnotherEpoch() {
        interest.begin("a");
        interest.sees("a", at(5));

        interest.seesOne("a", new Position(8, 6));

        assertThat(interest.seenTo("a")).isEqualTo(at(5));
    }

    @Test
    void beginsAnewInAnotherEpoch() {
        interest.begin("a");
        interest.sees("a", at(100));
        var first = new Position(8, 1);

        assertThat(interest.isNews("a", first)).isTrue();
        interest.sees("a", first);
        assertThat(interest.seenTo("a")).isEqualTo(first);
    }

    private static Position at(long sequence) {
        return new Position(7, sequence);
    }
}
