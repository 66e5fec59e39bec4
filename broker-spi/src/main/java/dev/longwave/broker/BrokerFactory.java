package dev.longwave.broker;

/** Connects a broker whose settings have been read: the second step of {@link BrokerProvider}. */
public interface BrokerFactory {

    /**
     * {@return a broker, connected}
     *
     * <p>If it fails, it leaves nothing behind: no connection, and no thread. The server may call
     * it again after a {@link BrokerUnavailableException}, with the same context: a node can wait
     * for its servers when it starts.
     *
     * @param context what the server gives to it
     * @throws BrokerConfigurationException if the settings do not fit the servers
     * @throws BrokerUnavailableException if the servers cannot be reached, or are not ready yet.
     *     Its {@linkplain Throwable#getCause() causes} are shown to the operator, so they belong in
     *     there
     */
    Broker connect(BrokerContext context);
}
