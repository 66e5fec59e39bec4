package dev.longwave.server;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.BrokerProvider;
import dev.longwave.broker.Settings;
import dev.longwave.broker.SpiVersion;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Finds the broker modules: on the class path, and in {@code plugins/<name>/*.jar}. */
final class Brokers {
    private Brokers() {}

    /**
     * {@return the provider of {@code type}}
     *
     * @param plugins the folder with one folder per module, which need not exist
     * @throws BrokerConfigurationException if there is none, more than one of a type, or one that
     *     was compiled against another version of the SPI
     */
    static BrokerProvider provider(String type, Path plugins) {
        Map<String, BrokerProvider> found = new TreeMap<>();
        for (BrokerProvider provider : providers(plugins)) {
            BrokerProvider other = found.put(provider.type(), provider);
            if (other != null && other.getClass() != provider.getClass()) {
                throw new BrokerConfigurationException(
                        "two broker modules have one type type=%s first=%s second=%s"
                                .formatted(
                                        provider.type(),
                                        other.getClass().getName(),
                                        provider.getClass().getName()));
            }
        }
        BrokerProvider provider = found.get(type);
        if (provider == null) {
            String meant =
                    Settings.nearest(type, found.keySet())
                            .map(name -> "; did you mean " + name + "?")
                            .orElse("");
            throw new BrokerConfigurationException(
                    "setting broker.type names no broker that is here value=%s found=%s%s"
                            .formatted(type, String.join(",", found.keySet()), meant));
        }
        checkVersion(provider);
        return provider;
    }

    private static void checkVersion(BrokerProvider provider) {
        String version;
        try {
            version = provider.spiVersion();
        } catch (AbstractMethodError e) {
            throw otherVersion(provider, "older than 1.0", e);
        }
        if (!SpiVersion.accepts(version)) {
            throw otherVersion(provider, version, null);
        }
    }

    private static BrokerConfigurationException otherVersion(
            BrokerProvider provider, String version, @Nullable Throwable cause) {
        return new BrokerConfigurationException(
                ("the broker module was compiled against another version of Longwave's broker SPI:"
                     + " use a module for this version of Longwave type=%s version=%s expected=%s"
                     + " class=%s")
                        .formatted(
                                provider.type(),
                                version,
                                SpiVersion.CURRENT,
                                provider.getClass().getName()),
                cause);
    }

    private static List<BrokerProvider> providers(Path plugins) {
        var providers = new ArrayList<BrokerProvider>();
        ServiceLoader.load(BrokerProvider.class).forEach(providers::add);
        for (Path folder : entries(plugins)) {
            List<Path> jars =
                    entries(folder).stream()
                            .filter(jar -> jar.toString().endsWith(".jar"))
                            .toList();
            if (!jars.isEmpty()) {
                // Each module has its own class loader, so that two of them can bring different
                // versions of a library. It lives as long as the server.
                var loader =
                        new URLClassLoader(
                                "plugin-" + folder.getFileName(),
                                jars.stream().map(Brokers::url).toArray(URL[]::new),
                                Brokers.class.getClassLoader());
                providers.addAll(loaded(folder, loader));
            }
        }
        return providers;
    }

    private static List<BrokerProvider> loaded(Path folder, URLClassLoader loader) {
        try {
            return ServiceLoader.load(BrokerProvider.class, loader).stream()
                    .filter(found -> found.type().getClassLoader().equals(loader))
                    .map(ServiceLoader.Provider::get)
                    .toList();
        } catch (ServiceConfigurationError | LinkageError e) {
            throw new BrokerConfigurationException(
                    "cannot load the broker module: replace or remove it folder=" + folder, e);
        }
    }

    private static List<Path> entries(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.sorted().toList();
        } catch (IOException e) {
            throw new BrokerConfigurationException("cannot read plugins folder=" + folder, e);
        }
    }

    private static URL url(Path jar) {
        try {
            return jar.toUri().toURL();
        } catch (MalformedURLException e) {
            throw new BrokerConfigurationException("cannot read plugin jar=" + jar, e);
        }
    }
}
