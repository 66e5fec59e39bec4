package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.BrokerProvider;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

    /** A jar with a provider that is on no class path. */
    private void plugin(String name, String className, String type) throws IOException {
        Path plugin = Files.createDirectories(folder.resolve(name));
        Path source = plugin.resolve(className + ".java");
        Files.writeString(
                source,
                """
                package example;
                public final class %1$s implements dev.longwave.broker.BrokerProvider {
                    public String type() { return "%2$s"; }
                    public String spiVersion() { return dev.longwave.broker.SpiVersion.CURRENT; }
                    public dev.longwave.broker.BrokerFactory settings(dev.longwave.broker.Settings settings) {
                        throw new UnsupportedOperationException();
                    }
                }
                """
                        .formatted(className, type));
        int result =
                ToolProvider.getSystemJavaCompiler()
                        .run(
                                null,
                                null,
                                null,
                                "-proc:none",
                                "-cp",
                                System.getProperty("java.class.path"),
                                source.toString());
        assertThat(result).isZero();
        try (OutputStream file = Files.newOutputStream(plugin.resolve(name + ".jar"));
                var jar = new JarOutputStream(file)) {
            jar.putNextEntry(new JarEntry("example/" + className + ".class"));
            jar.write(Files.readAllBytes(plugin.resolve(className + ".class")));
            jar.putNextEntry(new JarEntry("META-INF/services/" + BrokerProvider.class.getName()));
            jar.write(("example." + className).getBytes(StandardCharsets.UTF_8));
        }
    }
}
