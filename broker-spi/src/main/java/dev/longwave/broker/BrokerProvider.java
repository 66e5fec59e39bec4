package dev.longwave.broker;

/**
 * Makes brokers of one type. Found by {@link java.util.ServiceLoader} on the class path and in
 * {@code plugins/<name>/*.jar}; stateless, with a public constructor without arguments.
 */
public interface BrokerProvider {

    /**
     * {@return the value of {@code broker.type} that selects this provider: lower-case letters,
     * digits and dashes. Two providers of one type stop the start}
     */
    String type();

    /**
     * {@return a broker, connected}
     *
     * @param context what it is made with
     * @throws BrokerConfigurationException if the settings are wrong or do not fit the servers
     * @throws BrokerUnavailableException if the servers cannot be reached
     */
    Broker create(BrokerContext context);
}
