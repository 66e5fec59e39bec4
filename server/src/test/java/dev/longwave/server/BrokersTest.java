package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.BrokerProvider;
import dev.longwave.broker.SpiVersion;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BrokersTest {

    @TempDir private Path folder;

    @Test
    void findsABrokerInAJarThatWasDroppedIn() throws IOException {
        plugin("tape", "TapeProvider", "tape");

        BrokerProvider provider = Brokers.provider("tape", folder);

        assertThat(provider.type()).isEqualTo("tape");
        assertThat(provider.getClass().getClassLoader().getName()).isEqualTo("plugin-tape");
    }

    @Test
    void findsTheMemoryBrokerWithoutAnyPlugins() {
        assertThat(Brokers.provider("memory", folder.resolve("nothing")).type())
                .isEqualTo("memory");
    }

    @Test
    void refusesTwoBrokersOfOneType() throws IOException {
        plugin("one", "OneProvider", "tape");
        plugin("two", "TwoProvider", "tape");

        assertThatThrownBy(() -> Brokers.provider("tape", folder))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("example.OneProvider")
                .hasMessageContaining("example.TwoProvider");
    }

    @Test
    void listsWhatIsThereWhenTheTypeIsUnknown() throws IOException {
        plugin("tape", "TapeProvider", "tape");

        assertThatThrownBy(() -> Brokers.provider("vinyl", folder))
                .hasMessageContaining("found=memory,tape");
    }

    @ParameterizedTest
    @ValueSource(strings = {"2.0", "1.99", "0.9", "", "one"})
    void refusesABrokerOfAnotherSpiVersion(String version) throws IOException {
        PluginJar.write(folder, "tape", PluginJar.provider("TapeProvider", "tape", version));

        assertThatThrownBy(() -> Brokers.provider("tape", folder))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("another version of Longwave's broker SPI")
                .hasMessageContaining(
                        "type=tape version=" + version + " expected=" + SpiVersion.CURRENT)
                .hasMessageContaining("class=example.TapeProvider");
    }

    @Test
    void refusesABrokerFromBeforeThereWereSpiVersions() throws IOException {
        PluginJar.writeOld(folder, "tape", "TapeProvider", "tape");

        assertThatThrownBy(() -> Brokers.provider("tape", folder))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining(
                        "type=tape version=older than 1.0 expected=" + SpiVersion.CURRENT);
    }

    @Test
    void doesNotMindABrokerOfAnotherSpiVersionThatIsNotUsed() throws IOException {
        PluginJar.write(folder, "tape", PluginJar.provider("TapeProvider", "tape", "2.0"));

        assertThat(Brokers.provider("memory", folder).type()).isEqualTo("memory");
    }

    @Test
    void saysWhichModuleCannotBeLoaded() throws IOException {
        Path plugin = PluginJar.write(folder, "tape", PluginJar.failing("TapeProvider"));

        assertThatThrownBy(() -> Brokers.provider("memory", folder))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("cannot load the broker module")
                .hasMessageContaining(plugin.toString());
    }

    private void plugin(String name, String className, String type) throws IOException {
        PluginJar.write(folder, name, PluginJar.provider(className, type, SpiVersion.CURRENT));
    }
}
