package dev.longwave.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PositionTest {

    @Test
    void isWrittenInBase36WithoutANeedlessMinor() {
        assertThat(new Position(36, 35)).hasToString("10-z");
        assertThat(new Position(36, 35, 37)).hasToString("10-z-11");
    }

    @Test
    void isWrittenWithItsStamp() {
        assertThat(new Position(36, 35).stamped(37)).hasToString("10-z_11");
        assertThat(new Position(36, 35, 1).stamped(36)).hasToString("10-z-1_10");
    }

    @Test
    void contradictsOnlyAnotherStampAtItsPlace() {
        var place = new Position(1, 2, 3);

        assertThat(place.stamped(4).contradicts(place.stamped(5))).isTrue();
        assertThat(place.stamped(4).contradicts(place.stamped(4))).isFalse();
        assertThat(place.stamped(4).contradicts(place)).isFalse();
        assertThat(place.contradicts(place.stamped(4))).isFalse();
        assertThat(place.stamped(4).contradicts(new Position(1, 2, 4, 5))).isFalse();
        assertThat(place.stamped(4).contradicts(new Position(2, 2, 3, 5))).isFalse();
    }

    @Test
    void isTheSamePlaceWhateverTheStamp() {
        assertThat(new Position(1, 2).stamped(3)).isEqualTo(new Position(1, 2));
        assertThat(new Position(1, 2).stamped(3)).hasSameHashCodeAs(new Position(1, 2).stamped(4));
        assertThat(new Position(1, 2).stamped(3).isAfter(new Position(1, 2).stamped(1))).isFalse();
    }

    @Test
    void isReadAsItIsWritten() {
        for (Position position :
                List.of(
                        new Position(0, 0),
                        new Position(-1, Long.MAX_VALUE, Long.MAX_VALUE),
                        new Position(Long.MIN_VALUE, 1, 2),
                        new Position(-1, Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE),
                        new Position(Long.MAX_VALUE, 0, 1))) {
            String text = position.toString();

            assertThat(Position.parse(text)).isEqualTo(position);
            assertThat(Position.parse(text).stamp()).isEqualTo(position.stamp());
            assertThat(text).hasSizeLessThanOrEqualTo(Position.MAX_TEXT_LENGTH);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-",
                "1",
                "1-",
                "-1",
                "1--1",
                "1-1-",
                "1-2-3-4",
                "A-1",
                "+1-1",
                "1-+1",
                " 1-1",
                "1-1 ",
                "1_1",
                "1-1_",
                "1-1_1_1",
                "1-1_1-1",
                "1-1-1_3w5e11264sgsf",
                "1-é",
                "1-٣",
                "1-3w5e11264sgsf", // 2^64 - 1: as a signed number below zero
                "zzzzzzzzzzzzz-1", // beyond 64 bits
                "1-1-1111111111111111111111111111111111111111111"
            })
    void refusesWhatIsNoPosition(String text) {
        assertThatThrownBy(() -> Position.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("not a position")
                .hasNoCause();
    }

    @Test
    void refusesPlacesBelowZero() {
        assertThatThrownBy(() -> new Position(1, -1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("major=-1");
        assertThatThrownBy(() -> new Position(1, 0, -1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("minor=-1");
    }

    @Test
    void isOrderedByMajorAndThenMinor() {
        var ordered =
                List.of(
                        new Position(7, 0),
                        new Position(7, 0, 1),
                        new Position(7, 1),
                        new Position(7, 2, Long.MAX_VALUE),
                        new Position(7, Long.MAX_VALUE));

        for (int i = 0; i < ordered.size(); i++) {
            for (int j = 0; j < ordered.size(); j++) {
                assertThat(ordered.get(i).isAfter(ordered.get(j))).isEqualTo(i > j);
            }
        }
    }

    @Test
    void hasNoOrderAcrossEpochs() {
        var one = new Position(1, 5);
        var other = new Position(2, 5);

        assertThat(one.sameEpoch(other)).isFalse();
        assertThat(one.sameEpoch(new Position(1, 9))).isTrue();
        assertThatThrownBy(() -> one.isAfter(other))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("two epochs");
    }
}
