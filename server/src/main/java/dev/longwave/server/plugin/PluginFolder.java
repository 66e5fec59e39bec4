package dev.longwave.server.plugin;

import dev.longwave.broker.BrokerProvider;
import dev.longwave.broker.SpiVersion;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.ServiceConfigurationError;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Looks for brokers in one folder of {@code plugins}. For one thread. */
final class PluginFolder {
    /*
     * It reads the service files itself: ServiceLoader does not say in which jar it found the name of a class that is
     * not there.
     */
    private static final Pattern TYPE = Pattern.compile("[a-z0-9-]+");

    private final Path folder;
    private final List<InstalledBroker> brokers;
    private final List<BrokenPlugin> broken;

    /**
     * @param brokers receives those that it finds
     * @param broken receives what is wrong
     */
    PluginFolder(Path folder, List<InstalledBroker> brokers, List<BrokenPlugin> broken) {
        this.folder = folder;
        this.brokers = brokers;
        this.broken = broken;
    }

    void search() {
        List<Path> files = jarFiles();
        var jars = new ArrayList<Jar>();
        for (Path file : files) {
            try {
                jars.add(Jar.read(file));
            } catch (IOException e) {
                report(
                        String.valueOf(file.getFileName()),
                        "it cannot be read as a jar: " + e.getMessage());
            }
        }
        if (jars.size() < files.size()) {
            return; // without it, all else that is found would be a consequence
        }
        if (jars.isEmpty()) {
            report(null, "there is no jar in it: put the jars of a broker into the folder itself");
            return;
        }
        List<Jar> named = jars.stream().filter(Jar::hasServiceFile).toList();
        if (named.isEmpty()) {
            report(null, "there is no broker in it: none of its jars has " + Jar.SERVICE_FILE);
            return;
        }
        var loader =
                new PluginClassLoader(
                        "plugin-" + folder.getFileName(),
                        jars,
                        PluginFolder.class.getClassLoader());
        for (Jar jar : named) {
            if (jar.providers().isEmpty()) {
                report(jar.name(), Jar.SERVICE_FILE + " names no class");
            }
            for (String provider : jar.providers()) {
                load(provider, jar, loader);
            }
        }
    }

    private List<Path> jarFiles() {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
        } catch (IOException e) {
            report(null, "it cannot be read: " + e);
            return List.of();
        }
    }

    private void load(String className, Jar jar, PluginClassLoader loader) {
        BrokerProvider provider;
        String type;
        try {
            provider = instance(className, loader);
            type = String.valueOf(provider.type());
        } catch (ClassNotFoundException _) {
            report(jar.name(), Jar.SERVICE_FILE + " names a class that is not there: " + className);
            return;
        } catch (ServiceConfigurationError e) {
            report(jar.name(), String.valueOf(e.getMessage()));
            return;
        } catch (LinkageError | RuntimeException e) {
            report(jar.name(), Faults.of(className + " cannot be used", e));
            return;
        }
        if (!TYPE.matcher(type).matches()) {
            report(
                    jar.name(),
                    "the type of a broker has lower-case letters, digits, and dashes type=%s class=%s"
                            .formatted(type, className));
            return;
        }
        @Nullable String version = version(provider);
        if (version == null || !SpiVersion.accepts(version)) {
            broken.add(
                    new BrokenPlugin(
                            folder,
                            jar.name(),
                            type,
                            ("it was compiled against another version of Longwave's broker SPI: use"
                                 + " a plugin for this version of Longwave type=%s version=%s"
                                 + " expected=%s class=%s")
                                    .formatted(
                                            type,
                                            version == null ? "older than 1.0" : version,
                                            SpiVersion.CURRENT,
                                            className)));
            return;
        }
        brokers.add(
                InstalledBroker.plugin(
                        new PluginProvider(provider, folder, jar.name(), type, version), jar));
    }

    private static BrokerProvider instance(String className, PluginClassLoader loader)
            throws ClassNotFoundException {
        Class<?> found = loader.loadClass(className);
        if (found.getClassLoader() != loader) {
            throw new ServiceConfigurationError(
                    "the server itself has the class that %s names: %s"
                            .formatted(Jar.SERVICE_FILE, className));
        }
        if (!BrokerProvider.class.isAssignableFrom(found)) {
            throw new ServiceConfigurationError(className + " is no BrokerProvider");
        }
        try {
            return (BrokerProvider) found.getConstructor().newInstance();
        } catch (NoSuchMethodException | IllegalAccessException | InstantiationException e) {
            throw new ServiceConfigurationError(
                    className + " is no public class with a public constructor without parameters",
                    e);
        } catch (InvocationTargetException e) {
            throw new ServiceConfigurationError(
                    Faults.of(
                            className + " cannot be made",
                            Objects.requireNonNullElse(e.getCause(), e)),
                    e);
        }
    }

    /** {@return the version, or null for a provider from before there were versions} */
    private static @Nullable String version(BrokerProvider provider) {
        try {
            return String.valueOf(provider.spiVersion());
        } catch (AbstractMethodError _) {
            return null;
        }
    }

    private void report(@Nullable String jar, String reason) {
        broken.add(new BrokenPlugin(folder, jar, null, reason));
    }
}
