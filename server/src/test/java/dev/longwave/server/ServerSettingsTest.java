package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.Settings;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ServerSettingsTest {

    @ParameterizedTest
    @CsvSource({"8080, 8090", "8081, 8091", "0, 0", "65525, 65535", "65526, 0"})
    void putsTheAdminListenerNearThePublicOne(String port, int adminPort) {
        assertThat(read(Map.of("server.port", port)).admin().port()).isEqualTo(adminPort);
    }

    @Test
    void putsTheAdminListenerWhereItIsConfigured() {
        ServerSettings settings = read(Map.of("server.port", "0", "admin.port", "9000"));

        assertThat(settings.admin()).isEqualTo(new ServerSettings.Admin("127.0.0.1", 9000, false));
    }

    @ParameterizedTest
    @ValueSource(strings = {"server", "admin"})
    void staysOnLoopbackUnlessItIsOpen(String section) {
        String host = section + ".host";

        assertThatThrownBy(() -> read(Map.of(host, "0.0.0.0")))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining(host)
                .hasMessageContaining(section + ".open")
                .hasMessageEndingWith("host=0.0.0.0");
        assertThat(read(Map.of(host, "::1"))).isNotNull();
        assertThat(read(Map.of(host, "0.0.0.0", section + ".open", "true"))).isNotNull();
    }

    private static ServerSettings read(Map<String, String> values) {
        return ServerSettings.read(new Settings(values));
    }
}
