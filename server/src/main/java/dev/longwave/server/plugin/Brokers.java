package dev.longwave.server.plugin;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.BrokerProvider;
import dev.longwave.broker.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The brokers of an installation: on the class path, and in {@code plugins/<name>/*.jar}. Finding
 * them connects to nothing. Immutable.
 */
public final class Brokers {

    private final List<InstalledBroker> brokers;
    private final List<BrokenPlugin> broken;

    private Brokers(List<InstalledBroker> brokers, List<BrokenPlugin> broken) {
        this.brokers = List.copyOf(brokers);
        this.broken = List.copyOf(broken);
    }

    /**
     * {@return the brokers that are installed}
     *
     * @param plugins the folder with one folder per plugin, which need not exist
     * @throws BrokerConfigurationException if those on the class path cannot be loaded
     */
    public static Brokers find(Path plugins) {
        var brokers = new ArrayList<>(ofServer());
        var broken = new ArrayList<BrokenPlugin>();
        for (Path entry : entries(plugins, broken)) {
            if (Files.isDirectory(entry)) {
                new PluginFolder(entry, brokers, broken).search();
            } else if (entry.toString().endsWith(".jar")) {
                broken.add(
                        new BrokenPlugin(
                                plugins,
                                String.valueOf(entry.getFileName()),
                                null,
                                "a jar directly in the folder of plugins is not loaded: move it to"
                                        + " a folder of its own in there"));
            }
        }
        brokers.sort(Comparator.comparing(InstalledBroker::type));
        return new Brokers(withoutDoubles(brokers, broken), broken);
    }

    private static List<InstalledBroker> ofServer() {
        var byClass = new LinkedHashMap<String, InstalledBroker>();
        try {
            for (BrokerProvider provider :
                    ServiceLoader.load(BrokerProvider.class, Brokers.class.getClassLoader())) {
                var found = InstalledBroker.ofServer(provider);
                byClass.putIfAbsent(found.className(), found);
            }
        } catch (ServiceConfigurationError | LinkageError e) {
            throw new BrokerConfigurationException(
                    "the brokers of the distribution cannot be loaded: " + e.getMessage(), e);
        }
        return List.copyOf(byClass.values());
    }

    private static List<Path> entries(Path plugins, List<BrokenPlugin> broken) {
        if (!Files.isDirectory(plugins)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(plugins)) {
            return entries.filter(entry -> !String.valueOf(entry.getFileName()).startsWith("."))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            broken.add(new BrokenPlugin(plugins, null, null, "it cannot be read: " + e));
            return List.of();
        }
    }

    /** Of brokers with one type, only one of the distribution stays. */
    private static List<InstalledBroker> withoutDoubles(
            List<InstalledBroker> brokers, List<BrokenPlugin> broken) {
        Map<String, List<InstalledBroker>> byType =
                brokers.stream().collect(Collectors.groupingBy(InstalledBroker::type));
        var unique = new ArrayList<InstalledBroker>();
        for (InstalledBroker broker : brokers) {
            List<InstalledBroker> same = byType.getOrDefault(broker.type(), List.of());
            if (same.size() == 1 || !broker.isPlugin()) {
                unique.add(broker);
            } else {
                broken.add(doubled(broker, same));
            }
        }
        return unique;
    }

    private static BrokenPlugin doubled(InstalledBroker broker, List<InstalledBroker> same) {
        Path jar = broker.jar().orElseThrow();
        String others =
                same.stream()
                        .filter(other -> other != broker)
                        .map(other ->
                                other.className()
                                        + " of "
                                        + (other.isPlugin()
                                                ? other.jar().map(Path::getParent).orElseThrow()
                                                : "the distribution"))
                        .collect(Collectors.joining(", "));
        return new BrokenPlugin(
                Objects.requireNonNull(jar.getParent()), // a plugin is in a folder
                String.valueOf(jar.getFileName()),
                broker.type(),
                "two brokers have one type: remove one of them type=%s class=%s other=%s"
                        .formatted(broker.type(), broker.className(), others));
    }

    /** {@return the brokers that can be used, by type} */
    public List<InstalledBroker> brokers() {
        return brokers;
    }

    /** {@return what is in the folder of plugins and cannot be used} */
    public List<BrokenPlugin> broken() {
        return broken;
    }

    /**
     * {@return the provider of {@code type}}
     *
     * @throws BrokerConfigurationException if there is none that can be used, or more than one
     */
    public BrokerProvider provider(String type) {
        List<String> faults =
                broken.stream()
                        .filter(plugin -> plugin.type().filter(type::equals).isPresent())
                        .map(BrokenPlugin::line)
                        .toList();
        if (!faults.isEmpty()) {
            throw new BrokerConfigurationException(
                    "broker.type cannot be used: " + String.join("; ", faults));
        }
        return brokers.stream()
                .filter(broker -> broker.type().equals(type))
                .findAny()
                .orElseThrow(() -> unknown(type))
                .provider();
    }

    private BrokerConfigurationException unknown(String type) {
        var types = new TreeSet<String>();
        brokers.forEach(broker -> types.add(broker.type()));
        String meant =
                Settings.nearest(type, types)
                        .map(name -> "; did you mean " + name + "?")
                        .orElse("");
        String faults =
                broken.stream()
                        .map(plugin -> "; not usable: " + plugin.line())
                        .collect(Collectors.joining());
        return new BrokerConfigurationException(
                "setting broker.type names no broker that is here value=%s found=%s%s%s"
                        .formatted(type, String.join(",", types), meant, faults));
    }
}
