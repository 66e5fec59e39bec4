package dev.longwave.server.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longwave.broker.BrokerProvider;
import dev.longwave.testing.CompiledJar;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.ServiceLoader;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A library in two versions: 2 on the server's class path, with a codec as a service, and 1 in the
 * folder.
 */
final class PluginClassLoaderTest {

    @TempDir private Path work;
    private URLClassLoader server;
    private PluginClassLoader plugin;

    @BeforeEach
    void openLoaders() throws IOException {
        Path newer =
                new CompiledJar()
                        .source("lib.Codec", "package lib; public interface Codec { int two(); }")
                        .source("lib.Addition", "package lib; public class Addition {}")
                        .source(
                                "impl.Two",
                                "package impl; public class Two implements lib.Codec {"
                                        + " public int two() { return 2; } }")
                        .source("other.Tool", "package other; public class Tool {}")
                        .resource("META-INF/services/lib.Codec", "impl.Two\n")
                        .resource("META-INF/services/other.Tool", "other.Tool\n")
                        .resource("common.txt", "of the server")
                        .write(work.resolve("newer.jar"));
        Path older =
                new CompiledJar()
                        .source("lib.Codec", "package lib; public interface Codec { int one(); }")
                        .source(
                                "dev.longwave.broker.BrokerProvider",
                                "package dev.longwave.broker; public interface BrokerProvider {}")
                        .source(
                                "dev.longwave.broker.tape.Tape",
                                "package dev.longwave.broker.tape; public class Tape {}")
                        .source(
                                "org.jspecify.annotations.NullMarked",
                                "package org.jspecify.annotations;"
                                        + " public @interface NullMarked {}")
                        .resource("common.txt", "of the folder")
                        .write(work.resolve("older.jar"));
        server = new URLClassLoader(new URL[] {newer.toUri().toURL()}, getClass().getClassLoader());
        plugin = new PluginClassLoader("plugin-test", List.of(Jar.read(older)), server);
    }

    @AfterEach
    void closeLoaders() throws IOException {
        plugin.close();
        server.close();
    }

    @Test
    void prefersTheFoldersVersionOfALibrary() throws ReflectiveOperationException {
        Class<?> codec = plugin.loadClass("lib.Codec");

        assertThat(codec.getClassLoader()).isSameAs(plugin);
        assertThat(codec.getMethods()).extracting("name").containsExactly("one");
    }

    @Test
    void doesNotMixTwoVersionsOfAPackage() {
        assertThatThrownBy(() -> plugin.loadClass("lib.Addition"))
                .isInstanceOf(ClassNotFoundException.class);
    }

    @Test
    void hidesTheServersImplementationsOfTheFoldersInterfaces() throws Exception {
        Class<?> codec = plugin.loadClass("lib.Codec");

        assertThat(ServiceLoader.load(codec, plugin)).isEmpty();
        assertThat(plugin.getResource("META-INF/services/lib.Codec")).isNull();
    }

    @Test
    void takesFromTheServerWhatTheFolderDoesNotHave() throws Exception {
        Class<?> tool = plugin.loadClass("other.Tool");

        assertThat(tool.getClassLoader()).isSameAs(server);
        assertThat(ServiceLoader.load(tool, plugin)).hasSize(1);
    }

    @Test
    void takesTheSpiAndJSpecifyFromTheServer() throws ReflectiveOperationException {
        assertThat(plugin.loadClass(BrokerProvider.class.getName())).isSameAs(BrokerProvider.class);
        assertThat(plugin.loadClass(NullMarked.class.getName())).isSameAs(NullMarked.class);
        assertThat(plugin.loadClass("java.util.List")).isSameAs(List.class);
    }

    @Test
    void findsABrokerInAPackageOfOurs() throws ReflectiveOperationException {
        assertThat(plugin.loadClass("dev.longwave.broker.tape.Tape").getClassLoader())
                .isSameAs(plugin);
    }

    @Test
    void findsTheFoldersFilesBeforeTheServers() throws IOException {
        try (var content = plugin.getResourceAsStream("common.txt")) {
            assertThat(content).hasContent("of the folder");
        }
        assertThat(Collections.list(plugin.getResources("common.txt"))).hasSize(2);
    }
}
