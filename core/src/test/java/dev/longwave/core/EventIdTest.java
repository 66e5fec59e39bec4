package dev.longwave.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longwave.broker.Position;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class EventIdTest {

    private static final Position ONE = new Position(-1, 1);
    private static final Position TWO = new Position(5, 1234567890123L, 9);

    @Test
    void roundTripsAVector() {
        EventId id = EventId.parse(EventId.of("a", ONE) + ',' + EventId.of("b/c", TWO), 2);

        assertThat(id.position("a")).contains(ONE);
        assertThat(id.position("b/c")).contains(TWO);
        assertThat(id.position("d")).isEmpty();
    }

    @Test
    void usesCharactersThatNeedNoEscapingAnywhere() {
        assertThat(EventId.of("some/topic", TWO)).matches("[a-z0-9.-]+");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ",",
                "x",
                "x.",
                ".1-1",
                "x.1",
                "x.1-1-1-1",
                "x.1-1,",
                "x.1-1,x.1-2",
                "x.-1-1",
                "x.1-G",
                "x.+1-1",
                "123456789.1-1",
                "x.zzzzzzzzzzzzzz-1",
                "x.1-1 ",
                " x.1-1",
                "x.1-1, y.1-1",
                "!!.1-1",
                "X.1-1",
                "x.1-zzzzzzzzzzzzz"
            })
    void refusesWhatIsNoId(String text) {
        assertThatThrownBy(() -> EventId.parse(text, 8))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching("event id .+|position below zero .+|not a position: .+");
    }

    @Test
    void refusesMoreTopicsThanAStreamMayHave() {
        String text = EventId.of("a", ONE) + ',' + EventId.of("b", ONE);

        assertThatThrownBy(() -> EventId.parse(text, 1)).hasMessageContaining("max=1");
    }

    /** As the history reads them. */
    @Test
    void mayNameAnyNumberOfTopics() {
        String id = EventId.of("a", new Position(1, 2));

        assertThat(EventId.parse(id, Integer.MAX_VALUE).position("a")).isPresent();
    }
}
