package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.broker.BrokerProvider;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;

/** Broker modules that are on no class path, compiled for a test. */
final class PluginJar {

    /** The system property that a {@link #provider} counts its connections in. */
    static final String CONNECTIONS = "dev.longwave.server.PluginJar.connections";

    private static final Pattern CLASS_NAME = Pattern.compile("class (\\w+)");

    private PluginJar() {}

    /**
     * {@return the source of a provider with a setting {@code length}, whose servers never answer}
     */
    static String provider(String className, String type, String spiVersion) {
        return """
        package example;
        import dev.longwave.broker.*;
        import java.time.Duration;
        public final class %1$s implements BrokerProvider {
            public String type() { return "%2$s"; }
            public String spiVersion() { return "%3$s"; }
            public BrokerFactory settings(Settings settings) {
                settings.number("length", 60, 1, 90, "How many minutes a tape has.");
                return context -> {
                    System.setProperty("%4$s", Integer.getInteger("%4$s", 0) + 1 + "");
                    throw new BrokerUnavailableException("no tape");
                };
            }
        }
        """
                .formatted(className, type, spiVersion, CONNECTIONS);
    }

    /** {@return the source of a provider that cannot be made} */
    static String failing(String className) {
        return """
        package example;
        import dev.longwave.broker.*;
        public final class %1$s implements BrokerProvider {
            public %1$s() { throw new IllegalStateException("made for a test"); }
            public String type() { return "failing"; }
            public String spiVersion() { return SpiVersion.CURRENT; }
            public BrokerFactory settings(Settings settings) { throw new IllegalStateException(); }
        }
        """
                .formatted(className);
    }

    /** Compiles a provider into {@code plugins/name/name.jar}. {@return the folder} */
    static Path write(Path plugins, String name, String source) throws IOException {
        Path folder = Files.createDirectories(plugins.resolve(name));
        String className =
                CLASS_NAME
                        .matcher(source)
                        .results()
                        .map(PluginJar::first)
                        .findFirst()
                        .orElseThrow();
        Path file = folder.resolve(className + ".java");
        Files.writeString(file, source);
        compile(System.getProperty("java.class.path"), List.of(file));
        jar(folder, name, className, folder.resolve(className + ".class"));
        return folder;
    }

    /** Compiles a provider against the SPI as it was before it had a version. */
    static void writeOld(Path plugins, String name, String className, String type)
            throws IOException {
        Path folder = Files.createDirectories(plugins.resolve(name));
        Path old = Files.createDirectories(folder.resolve("old"));
        Path spi = old.resolve("BrokerProvider.java");
        Files.writeString(
                spi,
                """
                package dev.longwave.broker;
                public interface BrokerProvider {
                    String type();
                    Object create(Object context);
                }
                """);
        Path file = old.resolve(className + ".java");
        Files.writeString(
                file,
                """
                package example;
                public final class %1$s implements dev.longwave.broker.BrokerProvider {
                    public String type() { return "%2$s"; }
                    public Object create(Object context) { throw new IllegalStateException(); }
                }
                """
                        .formatted(className, type));
        compile(old.toString(), List.of(spi, file));
        jar(folder, name, className, old.resolve(className + ".class"));
    }

    private static String first(MatchResult match) {
        return match.group(1);
    }

    private static void compile(String classPath, List<Path> sources) throws IOException {
        var words = new StringWriter();
        var compiler = ToolProvider.getSystemJavaCompiler();
        try (var files = compiler.getStandardFileManager(null, null, null)) {
            boolean compiled =
                    compiler.getTask(
                                    words,
                                    files,
                                    null,
                                    List.of("-proc:none", "-cp", classPath),
                                    null,
                                    files.getJavaFileObjectsFromPaths(sources))
                            .call();
            assertThat(compiled).as(words.toString()).isTrue();
        }
    }

    private static void jar(Path folder, String name, String className, Path compiled)
            throws IOException {
        try (OutputStream file = Files.newOutputStream(folder.resolve(name + ".jar"));
                var jar = new JarOutputStream(file)) {
            jar.putNextEntry(new JarEntry("example/" + className + ".class"));
            jar.write(Files.readAllBytes(compiled));
            jar.putNextEntry(new JarEntry("META-INF/services/" + BrokerProvider.class.getName()));
            jar.write(("example." + className).getBytes(StandardCharsets.UTF_8));
        }
    }
}
