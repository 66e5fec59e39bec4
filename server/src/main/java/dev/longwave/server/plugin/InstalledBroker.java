package dev.longwave.server.plugin;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.BrokerProvider;
import dev.longwave.broker.Capability;
import dev.longwave.broker.Settings;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A broker that this installation has. Immutable. */
public final class InstalledBroker {

    private final BrokerProvider provider;
    private final Class<?> providerClass;
    private final @Nullable Path jar;
    private final boolean plugin;

    private InstalledBroker(
            BrokerProvider provider, Class<?> providerClass, @Nullable Path jar, boolean plugin) {
        this.provider = provider;
        this.providerClass = providerClass;
        this.jar = jar;
        this.plugin = plugin;
    }

    /** One that is on the class path of the server. */
    static InstalledBroker ofServer(BrokerProvider provider) {
        CodeSource source = provider.getClass().getProtectionDomain().getCodeSource();
        Path jar = source == null ? null : path(source);
        return new InstalledBroker(provider, provider.getClass(), jar, false);
    }

    /** One from a folder of {@code plugins}. */
    static InstalledBroker plugin(PluginProvider provider, Jar jar) {
        return new InstalledBroker(provider, provider.provider().getClass(), jar.path(), true);
    }

    private static @Nullable Path path(CodeSource source) {
        try {
            return Path.of(source.getLocation().toURI());
        } catch (URISyntaxException | RuntimeException _) {
            return null; // it is not from a file
        }
    }

    /** {@return the value of {@code broker.type} that selects it} */
    public String type() {
        return provider.type();
    }

    /** {@return what makes such brokers} */
    public BrokerProvider provider() {
        return provider;
    }

    /** {@return the class of its provider} */
    String className() {
        return providerClass.getName();
    }

    /** {@return its own version, if its jar says so} */
    public Optional<String> version() {
        return Optional.ofNullable(providerClass.getPackage().getImplementationVersion());
    }

    /** {@return the version of the SPI that it was compiled against} */
    public String spiVersion() {
        return provider.spiVersion();
    }

    /** {@return whether it is from a folder of {@code plugins}} */
    public boolean isPlugin() {
        return plugin;
    }

    /** {@return the jar, or the folder of classes, that it is from, if it is from a file} */
    public Optional<Path> jar() {
        return Optional.ofNullable(jar);
    }

    /** {@return what such brokers can do; empty if the provider does not say} */
    public Set<Capability> capabilities() {
        return provider.capabilities();
    }

    /**
     * {@return its settings, in the order of reading}
     *
     * @throws BrokenPluginException if its code fails here
     */
    public List<Settings.Known> settings() throws BrokenPluginException {
        var all = new Settings(Map.of());
        Settings own = all.section("broker").section(type());
        try {
            var _ =
                    provider instanceof PluginProvider code
                            ? code.read(own)
                            : provider.settings(own);
        } catch (BrokerConfigurationException _) {
            // One of them has no default, which is no matter to a list.
        }
        return all.known();
    }
}
