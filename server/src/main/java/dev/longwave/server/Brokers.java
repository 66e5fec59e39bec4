package dev.longwave.server;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.BrokerProvider;
import dev.longwave.broker.Settings;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Finds the broker modules: on the class path, and in {@code plugins/<name>/*.jar}. */
final class Brokers {
    private Brokers() {}

    /**
     * {@return the provider of {@code type}}
     *
     * @param plugins the folder with one folder per module, which need not exist
     * @throws BrokerConfigurationException if there is none, or more than one of a type
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
        return provider;
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
                // One class loader per module, so that two may bring different versions of a
                // library. It
                // lives as long as the server.
                var loader =
                        new URLClassLoader(
                                "plugin-" + folder.getFileName(),
                                jars.stream().map(Brokers::url).toArray(URL[]::new),
                                Brokers.class.getClassLoader());
                ServiceLoader.load(BrokerProvider.class, loader).stream()
                        .filter(found -> found.type().getClassLoader().equals(loader))
                        .map(ServiceLoader.Provider::get)
                        .forEach(providers::add);
            }
        }
        return providers;
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
