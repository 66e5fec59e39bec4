package dev.longwave.server.plugin;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.BrokerException;
import dev.longwave.broker.BrokerFactory;
import dev.longwave.broker.BrokerProvider;
import dev.longwave.broker.Capability;
import dev.longwave.broker.Settings;
import java.nio.file.Path;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The provider of a plugin, called as its code expects: with the class loader of its folder as that
 * of the thread. If its code fails, other than as the SPI says, that is a mistake in the folder.
 */
final class PluginProvider implements BrokerProvider {

    private final BrokerProvider provider;
    private final Path folder;
    private final String jar;
    private final String type;
    private final String spiVersion;

    PluginProvider(
            BrokerProvider provider, Path folder, String jar, String type, String spiVersion) {
        this.provider = provider;
        this.folder = folder;
        this.jar = jar;
        this.type = type;
        this.spiVersion = spiVersion;
    }

    /** {@return the provider itself} */
    BrokerProvider provider() {
        return provider;
    }

    @Override
    public String type() {
        return type;
    }

    @Override
    public String spiVersion() {
        return spiVersion;
    }

    @Override
    public Set<Capability> capabilities() {
        return provider.capabilities();
    }

    @Override
    public BrokerFactory settings(Settings settings) {
        try {
            BrokerFactory factory = read(settings);
            return context -> {
                try {
                    return call("it cannot connect", () -> factory.connect(context));
                } catch (BrokenPluginException e) {
                    throw failed(e);
                }
            };
        } catch (BrokenPluginException e) {
            throw failed(e);
        }
    }

    /** As {@link #settings}, but tells a mistake in the settings from one in the folder. */
    BrokerFactory read(Settings settings) throws BrokenPluginException {
        return call("it cannot read its settings", () -> provider.settings(settings));
    }

    private <T> T call(String step, Supplier<T> code) throws BrokenPluginException {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(provider.getClass().getClassLoader());
        try {
            return code.get();
        } catch (BrokerException e) {
            throw e;
        } catch (LinkageError | RuntimeException e) {
            throw new BrokenPluginException(
                    new BrokenPlugin(folder, jar, type, Faults.of(step, e)), e);
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    private static BrokerConfigurationException failed(BrokenPluginException e) {
        return new BrokerConfigurationException(
                "the plugin cannot be used: " + e.broken().line(), e.getCause());
    }
}
