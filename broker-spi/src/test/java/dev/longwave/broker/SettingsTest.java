package dev.longwave.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SettingsTest {

    private static final String PURPOSE = "What it is for.";

    @Test
    void givesTheDefaultWhereNothingIsSet() {
        Settings settings = settings(Map.of());

        assertThat(settings.text("a", "x", PURPOSE)).isEqualTo("x");
        assertThat(settings.text("a", PURPOSE)).isEmpty();
        assertThat(settings.list("a", List.of("x", "y"), PURPOSE)).containsExactly("x", "y");
        assertThat(settings.number("a", 7, 0, 9, PURPOSE)).isEqualTo(7);
        assertThat(settings.flag("a", true, PURPOSE)).isTrue();
        assertThat(settings.size("a", 7, 0, 9, PURPOSE)).isEqualTo(7);
        assertThat(duration(settings, "a")).isEqualTo(Duration.ofSeconds(5));
        assertThat(settings.choice("a", Coverage.TRIMMED, Coverage.class, PURPOSE))
                .isEqualTo(Coverage.TRIMMED);
    }

    @Test
    void givesWhatIsSet() {
        Settings settings =
                settings(
                        Map.of(
                                "text",
                                " x ",
                                "list",
                                "x, y ,z",
                                "number",
                                "-8",
                                "flag",
                                "false",
                                "size",
                                "64KiB",
                                "duration",
                                "PT7S",
                                "choice",
                                "other-epoch"));

        assertThat(settings.text("text", "", PURPOSE)).isEqualTo("x");
        assertThat(settings.text("text", PURPOSE)).hasValue("x");
        assertThat(settings.list("list", List.of(), PURPOSE)).containsExactly("x", "y", "z");
        assertThat(settings.number("number", 0, -8, 8, PURPOSE)).isEqualTo(-8);
        assertThat(settings.flag("flag", true, PURPOSE)).isFalse();
        assertThat(settings.size("size", 0, 0, 65536, PURPOSE)).isEqualTo(65536);
        assertThat(duration(settings, "duration")).isEqualTo(Duration.ofSeconds(7));
        assertThat(settings.choice("choice", Coverage.TRIMMED, Coverage.class, PURPOSE))
                .isEqualTo(Coverage.OTHER_EPOCH);
    }

    @ParameterizedTest
    @CsvSource({"0B, 0", "1B, 1", "1KiB, 1024", "3 MiB, 3145728", "2GiB, 2147483648"})
    void readsSizes(String text, long bytes) {
        assertThat(settings(Map.of("a", text)).size("a", 0, 0, Long.MAX_VALUE, PURPOSE))
                .isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "1", "KiB", "1KB", "1.5MiB", "x MiB", "-1B", "9223372036854775807KiB"})
    void refusesWhatIsNoSize(String text) {
        assertRefused(
                () -> settings(Map.of("a", text)).size("a", 0, 0, Long.MAX_VALUE, PURPOSE),
                "a",
                "value=");
    }

    @Test
    void refusesValuesOfTheWrongKind() {
        Settings settings = settings(Map.of("s.a", "TRUE ish")).section("s");

        assertRefused(() -> settings.number("a", 0, 0, 9, PURPOSE), "s.a", "a whole number");
        assertRefused(() -> settings.flag("a", true, PURPOSE), "s.a", "true or false");
        assertRefused(() -> duration(settings, "a"), "s.a", "a duration, as 15s");
        assertRefused(
                () -> settings.choice("a", Coverage.TRIMMED, Coverage.class, PURPOSE),
                "s.a",
                "complete or trimmed or other-epoch or ahead-of-log");
    }

    @Test
    void refusesValuesOutOfRangeAndSaysTheBounds() {
        Settings settings = settings(Map.of("n", "10", "s", "10B", "d", "PT11S"));

        assertRefused(() -> settings.number("n", 0, 0, 9, PURPOSE), "n", "value=10 min=0 max=9");
        assertRefused(() -> settings.number("n", 11, 11, 19, PURPOSE), "n", "min=11 max=19");
        assertRefused(() -> settings.size("s", 0, 0, 9, PURPOSE), "s", "value=10 min=0 max=9");
        assertRefused(() -> duration(settings, "d"), "d", "value=PT11S min=PT1S max=PT10S");
    }

    @Test
    void readsASectionByKeysWithoutItsName() {
        Settings settings = settings(Map.of("broker.memory.a", "1", "brokers", "2"));

        Settings section = settings.section("broker").section("memory");

        assertThat(section.text("a", "", PURPOSE)).isEqualTo("1");
        assertThat(section.text("brokers", PURPOSE)).isEmpty();
    }

    @Test
    void namesWhatStandsBelowASection() {
        Settings settings = settings(Map.of("t.b.x", "1", "t.b.y", "2", "t.a", "3", "u.c", "4"));

        assertThat(settings.names()).containsExactly("t", "u");
        assertThat(settings.section("t").names()).containsExactly("a", "b");
        assertThat(settings.section("v").names()).isEmpty();
    }

    @Test
    void refusesAKeyThatNobodyReadAndNamesTheNearest() {
        Settings settings = settings(Map.of("sse.hearbeat-interval", "PT1S"));
        duration(settings, "sse.heartbeat-interval");
        settings.number("limit", 1, 0, 9, PURPOSE);

        assertThatThrownBy(settings::refuseUnknown)
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessage(
                        "unknown setting: sse.hearbeat-interval;"
                                + " did you mean sse.heartbeat-interval?");
    }

    @Test
    void namesNoNearestKeyIfNoneIsNear() {
        Settings settings = settings(Map.of("x", "1"));
        settings.number("something-else", 1, 0, 9, PURPOSE);

        assertThatThrownBy(settings::refuseUnknown).hasMessage("unknown setting: x");
    }

    @Test
    void refusesUnknownKeysOfItsOwnSectionOnly() {
        Settings settings = settings(Map.of("a.x", "1", "b.x", "2"));
        settings.section("a").text("x", PURPOSE);

        settings.section("a").refuseUnknown();

        assertThatThrownBy(() -> settings.section("b").refuseUnknown())
                .hasMessageContaining("unknown setting: b.x");
        assertThatThrownBy(settings::refuseUnknown).hasMessageContaining("b.x");
    }

    @Test
    void knowsWhatWasRead() {
        Settings settings = settings(Map.of());
        Settings section = settings.section("s");
        section.size("size", 4 << 20, 0, Long.MAX_VALUE, PURPOSE);
        section.size("odd", 1025, 0, Long.MAX_VALUE, PURPOSE);
        duration(section, "wait");
        section.size("size", 4 << 20, 0, Long.MAX_VALUE, PURPOSE);

        assertThat(settings.known())
                .extracting(
                        Settings.Known::key,
                        Settings.Known::kind,
                        Settings.Known::fallback,
                        Settings.Known::purpose)
                .containsExactly(
                        tuple("s.size", "size", "4MiB", PURPOSE),
                        tuple("s.odd", "size", "1025B", PURPOSE),
                        tuple("s.wait", "duration", "PT5S", PURPOSE));
    }

    @Test
    void knowsTheRuleOfADefaultThatDependsOnTheMachine() {
        Settings settings = settings(Map.of("set", "7"));

        long threads = settings.number("threads", 3, "CPUs, up to 4", 1, 64, PURPOSE);
        long set = settings.number("set", 3, "CPUs, up to 4", 1, 64, PURPOSE);
        settings.number("plain", 3, 1, 64, PURPOSE);

        assertThat(threads).isEqualTo(3);
        assertThat(set).isEqualTo(7);
        assertThat(settings.known())
                .extracting(
                        Settings.Known::key,
                        Settings.Known::fallback,
                        Settings.Known::fallbackIsRule)
                .containsExactly(
                        tuple("threads", "CPUs, up to 4", true),
                        tuple("set", "CPUs, up to 4", true),
                        tuple("plain", "3", false));
    }

    @ParameterizedTest
    @CsvSource({"prot, port", "hots, host", "mx-bytes, max-bytes"})
    void findsTheNearestWord(String word, String nearest) {
        assertThat(Settings.nearest(word, List.of("port", "host", "max-bytes"))).hasValue(nearest);
    }

    @Test
    void doesNotPrintValues() {
        assertThat(settings(Map.of("password", "hunter2")).toString())
                .contains("password")
                .doesNotContain("hunter2");
    }

    private static Settings settings(Map<String, String> values) {
        return new Settings(values);
    }

    private static Duration duration(Settings settings, String key) {
        return settings.duration(
                key, Duration.ofSeconds(5), Duration.ofSeconds(1), Duration.ofSeconds(10), PURPOSE);
    }

    private static void assertRefused(ThrowingCallable reading, String key, String... facts) {
        assertThatThrownBy(reading)
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageStartingWith("setting " + key + " ")
                .hasMessageContainingAll(facts);
    }
}
