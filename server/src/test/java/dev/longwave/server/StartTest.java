package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.Settings;
import dev.longwave.broker.SpiVersion;
import dev.longwave.server.plugin.PluginJar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is checked before the broker connects. */
final class StartTest {

    @TempDir private Path plugins;

    @BeforeEach
    void writePlugin() throws IOException {
        System.clearProperty(PluginJar.CONNECTIONS);
        var _ =
                PluginJar.write(
                        plugins,
                        "tape",
                        "TapeProvider",
                        PluginJar.provider("TapeProvider", "tape", SpiVersion.CURRENT));
    }

    @Test
    void connectsOnceAllSettingsAreRight() {
        assertThatThrownBy(() -> start("broker.tape.length", "30"))
                .isInstanceOf(BrokerUnavailableException.class)
                .hasMessage("no tape; cause: ConnectException: Connection refused");

        assertThat(connections()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({
        "broker.tape.lenght, 30, did you mean broker.tape.length?",
        "broker.tape.length, 91, max=90",
        "broker.tape.length, long, whole number",
        "sever.port, 80, did you mean server.port?",
        "server.prot, 80, did you mean server.port?",
        "hub.fan-out-threads, 0, min=1"
    })
    void doesNotConnectWithASettingThatIsUnknownOrWrong(String key, String value, String words) {
        assertThatThrownBy(() -> start(key, value))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining(key)
                .hasMessageContaining(words);

        assertThat(connections()).isZero();
    }

    @Test
    void doesNotMindABrokenPluginThatItsBrokerIsNotFrom() throws IOException {
        Files.createDirectory(plugins.resolve("empty"));
        Files.writeString(plugins.resolve("loose.jar"), "not a jar");

        assertThatThrownBy(() -> start("broker.tape.length", "30"))
                .isInstanceOf(BrokerUnavailableException.class);

        assertThat(connections()).isEqualTo(1);
    }

    private void start(String key, String value) {
        var settings = new HashMap<>(Map.of("server.port", "0", "broker.type", "tape"));
        settings.put(key, value);
        LongwaveServer.start(new Settings(settings), plugins).close();
    }

    private static int connections() {
        return Integer.getInteger(PluginJar.CONNECTIONS, 0);
    }
}
