package dev.longwave.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ForwardedElementTest {

    @ParameterizedTest
    @ValueSource(strings = {"a", "\\a", "a\\a", "\\\""})
    void readsALongQuotedString(String repeated) throws Exception {
        String field = "by=\"" + repeated.repeat(8000 / repeated.length()) + "\";for=192.0.2.7";

        assertThat(ForwardedElement.parse(field))
                .containsExactly(new ForwardedElement("192.0.2.7", null));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "\\a", "a\\a", "\\\""})
    void refusesALongQuotedStringWithoutEnd(String repeated) {
        String field = "for=192.0.2.7;by=\"" + repeated.repeat(8000 / repeated.length());

        assertThatExceptionOfType(ForwardedElement.MalformedException.class)
                .isThrownBy(() -> ForwardedElement.parse(field));
    }
}
