package dev.longwave.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longwave.server.net.MemoryBudget;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class JsonTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"a\\ud83d\\ude00z\"",
                "\"\\\\ud83d\"",
                "\"\\\\\\\\ud83d\"",
                "\"ü \uD83D\uDE00\"",
                "{\"\\u0041\":\"\\n\"}"
            })
    void takesWholeCharacters(String text) {
        assertThat(parsed(text.getBytes(StandardCharsets.UTF_8)).isMissingNode()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"a\\ud83dz\"",
                "\"\\ud83d\"",
                "\"\\uDE00\\uD83D\"",
                "\"\\ud83d\\n\"",
                "\"\\ud83d\\ud83d\\ude00\"",
                "\"\\\\\\ud83d\"",
                "{\"\\ud83d\":1}"
            })
    void refusesHalfACharacter(String text) {
        assertRefused(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void refusesWhatIsNotUtf8() {
        assertRefused(new byte[] {'"', (byte) 0xff, '"'});
        assertRefused(new byte[] {'"', (byte) 0xed, (byte) 0xa0, (byte) 0xbd, '"'});
        assertRefused(new byte[] {'"', (byte) 0xc0, (byte) 0xaf, '"'});
        assertRefused("{\"a\":\"\\ud83d\"}".getBytes(StandardCharsets.UTF_16LE));
        assertRefused("{\"a\":1}".getBytes(StandardCharsets.UTF_16));
    }

    @Test
    void boundsWhatTreesOfManySmallValuesTake() {
        byte[] bytes = ("[" + "{},".repeat(100_000) + "{}]").getBytes(StandardCharsets.UTF_8);
        var budget = new MemoryBudget(1 << 20);

        try (Allowance allowance = Allowances.of(budget)) {
            assertThatThrownBy(() -> Json.parse(bytes, 0, bytes.length, allowance))
                    .isInstanceOfSatisfying(
                            ProblemException.class,
                            e -> assertThat(e.problem().status()).isEqualTo(503));
        }
        assertThat(budget.taken()).isZero();
    }

    @Test
    void takesForALongStringAboutItsLength() {
        byte[] bytes =
                ("{\"data\":\"" + "x".repeat(50_000) + "\"}").getBytes(StandardCharsets.UTF_8);
        var budget = new MemoryBudget(1 << 20);

        try (Allowance allowance = Allowances.of(budget)) {
            JsonNode node = Json.parse(bytes, 0, bytes.length, allowance);

            assertThat(node.get("data").textValue()).hasSize(50_000);
            assertThat(budget.taken()).isBetween(50_000L, 60_000L);
        }
    }

    @Test
    void refusesASecondValueInALongText() {
        byte[] bytes = ("\"" + "x".repeat(5000) + "\" 2").getBytes(StandardCharsets.UTF_8);

        try (Allowance allowance = Allowances.of(new MemoryBudget(1 << 20))) {
            assertThatThrownBy(() -> Json.parse(bytes, 0, bytes.length, allowance))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    private static JsonNode parsed(byte[] bytes) {
        return Json.parse(bytes, 0, bytes.length);
    }

    private static void assertRefused(byte[] bytes) {
        assertThatThrownBy(() -> parsed(bytes))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("UTF-8");
    }
}
