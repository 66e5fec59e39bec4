package dev.longwave.broker.nats;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ReignTest {

    @Test
    void isLaterThanTheOneBeforeIt() {
        Reign first = Reign.after(null);

        Reign second = Reign.after(first);

        assertThat(second).isGreaterThan(first);
        assertThat(second.epoch()).isNotEqualTo(first.epoch());
    }

    @Test
    void isLaterThanAnotherOfItsTermByItsEpoch() {
        assertThat(new Reign(2, 7)).isGreaterThan(new Reign(2, 6)).isLessThan(new Reign(3, 1));
    }

    @Test
    void isWrittenAndReadAgain() {
        Reign reign = Reign.after(Reign.after(null));

        assertThat(reign.toString()).matches("[a-z0-9-]+");
        assertThat(Reign.parse(reign.toString())).contains(reign);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "1", "1-", "-1", "1--2", "1-2-3", "A-1", "1-zzzzzzzzzzzzzzz", "1 2"})
    void isNotReadFromAnythingElse(String text) {
        assertThat(Reign.parse(text)).isEmpty();
    }
}
