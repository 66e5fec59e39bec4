package dev.longwave.broker.nats;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TermTest {

    @Test
    void isLaterThanTheOneBeforeIt() {
        Term first = Term.after(null);

        Term second = Term.after(first);

        assertThat(second).isGreaterThan(first);
        assertThat(second.epoch()).isNotEqualTo(first.epoch());
    }

    @Test
    void isLaterThanAnotherOfItsTermByItsEpoch() {
        assertThat(new Term(2, 7)).isGreaterThan(new Term(2, 6)).isLessThan(new Term(3, 1));
    }

    @Test
    void isWrittenAndReadAgain() {
        Term term = Term.after(Term.after(null));

        assertThat(term.toString()).matches("[a-z0-9-]+");
        assertThat(Term.parse(term.toString())).contains(term);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "1", "1-", "-1", "1--2", "1-2-3", "A-1", "1-zzzzzzzzzzzzzzz", "1 2"})
    void isNotReadFromAnythingElse(String text) {
        assertThat(Term.parse(text)).isEmpty();
    }
}
