package dev.longwave.server.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.BrokerContext;
import dev.longwave.broker.BrokerFactory;
import dev.longwave.broker.BrokerProvider;
import dev.longwave.broker.Settings;
import dev.longwave.broker.SpiVersion;
import dev.longwave.testing.CompiledJar;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BrokersTest {

    private static final String CURRENT = "return SpiVersion.CURRENT;";
    private static final String NO_TAPE = "throw new BrokerUnavailableException(\"no tape\");";

    @TempDir private Path folder;

    // What works

    @Test
    void findsABrokerInAJarThatWasDroppedIn() throws IOException {
        plugin("tape", "TapeProvider", "tape");

        Brokers found = Brokers.find(folder);

        assertThat(found.provider("tape").type()).isEqualTo("tape");
        assertThat(found.broken()).isEmpty();
        assertThat(found.brokers())
                .filteredOn(InstalledBroker::isPlugin)
                .singleElement()
                .satisfies(tape -> {
                    assertThat(tape.type()).isEqualTo("tape");
                    assertThat(tape.spiVersion()).isEqualTo(SpiVersion.CURRENT);
                    assertThat(tape.version()).isEmpty();
                    assertThat(tape.jar()).contains(folder.resolve("tape").resolve("tape.jar"));
                    assertThat(tape.capabilities()).isEmpty();
                    assertThat(tape.settings())
                            .extracting(Settings.Known::key)
                            .containsExactly("broker.tape.length");
                });
    }

    @Test
    void findsTheMemoryBrokerWithoutAnyPlugins() {
        Brokers found = Brokers.find(folder.resolve("nothing"));

        assertThat(found.provider("memory").type()).isEqualTo("memory");
        assertThat(found.broken()).isEmpty();
    }

    /** As a plugin with slf4j 1.7 would, beside our 2.0. */
    @Test
    void givesAPluginItsOwnVersionOfALibraryThatTheServerHasToo() throws IOException {
        var _ =
                PluginJar.of(
                                "TapeProvider",
                                PluginJar.provider(
                                        "TapeProvider",
                                        "tape",
                                        CURRENT,
                                        "throw new BrokerUnavailableException("
                                                + "org.yaml.snakeyaml.Yaml.version());"))
                        .source(
                                "org.yaml.snakeyaml.Yaml",
                                """
                                package org.yaml.snakeyaml;
                                public class Yaml {
                                    public static String version() { return "the folder's"; }
                                }
                                """)
                        .against(spiOfThisBuild())
                        .write(folder.resolve("tape/tape.jar"));

        assertThatThrownBy(() -> connect("tape")).hasMessage("the folder's");
    }

    @Test
    void callsAPluginWithItsOwnClassLoader() throws IOException {
        plugin(
                "tape",
                "throw new BrokerUnavailableException("
                        + "Thread.currentThread().getContextClassLoader().getName());");
        ClassLoader before = Thread.currentThread().getContextClassLoader();

        assertThatThrownBy(() -> connect("tape")).hasMessage("plugin-tape");
        assertThat(Thread.currentThread().getContextClassLoader()).isSameAs(before);
    }

    @Test
    void mindsNeitherFilesNorHiddenFoldersAmongThePlugins() throws IOException {
        Files.writeString(folder.resolve("README.md"), "Put folders here.");
        Files.createDirectory(folder.resolve(".cache"));

        assertThat(Brokers.find(folder).broken()).isEmpty();
    }

    // What is broken: told of whom it concerns, and in the way of nobody else

    @Test
    void namesAServiceFileWhoseClassIsNotThere() throws IOException {
        var _ =
                new CompiledJar()
                        .resource(PluginJar.SERVICE_FILE, "example.TapeProvider\n")
                        .write(folder.resolve("tape/tape-1.0.jar"));

        assertBroken(
                "names a class that is not there: example.TapeProvider", "tape", "tape-1.0.jar");
    }

    @Test
    void namesAClassThatTheProviderNeedsAndThatIsNotThere() throws IOException {
        var _ =
                PluginJar.of(
                                "TapeProvider",
                                PluginJar.provider("TapeProvider", "tape", CURRENT, NO_TAPE)
                                        .replace("implements", "extends Reel implements"))
                        .source("example.Reel", "package example; public class Reel {}")
                        .without("example.Reel")
                        .write(folder.resolve("tape/tape.jar"));

        assertBroken(
                "class example.Reel is missing: put the jar that contains it into the folder",
                "tape",
                "tape.jar");
    }

    @Test
    void namesADependencyThatIsFoundMissingOnceTheSettingsAreRead() throws IOException {
        var _ = withoutReel("new Reel(); return context -> null;");

        Brokers found = Brokers.find(folder);

        assertThatThrownBy(() -> found.provider("tape").settings(new Settings(Map.of())))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("class example.Reel is missing")
                .hasMessageEndingWith("folder=" + folder.resolve("tape") + " jar=tape.jar");
        InstalledBroker tape =
                found.brokers().stream().filter(InstalledBroker::isPlugin).findAny().orElseThrow();
        assertThatThrownBy(tape::settings).isInstanceOf(BrokenPluginException.class);
    }

    @Test
    void namesADependencyThatIsFoundMissingOnceItConnects() throws IOException {
        var _ = withoutReel("return context -> { new Reel(); return null; };");

        assertThatThrownBy(() -> connect("tape"))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("it cannot connect: class example.Reel is missing")
                .hasMessageEndingWith("folder=" + folder.resolve("tape") + " jar=tape.jar");
    }

    @Test
    void saysWhereAPluginFailedThatFailsOtherThanItMay() throws IOException {
        plugin("tape", "throw new IllegalStateException(\"torn\\nand worn\");");

        assertThatThrownBy(() -> connect("tape"))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining(
                        "IllegalStateException: torn and worn at plugin-tape//example.TapeProvider")
                .hasMessageEndingWith("folder=" + folder.resolve("tape") + " jar=tape.jar");
    }

    @Test
    void namesAProviderThatCannotBeMade() throws IOException {
        var _ =
                PluginJar.write(
                        folder,
                        "tape",
                        "TapeProvider",
                        PluginJar.provider("TapeProvider", "tape", CURRENT, NO_TAPE)
                                .replaceFirst(
                                        "\\{",
                                        "{ { if (true) throw new"
                                                + " IllegalStateException(\"torn\"); }"));

        assertBroken("example.TapeProvider cannot be made", "tape", "tape.jar");
    }

    @Test
    void namesAProviderThatIsNone() throws IOException {
        var _ =
                PluginJar.write(
                        folder,
                        "tape",
                        "TapeProvider",
                        "package example; public class TapeProvider {}");

        assertBroken("example.TapeProvider is no BrokerProvider", "tape", "tape.jar");
    }

    @Test
    void namesAProviderOfTheServersOwn() throws IOException {
        var _ =
                new CompiledJar()
                        .resource(
                                PluginJar.SERVICE_FILE,
                                "dev.longwave.broker.memory.MemoryBrokerProvider")
                        .write(folder.resolve("memory/memory.jar"));

        assertBroken("the server itself has the class", "memory", "memory.jar");
    }

    @Test
    void namesATypeThatCannotBeConfigured() throws IOException {
        plugin("tape", "TapeProvider", "My Tape");

        assertBroken("type=My Tape class=example.TapeProvider", "tape", "tape.jar");
    }

    @Test
    void namesAJarThatIsNone() throws IOException {
        plugin("tape", "TapeProvider", "tape");
        Files.writeString(folder.resolve("tape/client.jar"), "404 Not Found");

        assertBroken("it cannot be read as a jar", "tape", "client.jar");
    }

    @Test
    void namesAJarThatIsNotInAFolderOfItsOwn() throws IOException {
        var _ =
                PluginJar.of("TapeProvider", PluginJar.provider("TapeProvider", "tape", "1.0"))
                        .write(folder.resolve("tape.jar"));

        assertBroken("move it to a folder of its own", "", "tape.jar");
    }

    @Test
    void namesAFolderWithoutAJarAndOneWithoutABroker() throws IOException {
        Files.createDirectories(folder.resolve("empty/lib"));
        var _ = new CompiledJar().resource("a.txt", "a").write(folder.resolve("tape/tape.jar"));

        assertThat(Brokers.find(folder).broken())
                .extracting(BrokenPlugin::line)
                .containsExactly(
                        "there is no jar in it: put the jars of a broker into the folder itself"
                                + " folder="
                                + folder.resolve("empty"),
                        "there is no broker in it: none of its jars has "
                                + PluginJar.SERVICE_FILE
                                + " folder="
                                + folder.resolve("tape"));
    }

    @Test
    void refusesTwoBrokersOfOneType() throws IOException {
        plugin("one", "OneProvider", "tape");
        plugin("two", "TwoProvider", "tape");

        Brokers found = Brokers.find(folder);

        assertThatThrownBy(() -> found.provider("tape"))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("two brokers have one type")
                .hasMessageContaining("class=example.OneProvider")
                .hasMessageContaining("folder=" + folder.resolve("one") + " jar=one.jar")
                .hasMessageContaining("folder=" + folder.resolve("two") + " jar=two.jar");
        assertThat(found.brokers()).extracting(InstalledBroker::type).doesNotContain("tape");
        assertThat(found.provider("memory").type()).isEqualTo("memory");
    }

    @Test
    void refusesAPluginWithTheTypeOfABrokerOfTheDistribution() throws IOException {
        plugin("tape", "TapeProvider", "memory");

        Brokers found = Brokers.find(folder);

        assertThatThrownBy(() -> found.provider("memory"))
                .hasMessageContaining("MemoryBrokerProvider of the distribution")
                .hasMessageContaining("folder=" + folder.resolve("tape") + " jar=tape.jar");
    }

    @Test
    void listsWhatIsThereWhenTheTypeIsUnknown() throws IOException {
        plugin("tape", "TapeProvider", "tape");
        Files.createDirectories(folder.resolve("vinyl"));

        assertThatThrownBy(() -> Brokers.find(folder).provider("vinyl"))
                .hasMessageContaining("value=vinyl")
                .hasMessageContaining("memory,")
                .hasMessageContaining(",tape")
                .hasMessageContaining("; not usable: there is no jar in it")
                .hasMessageContaining("folder=" + folder.resolve("vinyl"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"2.0", "1.99", "0.9", "", "one"})
    void refusesABrokerOfAnotherSpiVersion(String version) throws IOException {
        plugin("tape", version, "tape", "TapeProvider");

        Brokers found = Brokers.find(folder);

        assertThatThrownBy(() -> found.provider("tape"))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("another version of Longwave's broker SPI")
                .hasMessageContaining(
                        "type=tape version=" + version + " expected=" + SpiVersion.CURRENT)
                .hasMessageContaining("class=example.TapeProvider")
                .hasMessageEndingWith("folder=" + folder.resolve("tape") + " jar=tape.jar");
        assertThat(found.provider("memory").type()).isEqualTo("memory");
    }

    @Test
    void refusesABrokerFromBeforeThereWereSpiVersions() throws IOException {
        PluginJar.writeOld(folder, "tape", "TapeProvider", "tape");

        assertThatThrownBy(() -> Brokers.find(folder).provider("tape"))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining(
                        "type=tape version=older than 1.0 expected=" + SpiVersion.CURRENT);
    }

    private void plugin(String name, String className, String type) throws IOException {
        plugin(name, SpiVersion.CURRENT, type, className);
    }

    private void plugin(String name, String spiVersion, String type, String className)
            throws IOException {
        var _ =
                PluginJar.write(
                        folder, name, className, PluginJar.provider(className, type, spiVersion));
    }

    private void plugin(String type, String connect) throws IOException {
        var _ =
                PluginJar.write(
                        folder,
                        type,
                        "TapeProvider",
                        PluginJar.provider("TapeProvider", type, CURRENT, connect));
    }

    private Path withoutReel(String settings) throws IOException {
        return PluginJar.of(
                        "TapeProvider",
                        """
                        package example;
                        import dev.longwave.broker.*;
                        public final class TapeProvider implements BrokerProvider {
                            public String type() { return "tape"; }
                            public String spiVersion() { return SpiVersion.CURRENT; }
                            public BrokerFactory settings(Settings settings) { %s }
                        }
                        """
                                .formatted(settings))
                .source("example.Reel", "package example; public class Reel {}")
                .without("example.Reel")
                .write(folder.resolve("tape/tape.jar"));
    }

    private void connect(String type) {
        BrokerFactory factory =
                Brokers.find(folder).provider(type).settings(new Settings(Map.of()));
        var _ = factory.connect(BrokerContext.builder("node").build());
    }

    /** It is one line with folder and jar; whoever needs it is told, and nobody else minds. */
    private void assertBroken(String words, String name, String jar) {
        Brokers found = Brokers.find(folder);

        List<BrokenPlugin> broken = found.broken();
        assertThat(broken).hasSize(1);
        assertThat(broken.getFirst().line())
                .contains(words)
                .endsWith(" folder=" + folder.resolve(name) + " jar=" + jar)
                .doesNotContain("\n");
        assertThat(found.provider("memory").type()).isEqualTo("memory");
        String wanted = broken.getFirst().type().orElse("tape");
        assertThatThrownBy(() -> found.provider(wanted))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining(broken.getFirst().line());
    }

    /** So that the provider is compiled against the folder's version of a library. */
    private static Path spiOfThisBuild() {
        try {
            return Path.of(
                    BrokerProvider.class
                            .getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
