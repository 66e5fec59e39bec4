package dev.longwave.server.plugin;

import dev.longwave.broker.BrokerProvider;
import dev.longwave.testing.CompiledJar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Plugins that are on no class path, compiled for a test. */
public final class PluginJar {

    /** The system property that a {@link #provider} counts its connections in. */
    public static final String CONNECTIONS = "dev.longwave.server.PluginJar.connections";

    static final String SERVICE_FILE = "META-INF/services/" + BrokerProvider.class.getName();

    private PluginJar() {}

    /**
     * {@return the source of a provider with a setting {@code length}, whose servers never answer}
     */
    public static String provider(String className, String type, String spiVersion) {
        return provider(
                className,
                type,
                "return \"%s\";".formatted(spiVersion),
                """
                System.setProperty("%1$s", Integer.getInteger("%1$s", 0) + 1 + "");
                throw new BrokerUnavailableException(
                        "no tape", new java.net.ConnectException("Connection refused"));
                """
                        .formatted(CONNECTIONS));
    }

    /**
     * {@return the source of a provider that runs {@code code} to say its version and to connect}
     */
    static String provider(String className, String type, String spiVersion, String connect) {
        return """
        package example;
        import dev.longwave.broker.*;
        public final class %1$s implements BrokerProvider {
            public String type() { return "%2$s"; }
            public String spiVersion() { %3$s }
            public BrokerFactory settings(Settings settings) {
                settings.number("length", 60, 1, 90, "How many minutes a tape has.");
                return context -> {
                    %4$s
                };
            }
        }
        """
                .formatted(className, type, spiVersion, connect);
    }

    /** {@return a jar with a provider, to add to and to write} */
    static CompiledJar of(String className, String source) {
        return new CompiledJar()
                .source("example." + className, source)
                .resource(SERVICE_FILE, "example." + className + " # a comment\n");
    }

    /** Writes a provider into {@code plugins/name/name.jar}. {@return the folder} */
    public static Path write(Path plugins, String name, String className, String source)
            throws IOException {
        Path folder = plugins.resolve(name);
        var _ = of(className, source).write(folder.resolve(name + ".jar"));
        return folder;
    }

    /** Writes a provider that was compiled against the SPI as it was before it had a version. */
    static void writeOld(Path plugins, String name, String className, String type)
            throws IOException {
        Path spi = Files.createTempDirectory("old-spi").resolve("spi.jar");
        var _ =
                new CompiledJar()
                        .source(
                                "dev.longwave.broker.BrokerProvider",
                                """
                                package dev.longwave.broker;
                                public interface BrokerProvider {
                                    String type();
                                    Object create(Object context);
                                }
                                """)
                        .write(spi);
        var _ =
                of(
                                className,
                                """
                                package example;
                                public final class %1$s implements dev.longwave.broker.BrokerProvider {
                                    public String type() { return "%2$s"; }
                                    public Object create(Object context) { return context; }
                                }
                                """
                                        .formatted(className, type))
                        .against(spi)
                        .write(plugins.resolve(name).resolve(name + ".jar"));
        Files.delete(spi);
        Files.delete(spi.getParent());
    }
}
