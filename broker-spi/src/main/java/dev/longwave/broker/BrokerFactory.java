package dev.longwave.broker;

/** Connects a broker whose settings have been read: the second step of {@link BrokerProvider}. */
public interface BrokerFactory {

    /**
     * {@return a broker, connected}
     *
     * @param context what the server gives to it
     * @throws BrokerConfigurationException if the settings do not fit the servers
     * @throws BrokerUnavailableException if the servers cannot be reached
     */
    Broker connect(BrokerContext context);
}
