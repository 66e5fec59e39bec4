package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.Settings;
import dev.longwave.server.http.TrustedProxies;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
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

        assertThat(settings.admin())
                .isEqualTo(new ServerSettings.Admin("127.0.0.1", 9000, true, false, null));
    }

    @Test
    void knowsWhetherThePortOfTheAdminListenerIsChosen() {
        ServerSettings settings = read(Map.of("server.port", "9000"));

        assertThat(settings.admin())
                .isEqualTo(new ServerSettings.Admin("127.0.0.1", 9010, false, false, null));
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

    @Test
    void putsTheAdminListenerAnywhereWithAPassword() {
        String password = "correct-horse-battery-staple";

        ServerSettings settings = read(Map.of("admin.host", "0.0.0.0", "admin.password", password));

        assertThat(settings.admin().password()).isNotNull();
        assertThat(settings.toString()).doesNotContain(password);
    }

    @ParameterizedTest
    @ValueSource(strings = {"fifteen-letters", "a password with spaces", "naïve-naïve-naïve"})
    void refusesAPasswordThatCouldBeGuessedOrMisread(String password) {
        assertThatThrownBy(() -> read(Map.of("admin.password", password)))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("16 to 256")
                .hasMessageNotContaining(password);
    }

    @ParameterizedTest
    @CsvSource({
        "false, , X_FORWARDED_FOR",
        "true, , NONE",
        "true, x-forwarded-for, X_FORWARDED_FOR",
        "false, forwarded, FORWARDED"
    })
    void takesNoHeaderFromProxiesThatPassOnConnections(
            String proxyProtocol, @Nullable String field, TrustedProxies.Field expected) {
        Map<String, String> values = new HashMap<>();
        values.put("net.trusted-proxies", "192.0.2.1");
        values.put("net.proxy-protocol", proxyProtocol);
        if (field != null) {
            values.put("net.forwarded-field", field);
        }

        assertThat(read(values).connections().forwardedField()).isEqualTo(expected);
    }

    private static ServerSettings read(Map<String, String> values) {
        return ServerSettings.read(new Settings(values));
    }
}
