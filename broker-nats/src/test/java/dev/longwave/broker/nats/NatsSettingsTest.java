package dev.longwave.broker.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.Settings;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class NatsSettingsTest {

    @Test
    void hasADefaultForEverything() {
        NatsSettings settings = read(Map.of());

        assertThat(settings.mode()).isEqualTo(NatsSettings.Mode.JETSTREAM);
        assertThat(settings.servers()).containsExactly("nats://127.0.0.1:4222");
        assertThat(settings.stream()).isEqualTo("LONGWAVE");
    }

    @Test
    void takesSeveralServers() {
        assertThat(read(Map.of("servers", "one:4222, tls://two")).servers())
                .isEqualTo(List.of("one:4222", "tls://two"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://secret@host", "nats://a secret@host", "nats://:secret@"})
    void refusesAnAddressWithoutTellingWhatIsInIt(String server) {
        assertThatThrownBy(() -> read(Map.of("servers", server)))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("broker.nats.servers")
                .hasMessageNotContaining("secret");
    }

    @Test
    void showsNoSecret() {
        NatsSettings settings =
                read(
                        Map.of(
                                "servers",
                                "nats://ann:secret@host:4222",
                                "user",
                                "ben",
                                "password",
                                "secret",
                                "key-store-password",
                                "secret"));

        assertThat(settings.addresses()).isEqualTo("host:4222");
        assertThat(List.of(settings, settings.login(), settings.tls()).toString())
                .contains("host:4222")
                .doesNotContain("secret");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "prefix        | a..b  | broker.nats.prefix must be 1 to 64 letters, digits,",
                "prefix        | a.*   | broker.nats.prefix must be 1 to 64 letters, digits,",
                "prefix        | a b   | broker.nats.prefix must be 1 to 64 letters, digits,",
                "inbox-prefix  | >     | broker.nats.inbox-prefix must be 1 to 64 letters, digits,",
                "stream        | a.b   | broker.nats.stream must be 1 to 64 letters, digits,",
                "stream        | ''    | broker.nats.stream must be 1 to 64 letters, digits,",
                "retention-age | PT10S | retention-age=PT10S resync-period=PT2S",
                "dedup-window  | P2D   | dedup-window=PT48H retention-age=PT24H",
                "dedup-window  | PT9S  | dedup-window=PT9S timeout=PT5S",
                "password      | alone | broker.nats.user and password belong together",
                "mode          | fast  | broker.nats.mode must be jetstream or core",
                "replicas      | 6     | broker.nats.replicas is out of range value=6 min=1 max=5"
            })
    void refusesWhatCannotWorkAndSaysWhy(String key, String value, String reason) {
        assertThatThrownBy(() -> read(Map.of(key, value)))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void refusesTwoLogins() {
        assertThatThrownBy(() -> read(Map.of("token", "t", "nkey-file", "f")))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("token, credentials-file, and nkey-file exclude each other");
    }

    private static NatsSettings read(Map<String, String> values) {
        var settings = new HashMap<String, String>();
        values.forEach((key, value) -> settings.put("broker.nats." + key, value));
        return NatsSettings.read(new Settings(settings).section("broker.nats"));
    }
}
