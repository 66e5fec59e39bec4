package dev.longwave.broker.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.Settings;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PostgresSettingsTest {

    @Test
    void needsNone() {
        PostgresSettings settings = read(Map.of());

        assertThat(settings.url()).isEqualTo("jdbc:postgresql://127.0.0.1/longwave");
        assertThat(settings.listenUrl()).isEqualTo(settings.url());
        assertThat(settings.user()).isEmpty();
        assertThat(settings.password()).isEmpty();
        assertThat(settings.channel()).isEqualTo("longwave:longwave");
        assertThat(settings.retentionAge()).isEqualTo(Duration.ofHours(24));
    }

    @Test
    void listensWhereItReadsUnlessToldOtherwise() {
        String url = "jdbc:postgresql://db/events";
        String direct = "jdbc:postgresql://direct/events";

        assertThat(read(Map.of("url", url)).listenUrl()).isEqualTo(url);
        assertThat(read(Map.of("url", url, "listen-url", direct)).listenUrl()).isEqualTo(direct);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Longwave", "1st", "a-b", "a\"b", "a b", "", "é"})
    void refusesASchemaThatWouldNeedQuoting(String schema) {
        assertThatThrownBy(() -> read(Map.of("schema", schema)))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("schema");
    }

    @Test
    void refusesToForgetWhatTheFeedMayStillNeed() {
        assertThatThrownBy(() -> read(Map.of("retention-age", "PT19S", "resync-period", "PT2S")))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("retention-age=PT19S");
    }

    @ParameterizedTest
    @CsvSource({
        "pool-size, 1",
        "pool-size, many",
        "timeout, PT0.5S",
        "timeout, 4",
        "max-message-bytes, 0B"
    })
    void refusesWhatIsOutOfRange(String key, String value) {
        assertThatThrownBy(() -> read(Map.of(key, value)))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("broker.postgres." + key);
    }

    @Test
    void printsNeitherPasswordNorAddress() {
        PostgresSettings settings =
                read(
                        Map.of(
                                "url", "jdbc:postgresql://db/events?password=hush-1",
                                "password", "hush-2"));

        assertThat(settings.toString()).doesNotContain("hush").contains("***");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:postgresql://longwave:hush@db/events",
                "jdbc:postgresql://longwave:hush@db:5432/events",
                "postgresql://longwave:hush@db:5432/events",
                "jdbc:mysql://db/events?password=hush",
                "jdbc:postgresql://db:hush/events",
                "hush"
            })
    void keepsABadAddressToItself(String url) {
        assertThatThrownBy(() -> PostgresDataSource.pooled(read(Map.of("url", url))))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageNotContaining("hush")
                .hasNoCause();
    }

    @Test
    void takesAnAtSignBehindTheHost() {
        String url = "jdbc:postgresql://db/events?user=a@b";

        assertThat(read(Map.of("url", url)).url()).isEqualTo(url);
    }

    private static PostgresSettings read(Map<String, String> values) {
        var full = new HashMap<String, String>();
        values.forEach((key, value) -> full.put("broker.postgres." + key, value));
        var settings = new Settings(full).section("broker.postgres");
        PostgresSettings read = PostgresSettings.read(settings);
        settings.refuseUnknown();
        return read;
    }
}
