package dev.longwave.broker;

import java.util.Set;

/**
 * Provides brokers of one type, in two steps: first it reads all settings, then it connects.
 *
 * <p>The server finds providers with {@link java.util.ServiceLoader} on the class path and in
 * {@code plugins/<name>/*.jar}. A provider is stateless, and has a public constructor without
 * parameters.
 */
public interface BrokerProvider {

    /**
     * {@return the value of {@code broker.type} that selects this provider: lower-case letters,
     * digits, and dashes} If two providers have the same type, the server does not start.
     */
    String type();

    /**
     * {@return the SPI version that this provider was compiled against} Every implementation is
     *
     * <pre>{@code
     * public String spiVersion() {
     *     return SpiVersion.CURRENT;
     * }
     * }</pre>
     *
     * <p>It cannot be inherited: the compiler copies the constant into the class that names it,
     * which is how the server learns what an old jar expects. A server refuses to start with a
     * provider that it is not {@linkplain SpiVersion#accepts compatible} with.
     */
    String spiVersion();

    /**
     * {@return what brokers of this type can do at most, whatever their settings and servers} A
     * connected broker declares for itself what it can do: {@link Broker#capabilities()}. This is
     * for people who choose a broker, and lets the contract tests skip a test before they connect.
     * The default is empty: the provider does not say.
     */
    default Set<Capability> capabilities() {
        return Set.of();
    }

    /**
     * Reads and checks all settings of this type of broker, and does nothing else: no connection is
     * made, no thread starts, and nothing on a server changes. The server then refuses to start if
     * any setting is left that nobody has read; only after that it connects.
     *
     * <p>Also called with no settings at all, to list the settings that exist. So each setting is
     * read even if others are missing.
     *
     * @param settings what is configured under {@code broker.<type>}
     * @return what connects with these settings
     * @throws BrokerConfigurationException if a setting is wrong
     */
    BrokerFactory settings(Settings settings);
}
