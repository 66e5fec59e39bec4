package dev.longwave.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ContentTypeTest {

    @ParameterizedTest
    @CsvSource({
        "text/plain, text/plain, text/plain",
        "Application/X-NDJSON, application/x-ndjson, Application/X-NDJSON",
        "application/x-ndjson; charset=\", application/x-ndjson, application/x-ndjson; charset=\"",
        "' image/png ;q ', image/png, image/png ;q",
        "text/plain;\u00e9, text/plain, text/plain",
        "text/plain;, text/plain, text/plain;"
    })
    void findsTypeAndSubtype(String value, String essence, String text) {
        assertThat(ContentType.parsed(value)).isEqualTo(new ContentType(essence, text));
    }

    @Test
    void dropsParametersThatCannotBeKept() {
        assertThat(ContentType.parsed("a/b;\tc")).isEqualTo(new ContentType("a/b", "a/b"));
        assertThat(ContentType.parsed("a/b;" + "c".repeat(1000)))
                .isEqualTo(new ContentType("a/b", "a/b"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", " ", "garbage", "/", "a/", "/b", "a/b/c", "a b/c", "a/b, c/d", ";a/b"})
    void takesEverythingElseForNothing(String value) {
        assertThat(ContentType.parsed(value).isPresent()).isFalse();
    }
}
